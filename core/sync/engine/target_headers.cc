#include "core/sync/engine/target_headers.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kWitnesses = 50;

/// Some of `shown` are, by header or by INTERNALDATE, what `ours` were, which are bound to `uids`.
bool is_any_like(const std::vector<Wanted>& ours, const std::vector<Uid>& uids,
                 const std::vector<TargetMessage>& shown) {
  std::map<Uid, const Wanted*> bound;
  for (std::size_t i = 0; i < ours.size(); ++i) bound.emplace(uids[i], &ours[i]);
  return std::any_of(shown.begin(), shown.end(), [&](const TargetMessage& one) {
    const auto own = bound.find(one.uid);
    if (own == bound.end()) return false;
    return one.identity.header == own->second->identity.header || one.internaldate.unix_seconds == own->second->instant;
  });
}

Task<Result<std::vector<BoundMessage>>> bound_first(TargetMailbox& mailbox) {
  Vault& vault = mailbox.context().vault;
  std::vector<BoundMessage> found;
  for (const MailboxId source : mailbox.sharers()) {
    auto page = co_await vault.all_bindings(mailbox.id(), source, std::nullopt, kPage);
    if (!page) co_return fail(page.error());
    for (Binding& one : *page) {
      if (one.target_uidvalidity != mailbox.opened().uidvalidity || found.size() == kWitnesses) continue;
      const UidRange uid{one.place.uid.value(), one.place.uid.value()};
      auto entry = co_await vault.entries(one.place.mailbox, one.place.uidvalidity, uid, 1);
      if (!entry) co_return fail(entry.error());
      if (!entry->empty()) found.push_back({std::move(entry->front()), std::move(one)});
    }
  }
  co_return found;
}

}  // namespace

Task<Result<TargetHeaders>> read_headers(TargetMailbox& mailbox, UidSet uids) {
  TargetHeaders headers;
  std::vector<UidSet> left = uids.split(kPage);
  while (!left.empty()) {
    const UidSet part = std::move(left.back());
    left.pop_back();
    auto shown = co_await mailbox.target().messages(part, mailbox.context().wait);
    if (shown) {
      std::move(shown->begin(), shown->end(), std::back_inserter(headers.shown));
    } else if (!refuses_change(shown.error()) || !worth_splitting(shown.error())) {
      co_return fail(shown.error());
    } else if (part.size() == 1) {
      headers.refused = headers.refused.united(part);
    } else {
      for (UidSet& half : part.split((part.size() + 1) / 2)) left.push_back(std::move(half));
    }
  }
  co_return headers;
}

Task<Result<bool>> tells_anothers(TargetMailbox& mailbox, const std::vector<Wanted>& ours, const std::vector<Uid>& uids,
                                  const std::vector<TargetMessage>& shown) {
  if (is_any_like(ours, uids, shown)) co_return true;
  auto first = co_await bound_first(mailbox);
  if (!first) co_return fail(first.error());
  std::vector<Uid> first_uids;
  UidSet asked;
  for (const BoundMessage& one : *first) {
    first_uids.push_back(one.binding.target_uid);
    asked.add(one.binding.target_uid);
  }
  auto theirs = co_await identities_of(mailbox, *first);
  if (!theirs) co_return fail(theirs.error());
  auto headers = co_await read_headers(mailbox, std::move(asked));
  if (!headers) co_return fail(headers.error());
  co_return is_any_like(*theirs, first_uids, headers->shown);
}

Task<Result<std::vector<Wanted>>> identities_of(TargetMailbox& mailbox, std::vector<BoundMessage>& messages) {
  std::vector<Entry> entries;
  for (BoundMessage& one : messages) entries.push_back(std::move(one.entry));
  auto ours = co_await mailbox.wanted(std::move(entries));
  co_return ours;
}

}  // namespace postern::sync
