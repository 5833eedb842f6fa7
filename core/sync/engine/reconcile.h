#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Finds out what became of an APPEND whose answer is not known (sync invariant I4). Items found among the unbound
/// target messages from the intent's UIDNEXT on are bound; for the others it waits until the old connection cannot be
/// committing any more, then ends the intent: they may be sent again.
class Reconcile {
 public:
  explicit Reconcile(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// All intents of the mailbox. Gives the source UIDs to be sent again.
  Task<Result<UidSet>> run(std::vector<Intent> intents);
  /// One look, without waiting: binds what is found. Gives the entries still missing. `entries` have the flags they
  /// were sent with.
  Task<Result<std::vector<Entry>>> look(std::vector<Entry> entries, std::uint32_t first);
  /// At the end: a message that was sent again after all stands there twice? It is reported, never deleted.
  Task<Result<void>> report_late_twins();

 private:
  struct Resent {
    std::vector<Entry> entries;
    std::uint32_t first = 1;
  };
  Task<Result<std::vector<Entry>>> unbound_entries(std::vector<Intent::Item> items);
  Task<Result<void>> settle(Intent intent);

  TargetMailbox& mailbox_;
  UidSet again_;
  std::vector<Resent> resent_;
};

}  // namespace postern::sync
