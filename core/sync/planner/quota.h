#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// What room the quota roots of a target leave (RFC 9208), from what the target stated last and what was sent since.
/// Shared by the mailboxes of a pass, which share roots. A server counts storage in units of 1024 octets and does not
/// say how it rounds: only what fits in no way is held to exceed a limit, the rest is for the server to refuse.
class Quotas {
 public:
  /// The roots that a mailbox's messages count against.
  using Roots = std::vector<std::string>;

  /// What the target states of one mailbox, in the place of what was known of these roots. A limit of 0, or one that no
  /// disk has, is how servers say that there is none.
  Roots learn(const std::vector<QuotaLimit>& stated);
  /// The first limit under which one more message of so many octets has no room.
  std::optional<QuotaLimit> exceeded(const Roots& roots, std::uint64_t octets) const;
  /// A message is on its way.
  void sent(const Roots& roots, std::uint64_t octets);
  /// Whether something was sent since the target stated what it did.
  bool is_estimate(const Roots& roots) const;

 private:
  struct Known {
    QuotaLimit stated;
    std::uint64_t sent_octets = 0;
    std::uint64_t sent_messages = 0;
  };
  std::map<std::string, std::vector<Known>, std::less<>> by_root_;
};

/// Messages that are not sent because they exceed a limit.
struct OverQuota {
  QuotaLimit limit;
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;
  std::uint64_t smallest = 0;  // octets of one message

  void add(std::uint64_t size);
  /// The same of another mailbox.
  void add(const OverQuota& other);
};

/// What a person is told about messages that wait for room.
Error over_quota_error(const OverQuota& over);

/// What to do about a target that is full.
inline constexpr std::string_view kQuotaRemedy =
    "make room on the target or raise its quota; the vault goes on, and the target follows then";

}  // namespace postern::sync
