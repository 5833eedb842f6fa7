#pragma once

#include <set>
#include <utility>

#include "core/sync/engine/quota_watch.h"
#include "core/sync/engine/reconcile.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Appends entries to the opened target mailbox in batches: a durable intent first, then the command, then the
/// bindings. The intents end when the target has been seen to have as many messages more, under the UIDs it gave: until
/// then a further session would look for them again. A message that is refused is quarantined and the rest goes on; a
/// refused batch is halved until the guilty message stands alone.
class AppendRun {
 public:
  AppendRun(TargetMailbox& mailbox, Reconcile& reconcile) : mailbox_(mailbox), reconcile_(reconcile), quota_(mailbox) {}

  Task<Result<void>> run(std::vector<Entry> entries);
  /// Whether the target had no room for some of them: they were not sent.
  bool kept_back() const { return quota_.kept_back(); }

 private:
  struct Sent {
    Entry entry;
    std::unique_ptr<OctetSource> octets;
  };
  Task<Result<std::vector<Entry>>> sendable(std::vector<Entry> entries);
  Task<Result<void>> send(std::vector<Entry> batch);
  Task<Result<void>> send_all(const std::vector<Entry>& entries);
  Task<Result<std::vector<Entry>>> prove();
  bool proved() const;
  enum class Which : std::uint8_t { swallowed, all };
  Task<Result<std::vector<Entry>>> give_up(std::vector<Entry> entries, Which which);
  Task<Result<void>> release(const std::vector<Place>& places);
  Task<Result<void>> send_at_once(Intent intent, std::vector<Sent> batch);
  Task<Result<void>> send_one_by_one(Intent intent, std::vector<Sent> batch);
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
  Task<Result<Intent>> only_stored(Intent intent, const std::vector<Entry>& stored);
  Task<Result<Intent>> put_intent(const std::vector<Entry>& entries);
  std::vector<AppendItem> to_send(const std::vector<Sent>& batch) const;
  Task<Result<void>> stored(Intent intent, std::vector<Entry> entries, std::vector<Uid> uids);
  Task<Result<void>> find(const Intent& intent, const std::vector<Entry>& entries);

  // append_refusals.cc
  static bool blames_a_message(const Error& error);
  Task<Result<void>> refused(std::vector<Entry> entries, Error error);
  Task<Result<void>> refused_alone(Entry entry, Error error);
  Task<Result<void>> send_again(Entry entry);
  std::optional<InternalDate> other_date(const Entry& entry) const;
  Task<Result<void>> quarantine_damaged(std::vector<Entry> entries);
  Task<Result<void>> quarantine(const Entry& entry, const Error& why);

  std::vector<Uid> believable(const AppendOutcome& outcome, std::size_t count);

  TargetMailbox& mailbox_;
  Reconcile& reconcile_;
  QuotaWatch quota_;
  std::set<Place> without_keywords_;  // refused with them
  std::set<Place> with_other_date_;   // refused with theirs
  // Since the last proof:
  std::uint32_t first_ = 1;       // UIDNEXT then
  std::uint64_t stored_ = 0;      // messages that the target says it has stored
  std::uint64_t found_ = 0;       // of these: looked for and seen
  UidSet uids_;                   // under which the others are bound
  std::vector<Intent> unproved_;  // what those were sent with
  bool contradicted_ = false;     // an APPENDUID named what is somebody's already, or was given out before
};

}  // namespace postern::sync
