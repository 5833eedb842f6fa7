#include "core/sync/planner/guard.h"

#include <algorithm>
#include <utility>

namespace postern::sync {
namespace {

/// Of `of` messages `deletions` are to go; `asked` of them nobody has let through.
std::optional<GuardHold::Reason> too_much(std::uint64_t asked, std::uint64_t deletions, std::uint64_t of,
                                          const GuardLimits& limits) {
  if (asked == 0) return std::nullopt;
  if (of > limits.emptied && deletions >= of) return GuardHold::Reason::emptied;
  if (is_mass(asked, of, limits)) return GuardHold::Reason::many;
  return std::nullopt;
}

}  // namespace

bool is_mass(std::uint64_t messages, std::uint64_t of, const GuardLimits& limits) {
  // Multiplied rather than divided: a share of a message is no message.
  return messages > limits.messages && messages * 100 > of * limits.percent;
}

std::vector<GuardVerdict> guard(const std::vector<PendingDeletions>& pending, const GuardLimits& limits,
                                bool other_account) {
  const auto gone = std::count_if(pending.begin(), pending.end(), [](const auto& one) { return one.gone; });
  const bool landslide = static_cast<std::size_t>(gone) > limits.mailboxes;
  std::vector<GuardVerdict> verdicts;
  for (const PendingDeletions& one : pending) {
    const UidSet asked = one.vanished.united(one.held).without(one.acknowledged);
    std::optional<GuardHold::Reason> reason;
    if (other_account && (!asked.empty() || one.gone)) {
      reason = GuardHold::Reason::other_account;
    } else if (one.reverted && !asked.empty()) {
      reason = GuardHold::Reason::server_reverted;
    } else if (landslide && one.gone) {
      reason = GuardHold::Reason::mailboxes_vanished;
    } else {
      reason = too_much(asked.size(), asked.size() + one.acknowledged.size(), one.of, limits);
    }
    GuardVerdict verdict{one.mailbox, one.acknowledged, one.held.without(one.acknowledged), reason};
    if (reason) {
      verdict.hold = asked;
    } else {
      verdict.carry_out = verdict.carry_out.united(one.vanished);
      if (!verdict.hold.empty()) verdict.reason = one.held_for;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace postern::sync
