#pragma once

#include <utility>

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
  /// What became of the messages of a run that were sent one by one.
  struct Answers {
    std::vector<Entry> stored;
    std::vector<Uid> uids;    // of these, as far as they are believed
    std::vector<Entry> open;  // may be there or not
    std::vector<std::pair<Entry, Error>> guilty;
    std::optional<Error> broken;  // why the run does not go on
  };
  void answered(Entry entry, const AppendOutcome& outcome, Answers& answers);
  Task<Result<void>> stored_in_part(IntentId intent, const Answers& answers);
  Task<Result<IntentId>> put_intent(const std::vector<Entry>& entries, std::uint32_t uidnext);
  std::vector<AppendItem> to_send(const std::vector<Sent>& batch) const;
  Task<Result<void>> stored(IntentId intent, std::vector<Entry> entries, std::vector<Uid> uids);
  Task<Result<void>> refused(std::vector<Entry> entries, Error error);
  Task<Result<void>> quarantine_damaged(std::vector<Entry> entries);
  Task<Result<void>> quarantine(const Entry& entry, const Error& why);
  std::vector<Uid> believable(const AppendOutcome& outcome, std::size_t count) const;

  TargetMailbox& mailbox_;
  Reconcile& reconcile_;
  std::uint32_t intent_from_ = 1;  // the target's UIDNEXT before the run that is being sent
};

}  // namespace postern::sync
