#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/sync/engine/context.h"
#include "core/sync/planner/guard.h"
#include "core/sync/planner/history_fold.h"
#include "core/sync/planner/moves.h"

namespace postern::sync {

/// What has left a mailbox of the source, and what came into it from others, for the target to follow.
struct Departures {
  UidSet deletions;         // at the source: their target messages go to the trash, or go
  UidSet returned;          // had vanished and are back: whether their target messages are still there is not known
  std::vector<Move> moves;  // into this mailbox
  bool gone = false;        // the source's mailbox itself is gone and the guard has nothing against it
  std::optional<GuardHold> hold;  // with `settles_hold`: what is still held once `deletions` are carried out
  bool settles_hold = false;      // the hold of the vault is released, or replaced, once they are

  bool empty() const { return deletions.empty() && returned.empty() && moves.empty() && !gone && !settles_hold; }
};

/// Decides, from the vault alone, what leaves the mailboxes of a target, and makes durable what the guard holds of it:
/// afterwards the target's cursor may pass the rows. Holds are reported in each pass. With `deletes: keep` nothing but
/// moves that may stay within one target mailbox.
Task<Result<std::map<MailboxId, Departures>>> plan_departures(Context& context, TargetId target,
                                                              const HistoryFold& fold,
                                                              const std::vector<MailboxRecord>& mailboxes,
                                                              const std::map<MailboxId, TargetMailboxRecord>& recorded);

}  // namespace postern::sync
