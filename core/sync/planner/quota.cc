#include "core/sync/planner/quota.h"

#include <algorithm>

namespace postern::sync {
namespace {

constexpr std::uint64_t kUnit = 1024;                       // RFC 9208 §5.1
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 50;  // units; what is at or above it fits anywhere
// What one pass remembers; a server that states more refuses by itself what does not fit.
constexpr std::size_t kMostRoots = 1'000;
constexpr std::size_t kMostLimits = 16;  // of a root

bool has_room(const QuotaLimit& stated, std::uint64_t sent_octets, std::uint64_t sent_messages, std::uint64_t octets) {
  if (stated.limit == 0 || stated.limit >= kNoLimit) return true;
  const std::uint64_t used = std::min(stated.used, kNoLimit);
  if (stated.resource == QuotaLimit::Resource::messages) return used + sent_messages < stated.limit;
  const std::uint64_t most = stated.limit * kUnit + (kUnit - 1);            // it may have been rounded down
  const std::uint64_t least_used = used == 0 ? 0 : (used - 1) * kUnit + 1;  // … and this up
  const std::uint64_t taken = least_used + std::min(sent_octets, kNoLimit * kUnit);
  return taken <= most && octets <= most - taken;
}

std::string in_use(const QuotaLimit& limit) {
  const bool storage = limit.resource == QuotaLimit::Resource::storage;
  return std::to_string(limit.used) + " of " + std::to_string(limit.limit) + (storage ? " KiB" : " messages") +
         " in use";
}

}  // namespace

Quotas::Roots Quotas::learn(const std::vector<QuotaLimit>& stated) {
  Roots roots;
  for (const QuotaLimit& limit : stated) {
    if (std::find(roots.begin(), roots.end(), limit.root) == roots.end()) {
      if (by_root_.size() >= kMostRoots && !by_root_.contains(limit.root)) continue;
      roots.push_back(limit.root);
      by_root_[limit.root].clear();
    }
    std::vector<Known>& known = by_root_[limit.root];
    if (known.size() < kMostLimits) known.push_back({limit});
  }
  return roots;
}

std::optional<QuotaLimit> Quotas::exceeded(const Roots& roots, std::uint64_t octets) const {
  for (const std::string& root : roots) {
    const auto known = by_root_.find(root);
    if (known == by_root_.end()) continue;
    for (const Known& one : known->second) {
      if (!has_room(one.stated, one.sent_octets, one.sent_messages, octets)) return one.stated;
    }
  }
  return std::nullopt;
}

void Quotas::sent(const Roots& roots, std::uint64_t octets) {
  for (const std::string& root : roots) {
    for (Known& one : by_root_[root]) {
      one.sent_octets += octets;
      ++one.sent_messages;
    }
  }
}

bool Quotas::is_estimate(const Roots& roots) const {
  return std::any_of(roots.begin(), roots.end(), [&](const std::string& root) {
    const auto known = by_root_.find(root);
    return known != by_root_.end() && !known->second.empty() && known->second.front().sent_messages != 0;
  });
}

void OverQuota::add(std::uint64_t size) {
  smallest = messages == 0 ? size : std::min(smallest, size);
  octets += size;
  ++messages;
}

void OverQuota::add(const OverQuota& other) {
  if (other.messages == 0) return;
  limit = other.limit;
  smallest = messages == 0 ? other.smallest : std::min(smallest, other.smallest);
  octets += other.octets;
  messages += other.messages;
}

Error over_quota_error(const OverQuota& over) {
  const bool one = over.messages == 1;
  Error error(ErrorKind::quota, std::to_string(over.messages) + (one ? " message of " : " messages of ") +
                                    std::to_string(over.octets) + " octets " + (one ? "does" : "do") + " not fit and " +
                                    (one ? "waits" : "wait") + ": its quota root \"" + over.limit.root + "\" has " +
                                    in_use(over.limit) +
                                    (one ? "" : ", the smallest needs " + std::to_string(over.smallest) + " octets"));
  error.remedy(std::string(kQuotaRemedy));
  return error;
}

}  // namespace postern::sync
