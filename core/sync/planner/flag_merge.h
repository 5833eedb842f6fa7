#pragma once

#include <map>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// Which flags a target mailbox keeps.
struct FlagSupport {
  bool any_keyword = true;
  FlagSet permanent;  // empty together with any_keyword: not stated, everything may be tried (RFC 9051 §7.1)
};

/// The part of `flags` that is replayed: what the target keeps, never \Deleted (deletes: keep), only well-formed flags.
FlagSet replayable(const FlagSet& flags, const FlagSupport& support);

/// What replayable() leaves out although it would be replayed to a target that keeps it: for the report.
FlagSet not_kept(const FlagSet& flags, const FlagSupport& support);

/// Three-way merge. A flag changed at the source since both sides agreed is changed on the target; a flag changed on
/// the target alone stays as a person left it. Both having changed it is no conflict: it can only have become the same.
/// `wanted` is replayable(). Gives what the target is told; afterwards both agree on `wanted`.
FlagDelta target_delta(const FlagSet& agreed, const FlagSet& wanted);

/// The merge's result for a target whose flags are `target`: what I9 asks for when all is quiet.
FlagSet merged(const FlagSet& agreed, const FlagSet& wanted, const FlagSet& target);

/// What both sides are taken to have agreed on when a message that was there already is adopted: what is set on both,
/// so that the source's flags are added and none of the target's own is taken away.
FlagSet agreed_on_adoption(const FlagSet& wanted, const FlagSet& target);

/// Flag changes gathered so that each different change is one STORE over a set of UIDs.
class FlagGroups {
 public:
  void add(Uid target_uid, FlagDelta delta) { groups_[std::move(delta)].add(target_uid); }
  const std::map<FlagDelta, UidSet>& groups() const { return groups_; }

 private:
  std::map<FlagDelta, UidSet> groups_;
};

}  // namespace postern::sync
