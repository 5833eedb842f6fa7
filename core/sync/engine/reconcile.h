#pragma once

#include "core/sync/engine/appended_flags.h"
#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/claims.h"

namespace postern::sync {

/// Finds out what became of APPENDs whose answer is not known, or not proved (sync invariant I4). Items found among the
/// unbound target messages from the intent's UIDNEXT on are bound; for the others it waits until the old connection
/// cannot be committing any more, then ends the intent: they may be sent again. What was bound on the word of an
/// APPENDUID is unbound before, where the target shows something else there, or nothing.
class Reconcile {
 public:
  explicit Reconcile(TargetMailbox& mailbox) : mailbox_(mailbox), flags_(mailbox) {}

  /// Intents of the opened mailbox. Gives the entries to be sent again, as they were sent.
  Task<Result<std::vector<Entry>>> run(std::vector<Intent> intents);
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
  /// At the end: a message that was sent again after all stands there twice? It is reported, never deleted. Waits for
  /// the rest of the settle time, which looks without change have cut short, before it looks.
  Task<Result<void>> report_late_twins();
  AppendedFlags& flags() { return flags_; }

 private:
  struct Found {
    std::vector<Wanted> wanted;  // one for each entry looked for
    std::vector<Candidate> candidates;
    std::vector<Match> matches;
  };
  struct Claims {
    std::vector<Claim> claims;  // what APPENDUID said of items, and is bound
    std::vector<Entry> ours;    // all items
  };
  Task<Result<Claims>> claims_of(const std::vector<Intent>& intents);
  Task<Result<Found>> find(const std::vector<Entry>& entries, std::uint32_t first, Fate fate);
  Task<Result<std::vector<Entry>>> unbound_entries(std::vector<Intent::Item> items);
  Task<Result<std::vector<Entry>>> settle(Intent intent);

  TargetMailbox& mailbox_;
  AppendedFlags flags_;
};

}  // namespace postern::sync
