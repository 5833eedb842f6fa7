#include "core/sync/engine/entry_reader.h"

#include <algorithm>
#include <utility>

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 2'000;  // entries read at a time, at most
constexpr std::size_t kAlong = 16;    // so many that nobody wants are read along with one that is wanted
constexpr std::size_t kPace = 8;      // pages grow and shrink by this

/// Moves the wanted ones of `page` over and leaves `range` where the next are looked for; how many they were.
std::size_t take_wanted(std::vector<Entry>& page, std::vector<UidRange>::const_iterator& range,
                        std::vector<Entry>& found) {
  std::size_t wanted = 0;
  for (Entry& entry : page) {
    const std::uint32_t uid = entry.place.uid.value();
    while (range->last < uid) ++range;
    if (uid < range->first) continue;
    found.push_back(std::move(entry));
    ++wanted;
  }
  return wanted;
}

}  // namespace

Task<Result<std::vector<Entry>>> entries_of(Vault& vault, MailboxId mailbox, UidValidity uidvalidity, UidSet uids) {
  std::vector<Entry> found;
  if (uids.empty()) co_return found;
  const std::uint32_t last = uids.max().value();
  auto range = uids.ranges().begin();
  std::uint32_t first = range->first;
  std::size_t limit = std::min<std::uint64_t>(kPage, kAlong * uids.size());
  for (;;) {
    auto page = co_await vault.entries(mailbox, uidvalidity, {first, last}, limit);
    if (!page) co_return fail(page.error());
    if (page->empty()) co_return found;
    const std::uint32_t read = page->back().place.uid.value();
    const bool more = page->size() == limit && read < last;
    const std::size_t wanted = take_wanted(*page, range, found);
    if (!more) co_return found;
    if (range->last == read) ++range;
    first = std::max(read + 1, range->first);
    limit = wanted * kAlong >= limit ? std::min(kPage, limit * kPace) : std::max(kAlong, limit / kPace);
  }
}

}  // namespace postern::sync
