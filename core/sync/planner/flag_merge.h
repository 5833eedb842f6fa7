#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// Which flags a target mailbox keeps.
struct FlagSupport {
  bool any_keyword = true;
  FlagSet permanent;     // empty together with any_keyword: not stated, everything may be tried (RFC 9051 §7.1)
  bool deleted = false;  // \\Deleted is replayed too (deletes: mirror)
};

/// The part of `flags` that is replayed: what the target keeps, \Deleted only where it is asked for, only well-formed
/// flags.
FlagSet replayable(const FlagSet& flags, const FlagSupport& support);

/// What replayable() leaves out although it would be replayed to a target that keeps it: for the report.
FlagSet not_kept(const FlagSet& flags, const FlagSupport& support);

/// Whose flag changes are carried over.
enum class FlagMode : std::uint8_t {
  replay,   // the source's, to the target
  two_way,  // the target's own too, to the source
};

/// What a merge comes to.
struct FlagMerge {
  FlagDelta to_target;
  FlagDelta to_source;  // two_way alone
  FlagSet agreed;       // afterwards
  friend bool operator==(const FlagMerge&, const FlagMerge&) = default;
};

/// Three-way merge, flag by flag. Changed at the source since both sides agreed: changed on the target. Changed on the
/// target alone: stays as a person left it, and with `two_way` is changed at the source. Both having changed it is no
/// conflict: it can only have become the same. `source` is replayable(), and so is `target` with `two_way`.
FlagMerge merge_flags(FlagMode mode, const FlagSet& agreed, const FlagSet& source, const FlagSet& target);

/// What a message's flags on the target come to at the source, with FlagMode::two_way.
struct OwnChange {
  FlagSet agreed;       // before the source is told
  FlagDelta to_source;  // never \Deleted
};

/// `first`: the target's flags were never looked at since the message came there. What is agreed was sent then and not
/// seen, so that a flag which is missing may just not have been kept: it is not agreed on, and stays at the source.
OwnChange own_change(const FlagSet& agreed, const FlagSet& source, const FlagSet& target, bool first);

/// What a target whose flags are not known is told with FlagMode::replay; afterwards both agree on `wanted`.
FlagDelta target_delta(const FlagSet& agreed, const FlagSet& wanted);

/// What both sides are taken to have agreed on when a message that was there already is adopted: what is set on both,
/// so that the source's flags are added and none of the target's own is taken away.
FlagSet agreed_on_adoption(const FlagSet& wanted, const FlagSet& target);

/// What both sides agree on after a STORE of `delta` of which nobody knows whether it was carried out, in part or in
/// whole, or not at all: each flag that is now on the target as the STORE would have it. The others are told again, if
/// the source still has them so.
FlagSet agreed_after_store(const FlagSet& agreed, const FlagDelta& delta, const FlagSet& now);

/// A message of such a STORE.
struct StoreSeen {
  FlagSet agreed;  // before it
  FlagSet now;
  ModSeq modseq;  // 0: not stated
};

/// The mod-sequence at which the STORE is known to have been carried out, from a message that it has changed; none:
/// not known. `since`: none of the messages was above it before.
std::optional<ModSeq> carried_out(const FlagDelta& delta, ModSeq since, const std::vector<StoreSeen>& messages);

/// The same of one message, with mod-sequences: what changed after the STORE was carried out, or has changed and is as
/// it was before, was changed back by somebody since. That stands (I9): both sides agree on what the STORE brought.
FlagSet agreed_after_store(const StoreSeen& message, const FlagDelta& delta, ModSeq since,
                           std::optional<ModSeq> carried);

/// Flag changes gathered so that each different change is one STORE over a set of UIDs.
class FlagGroups {
 public:
  void add(Uid uid, FlagDelta delta) { groups_[std::move(delta)].add(uid); }
  const std::map<FlagDelta, UidSet>& groups() const { return groups_; }

 private:
  std::map<FlagDelta, UidSet> groups_;
};

}  // namespace postern::sync
