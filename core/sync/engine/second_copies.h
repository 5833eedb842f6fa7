#pragma once

#include "core/sync/engine/reconcile.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Looks in the opened target mailbox for what came to light of messages in doubt: as long as nothing is bound to the
/// message, it is the message; then it is a second copy, which is reported and never deleted.
class SecondCopies {
 public:
  SecondCopies(TargetMailbox& mailbox, Reconcile& reconcile) : mailbox_(mailbox), reconcile_(reconcile) {}

  struct Found {  // source UIDs
    UidSet bound;
    UidSet unclear;  // what may be they cannot be read: they must not be sent
  };
  /// Before anything is sent: binds what is there.
  Task<Result<Found>> bind_found();
  /// At the end of the mailbox's turn. Waits for the rest of the settle time of APPENDs that were given up before,
  /// which looks without change have cut short.
  Task<Result<void>> report();

 private:
  Task<Result<void>> wait_until_settled();
  Task<Result<void>> look();
  Task<Result<UidSet>> still_there(UidSet uids);

  TargetMailbox& mailbox_;
  Reconcile& reconcile_;
};

}  // namespace postern::sync
