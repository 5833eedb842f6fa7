#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/sync/engine/reconcile.h"
#include "core/sync/planner/moves.h"

namespace postern::sync {

/// Brings messages that the source moved into this mailbox from their old place on the target instead of a second
/// upload. An intent is durable before each command, so that an answer that is lost leaves nothing in doubt: what
/// arrived is found as an appended message is, what did not is moved again, and no place is left before the other is
/// known to be taken.
class MoveRun {
 public:
  MoveRun(TargetMailbox& mailbox, Reconcile& reconcile, std::vector<Move> moves)
      : mailbox_(mailbox), reconcile_(reconcile), moves_(std::move(moves)) {}

  /// Before anything is appended. What cannot be moved is left to be appended.
  Task<Result<void>> run();
  /// After it: messages that came to this mailbox in another way leave their old place.
  Task<Result<void>> finish();

 private:
  struct Step {
    Entry entry;     // in this mailbox
    Binding before;  // of the place it came from
  };
  using Steps = std::map<MailboxId, std::vector<Step>>;  // by where they come from
  struct Departed {
    TargetMailboxRecord from;
    std::vector<Step> steps;
  };

  Task<Result<Steps>> steps(bool arrived);
  Task<Result<std::map<Place, Binding>>> old_places();
  Task<Result<std::vector<Departed>>> departed(bool arrived);
  /// A target mailbox that the messages came from.
  enum class OldMailbox : std::uint8_t {
    open,
    closed,     // it may not be changed
    gone,       // it is not the one that the bindings speak of
    went_back,  // it is to be compared first: that is noted
  };
  Task<Result<OldMailbox>> open(const TargetMailboxRecord& from, const std::vector<Step>& steps, UidSet& doubtful);
  Task<Result<void>> stay(const TargetMailboxRecord& from, std::vector<Step> steps);
  Task<Result<void>> carry(const TargetMailboxRecord& from, std::vector<Step> steps);
  Task<Result<void>> arrived(const TargetMailboxRecord& from, Intent intent, std::vector<Step> steps,
                             const MoveOutcome& outcome);
  Task<Result<std::map<Uid, Uid>>> bind_stated(const Intent& intent, const std::vector<Step>& steps,
                                               const MoveOutcome& outcome);
  Task<Result<void>> leave(const TargetMailboxRecord& from, std::vector<Step> steps);
  /// Nothing leaves its place on the target.
  bool keeps() const { return mailbox_.context().options.deletes == Deletes::keep; }
  void report_left(const TargetMailboxRecord& from, std::uint64_t messages);
  AuditRecord audit(const TargetMailboxRecord& from, const Step& step) const;

  TargetMailbox& mailbox_;
  Reconcile& reconcile_;
  std::vector<Move> moves_;
  std::uint64_t nothing_bound_ = 0;  // in old mailboxes
};

}  // namespace postern::sync
