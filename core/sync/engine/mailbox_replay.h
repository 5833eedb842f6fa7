#pragma once

#include <memory>
#include <optional>

#include "core/sync/engine/context.h"
#include "core/sync/engine/departure_plan.h"
#include "core/sync/engine/name_claims.h"
#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/history_fold.h"
#include "core/sync/planner/mailbox_map.h"
#include "core/sync/planner/trash.h"

namespace postern::sync {

/// One mailbox of a target pass.
struct ReplayJob {
  MailboxRecord source;
  MappedMailbox target;
  bool subscribed = false;                                             // on the target already
  std::shared_ptr<NameClaims> names = std::make_shared<NameClaims>();  // of the pass
  UidSet touched;
  Departures departures;
  TrashMailbox trash;
  std::vector<Intent> intents;
  std::optional<TargetMailboxRecord> record;
  std::shared_ptr<Sharers> sharers = std::make_shared<Sharers>();  // who goes to this target mailbox, this one included
  bool kept_by_another = false;        // one of them besides this one is there at the source
  bool idle = false;                   // to be done only where another of them finds the target mailbox made anew
  std::vector<ReplayJob> behind = {};  // of others of them: to be done when this is; the next one is the last
};

/// Creates, adopts, reconciles, moves, appends, sets flags, deletes, reads flags: in this order, each step durable
/// before the next. Done again after an interruption it finds what was done. A target mailbox that was removed
/// meanwhile is created again, once.
class MailboxReplay {
 public:
  MailboxReplay(Context& context, Target& target, TargetId id, ReplayJob job)
      : context_(context), target_(target), id_(id), job_(std::move(job)) {}

  Task<Result<void>> run();
  /// As it has become.
  const ReplayJob& job() const { return job_; }
  /// How many bindings it has made durable.
  std::uint64_t progress() const { return progress_; }
  /// It found on the target what has vanished at the source: what becomes of it there is for the next pass to plan,
  /// from the same history. So is what was held back.
  bool departures_left() const {
    return !unclear_.empty() || (departures_left_ && context_.options.deletes != Deletes::keep);
  }

 private:
  Task<Result<void>> attempt();
  Task<Result<void>> clear_out();
  Task<Result<void>> create();
  Task<Result<Creation>> create_as_allowed();
  Task<Result<bool>> is_listed(MailboxName name);
  Task<Result<void>> find_spelling();
  Task<Result<void>> create_again();
  Task<Result<void>> carry_subscription();
  Task<Result<void>> follow_back(TargetMailbox& mailbox);
  Task<Result<void>> contact(TargetMailbox& mailbox, class StoreSettle& stores);
  Task<Result<void>> replay(TargetMailbox& mailbox, class Reconcile& reconcile);
  void note_flags(const Entry& entry, const FlagSupport& support);
  void report_flags();

  Context& context_;
  Target& target_;
  TargetId id_;
  ReplayJob job_;
  std::uint64_t progress_ = 0;
  bool first_contact_ = false;
  bool all_compared_ = true;  // nothing of it is held back, or waits for room
  bool departures_left_ = false;
  UidSet unclear_;     // in doubt or under intents, and what may be they on the target cannot be read: not sent
  bool made_ = false;  // the target mailbox, in this pass
  FlagSet not_kept_;   // flags that the target mailbox does not keep, and how many messages have some
  std::uint64_t without_flags_ = 0;
};

}  // namespace postern::sync
