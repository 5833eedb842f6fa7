#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/event.h"

namespace postern::daemon {

/// What of a set of UIDs is still to be asked for, where a server deals with a limited number of messages a command: it
/// says down to which UID it came (MESSAGELIMIT, RFC 9738), or it was asked for one page from the lowest UID up
/// (PARTIAL, RFC 9394). No answer that was cut short is taken for the whole. Pure.
class Remaining {
 public:
  /// Gives up after `most` commands: a server may not keep us busy with answers that hardly get on.
  Remaining(UidSet all, std::uint64_t most) : left_(most) {
    if (!all.empty()) parts_.push_back(std::move(all));
  }

  /// What the next command names; null when all has been answered.
  const UidSet* next() const { return parts_.empty() ? nullptr : &parts_.back(); }

  /// The answer to the command that named next(): its end, and the UIDs it told of. `page`: it was asked for one page
  /// of at most so many. What it told beyond them was not asked for (another client's change of a flag, told in
  /// between) and says nothing of the UIDs below it: the page ends at the page-th UID from the lowest up. Refused with
  /// [MESSAGELIMIT], or cut short without a word how far it came, it is asked for again in halves. Fails with the
  /// server's own refusal, and when the answers do not get on.
  Result<void> answered(const imap::Tagged& tagged, const UidSet& told, std::optional<std::uint32_t> page);

 private:
  Result<void> halve(const UidSet& part);

  std::vector<UidSet> parts_;  // disjoint, the next one last
  std::uint64_t left_;
};

}  // namespace postern::daemon
