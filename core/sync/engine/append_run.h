#pragma once

#include "core/sync/engine/reconcile.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Appends entries to the opened target mailbox in batches: a durable intent first, then the command, then the bindings
/// and the end of the intent in one batch. A message that is refused is quarantined and the rest goes on; a refused
/// batch is halved until the guilty message stands alone.
class AppendRun {
 public:
  AppendRun(TargetMailbox& mailbox, Reconcile& reconcile) : mailbox_(mailbox), reconcile_(reconcile) {}

  Task<Result<void>> run(std::vector<Entry> entries);

 private:
  struct Sent {
    Entry entry;
    std::unique_ptr<OctetSource> octets;
  };
  Task<Result<std::vector<Entry>>> sendable(std::vector<Entry> entries);
  Task<Result<void>> send(std::vector<Entry> batch);
  Task<Result<void>> send_at_once(IntentId intent, std::vector<Sent> batch);
  Task<Result<void>> send_one_by_one(IntentId intent, std::vector<Sent> batch);
  Task<AppendOutcome> append(std::vector<Sent>& batch, std::size_t from, std::size_t count);
  Task<Result<void>> stored(IntentId intent, std::vector<Entry> entries, std::vector<Uid> uids);
  Task<Result<void>> refused(std::vector<Entry> entries, Error error);
  Task<Result<void>> quarantine_damaged(std::vector<Entry> entries);
  Task<Result<void>> quarantine(const Entry& entry, const Error& why);
  std::vector<Uid> believable(const AppendOutcome& outcome, std::size_t count) const;

  TargetMailbox& mailbox_;
  Reconcile& reconcile_;
};

}  // namespace postern::sync
