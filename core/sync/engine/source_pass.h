#pragma once

#include <map>
#include <set>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/mailbox_jobs.h"
#include "core/sync/engine/reconnects.h"

namespace postern::sync {

/// The pulling half of a pass: one session after another until every wanted mailbox was looked at. A mailbox that fails
/// is reported and left; a connection that breaks is made again, and what is durable is not fetched twice.
class SourcePass {
 public:
  SourcePass(Context& context, SourceConnector& connector)
      : context_(context), connector_(connector), reconnects_(context.options, context.scheduler, 's') {}

  /// Success even when single mailboxes failed: those are in the report.
  Task<Result<void>> run();

 private:
  Task<Result<void>> session();
  Task<Result<void>> talk(Source& source);
  Task<Result<void>> list(Source& source);
  Task<Result<void>> work(Source& source);
  Task<Result<void>> tour(Source& source);
  Task<Result<void>> pull_next(Source& source);
  Task<Result<void>> pull(Source& source, MailboxJob& job);
  Task<Result<void>> refresh(MailboxJob& job);
  bool is_done(const MailboxJob& job);
  bool leaves_mailbox(const MailboxJob& job, const Error& error);

  Context& context_;
  SourceConnector& connector_;
  Reconnects reconnects_;
  bool listed_ = false;
  MailboxJobs jobs_;
  std::map<MailboxId, int> cuts_;  // connections lost in a mailbox without progress
};

}  // namespace postern::sync
