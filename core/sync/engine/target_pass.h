#pragma once

#include <map>
#include <set>

#include "core/sync/engine/session_crew.h"
#include "core/sync/engine/target_plan.h"
#include "core/sync/engine/target_work.h"

namespace postern::sync {

/// The replaying half of a pass: follows the account's history from the target's cursor, with sessions beside each
/// other over the mailboxes that have something to do; one mailbox is worked on by one session at a time. The cursor
/// moves when everything before it is bound, decided or quarantined, and not otherwise.
class TargetPass final : private SessionCrew {
 public:
  TargetPass(Context& context, TargetConnector& connector)
      : SessionCrew(context, 't'), connector_(connector), work_(context_) {}
  ~TargetPass() { abandon_sessions(); }

  Task<Result<void>> run();

 private:
  Task<Result<void>> session(Session& own) override;
  bool has_work() const override { return !jobs_.empty(); }
  bool is_planned() const override { return planned_; }
  Task<Result<void>> talk(Target& target, Session& own);
  Task<Result<void>> plan(Target& target);
  Task<Result<void>> replay_next(Target& target, Session& own);
  void add_behind(std::vector<ReplayJob> behind, const ReplayJob* before);
  Task<Result<void>> refresh(ReplayJob& job);
  static void follow(ReplayJob& job, TargetMailboxRecord record);
  Task<Result<void>> remove_mailboxes(Target& target);
  void report_over_quota();
  bool leaves_mailbox(const ReplayJob& job, const Error& error, Part part);

  TargetConnector& connector_;
  TargetWork work_;
  bool planned_ = false;
  bool all_done_ = true;  // nothing before the cursor is left
  ReplayJobs jobs_;
  std::vector<MailboxName> cleared_;  // target mailboxes whose source is gone
  std::set<MailboxId> tried_;
  std::map<MailboxId, int> cuts_;  // the first session's, lost in a mailbox without progress
};

}  // namespace postern::sync
