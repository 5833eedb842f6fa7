#include "core/sync/planner/reuse.h"

#include <algorithm>
#include <cstring>

namespace postern::sync {
namespace {

constexpr std::uint64_t kWorthAsking = 100;  // messages of a server that names contents, without any other sign
constexpr std::size_t kHandful = 5;
constexpr std::size_t kOneIn = 100;

/// The finaliser of SplitMix64: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

std::uint64_t key_of(std::uint64_t size, const InternalDate& date) {
  return mixed(mixed(size) + static_cast<std::uint64_t>(date.unix_seconds));
}

std::uint64_t lot_of(Uid uid, const Digest& digest) {
  std::uint64_t head = 0;
  std::memcpy(&head, digest.octets().data(), sizeof head);
  return mixed(head ^ uid.value());
}

}  // namespace

bool has_lost_messages(const std::optional<SourceCursor>& cursor, const MailboxStatus& stated) {
  if (!cursor || !stated.messages || stated.uidnext == 0 || stated.uidvalidity != cursor->uidvalidity) return false;
  if (cursor->uidnext == 0 || stated.uidnext < cursor->uidnext) return *stated.messages < cursor->messages;
  return *stated.messages < std::uint64_t{cursor->messages} + (stated.uidnext - cursor->uidnext);
}

bool asks_before_fetching(const ReuseSigns& signs, std::uint64_t messages) {
  if (messages == 0) return false;
  if (signs.new_generation || signs.others_lost || signs.labels) return true;
  if (signs.first_pull && signs.any_mailbox_gone) return true;
  return signs.email_ids && messages >= kWorthAsking;
}

void ReuseCandidates::add(const Entry& entry) {
  if (full()) return;
  const std::pair group(entry.place.mailbox, entry.place.uidvalidity);
  const auto [known, fresh] = group_ids_.emplace(group, static_cast<std::uint32_t>(groups_.size()));
  if (fresh) groups_.push_back(group);
  all_.push_back({key_of(entry.size, entry.internaldate), known->second, entry.place.uid.value()});
}

std::vector<Place> ReuseCandidates::find(std::uint64_t size, const InternalDate& date) {
  const auto before = [](const Candidate& a, const Candidate& b) { return a.key < b.key; };
  if (sorted_ != all_.size()) {
    const auto fresh = all_.begin() + static_cast<std::ptrdiff_t>(sorted_);
    std::sort(fresh, all_.end(), before);
    std::inplace_merge(all_.begin(), fresh, all_.end(), before);
    sorted_ = all_.size();
  }
  const auto [first, last] = std::equal_range(all_.begin(), all_.end(), Candidate{key_of(size, date), 0, 0}, before);
  std::vector<Place> places;
  if (static_cast<std::size_t>(last - first) > 2 * kMostFits) return places;  // read twice at most
  for (auto it = first; it != last; ++it) {
    places.push_back({groups_[it->group].first, groups_[it->group].second, Uid(it->uid)});
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  if (places.size() > kMostFits) places.clear();
  return places;
}

ReuseVerdict judge(const ReuseMatch& match, const std::map<Digest, Identity>& held, bool exact_sizes) {
  using Kind = ReuseVerdict::Kind;
  ReuseVerdict verdict;
  std::size_t fits = 0;
  for (const Digest& digest : match.digests) {
    const auto identity = held.find(digest);
    if (identity == held.end()) continue;
    const bool size_fits = identity->second.size == match.message.stated_size || (match.by_email_id && !exact_sizes);
    if (!size_fits || !match.message.header || identity->second.header != *match.message.header) continue;
    verdict.digest = digest;
    ++fits;
  }
  if (fits == 1) {
    verdict.kind = Kind::proven;
  } else if (fits == 0 && match.by_email_id && !match.digests.empty()) {
    verdict = {Kind::doubtful, match.digests.front()};
  }
  return verdict;
}

std::vector<std::size_t> choose_samples(const std::vector<std::pair<Uid, Digest>>& proven) {
  std::vector<std::pair<std::uint64_t, std::size_t>> lots;
  for (std::size_t i = 0; i < proven.size(); ++i) lots.emplace_back(lot_of(proven[i].first, proven[i].second), i);
  std::vector<std::size_t> chosen;
  if (proven.size() <= kHandful) {
    for (const auto& [lot, index] : lots) {
      if (lot % kOneIn == 0) chosen.push_back(index);
    }
    return chosen;
  }
  const std::size_t count = std::max<std::size_t>(1, proven.size() / kOneIn);
  std::partial_sort(lots.begin(), lots.begin() + static_cast<std::ptrdiff_t>(count), lots.end());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(lots[i].second);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace postern::sync
