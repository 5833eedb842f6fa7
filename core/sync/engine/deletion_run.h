#pragma once

#include "core/sync/engine/bound_check.h"
#include "core/sync/engine/departure_plan.h"
#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/trash.h"

namespace postern::sync {

/// Carries out what the guard lets through in one target mailbox: of bound messages alone, of the UIDVALIDITY under
/// which they were bound, and of exactly their UIDs. Each leaves an audit row in the batch that unbinds it. Done again
/// after an interruption it finds nothing left.
class DeletionRun {
 public:
  DeletionRun(TargetMailbox& mailbox, const Departures& departures, const TrashMailbox& trash)
      : mailbox_(mailbox), departures_(departures), trash_(trash) {}

  Task<Result<void>> run();

 private:
  Task<Result<std::vector<BoundMessage>>> doomed(UidSet uids);
  Task<Result<void>> leave_doubtful(std::vector<BoundMessage>& doomed);
  Task<Result<void>> carry_out(std::vector<BoundMessage> doomed);
  Task<Result<void>> to_trash(UidSet uids);

  TargetMailbox& mailbox_;
  const Departures& departures_;
  const TrashMailbox& trash_;
};

/// Bound messages of `returned`, source UIDs, that the target lost to a deletion of which nobody knew whether it was
/// done: unbound, so that they are sent again.
Task<Result<void>> unbind_lost(TargetMailbox& mailbox, UidSet returned);

/// With `deletes: mirror`: removes a target mailbox whose source is gone, when nothing is in it and nothing below it.
Task<Result<void>> remove_emptied(Context& context, Target& target, MailboxName name);

}  // namespace postern::sync
