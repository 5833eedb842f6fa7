#pragma once

#include <set>

#include "core/sync/engine/appended_flags.h"
#include "core/sync/engine/doubts.h"
#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/claims.h"
#include "core/sync/planner/doubt.h"

namespace postern::sync {

/// An APPEND sent with that intent.
AppendInDoubt in_doubt(const Intent& intent, AppendInDoubt::Why why);

/// Finds out what became of APPENDs whose answer is not known, or not proved (sync invariant I4). Items found among the
/// unbound target messages from the intent's UIDNEXT on are bound; for the others it waits until the old connection
/// cannot be committing any more, then ends the intent: they may be sent again, and are in doubt from then on. What was
/// bound on the word of an APPENDUID is unbound before, where the target shows something else there, or nothing.
///
/// What may be an item and is not handed out leaves that item unclear: it keeps its intent, and is not to be sent.
class Reconcile {
 public:
  explicit Reconcile(TargetMailbox& mailbox) : mailbox_(mailbox), flags_(mailbox), doubts_(mailbox) {}

  /// Intents of the opened mailbox. Gives the entries to be sent again, as they were sent. Reports what is unclear.
  Task<Result<std::vector<Entry>>> run(std::vector<Intent> intents);
  /// Items of those intents that keep them: nobody knows whether the target has them.
  const std::set<Place>& unclear() const { return unclear_; }
  /// Those of the source's generation.
  UidSet unclear_uids() const;
  /// Unbinds what the target does not have where it said.
  Task<Result<void>> refute(const std::vector<Intent>& intents);
  /// What is known of the messages that are looked for.
  enum class Fate : std::uint8_t {
    stored,   // the target said that it has them
    unknown,  // another client may have stored what looks like them, and they may not be there
  };
  /// One look, without waiting: binds what is found. Gives the entries still missing. `entries` have the flags they
  /// were sent with.
  Task<Result<std::vector<Entry>>> look(std::vector<Entry> entries, std::uint32_t first, Fate fate);
  struct Found {
    std::vector<Wanted> wanted;  // one for each entry looked for
    std::vector<Candidate> candidates;
    std::vector<Match> matches;
    std::uint64_t altered = 0;              // of the matches: those that have other octets there
    UidSet unread;                          // candidates that may be an entry and are not handed out
    std::vector<std::size_t> unclear = {};  // entries that one of them may be
  };
  /// Which unbound messages from `first` on, but for `leave_out`, are the entries' own. Binds nothing.
  Task<Result<Found>> find(std::vector<Entry> entries, std::uint32_t first, Fate fate, UidSet leave_out);
  AppendedFlags& flags() { return flags_; }
  /// Something was bound whose entry has vanished meanwhile: nobody could plan its departure before.
  bool bound_vanished() const { return bound_vanished_; }
  Doubts& doubts() { return doubts_; }

 private:
  struct Claims {
    std::vector<Claim> claims;             // what APPENDUID said of items, and is bound
    std::vector<Entry> ours;               // all items
    std::vector<const Intent*> sent_with;  // … each with its own
  };
  Task<Result<UidSet>> refute_readable(const std::vector<Intent>& intents);
  Task<Result<Found>> compare(std::vector<Entry> entries, std::uint32_t first, Fate fate, UidSet leave_out);
  Task<Result<std::vector<Entry>>> bind_found(std::vector<Entry> entries, Found seen);
  Task<Result<std::vector<Entry>>> look_at_clear(std::vector<Entry> entries, std::uint32_t first);
  Task<Result<bool>> keep_unclear(const Intent& intent);
  void report_unread(const UidSet& unread);
  Task<Result<Claims>> claims_of(const std::vector<Intent>& intents);
  Task<Result<std::vector<Entry>>> unbound_entries(std::vector<Intent::Item> items);
  Task<Result<std::vector<Entry>>> settle(Intent intent);

  TargetMailbox& mailbox_;
  AppendedFlags flags_;
  Doubts doubts_;
  bool bound_vanished_ = false;
  std::set<Place> unclear_;
  UidSet reported_;  // what is not handed out
};

}  // namespace postern::sync
