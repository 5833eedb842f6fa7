#pragma once

#include <map>

#include "core/sync/engine/context.h"
#include "core/sync/engine/mailbox_replay.h"
#include "core/sync/engine/reconnects.h"
#include "core/sync/planner/history_fold.h"

namespace postern::sync {

/// The replaying half of a pass: follows the account's history from the target's cursor. The cursor moves when
/// everything before it is bound, decided or quarantined, and not otherwise.
class TargetPass {
 public:
  TargetPass(Context& context, TargetConnector& connector)
      : context_(context), connector_(connector), reconnects_(context.options, context.scheduler, 't') {}

  Task<Result<void>> run();

 private:
  Task<Result<void>> gather();
  Task<Result<void>> fold_history();
  Task<Result<bool>> forget_unwanted();
  Task<Result<void>> session();
  Task<Result<void>> talk(Target& target);
  Task<Result<void>> plan(Target& target);
  Task<Result<void>> work(Target& target);
  Task<Result<void>> refresh(ReplayJob& job);
  bool leaves_mailbox(const ReplayJob& job, const Error& error);
  void report_collision(const MailboxMap::Collision& collision);
  const MailboxRecord* mailbox(MailboxId id) const;

  Context& context_;
  TargetConnector& connector_;
  Reconnects reconnects_;
  TargetId id_;
  HistorySeq cursor_;
  HistoryFold fold_;
  std::vector<MailboxRecord> mailboxes_;
  std::map<MailboxId, TargetMailboxRecord> recorded_;
  std::map<MailboxId, UidSet> touched_;  // mailboxes with something to do
  bool planned_ = false;
  bool all_done_ = true;         // nothing before the cursor is left
  std::vector<ReplayJob> jobs_;  // the next one last
  std::map<MailboxId, int> cuts_;
};

}  // namespace postern::sync
