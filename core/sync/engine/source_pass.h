#pragma once

#include <map>
#include <set>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
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
  struct Job {
    MailboxRecord record;
    MailboxStatus listed;
  };
  Task<Result<void>> session();
  Task<Result<void>> talk(Source& source);
  Task<Result<void>> list(Source& source);
  Task<Result<void>> work(Source& source);
  Task<Result<void>> pull(Source& source, Job& job);
  Task<Result<void>> refresh(Job& job);
  bool leaves_mailbox(const Job& job, const Error& error);

  Context& context_;
  SourceConnector& connector_;
  Reconnects reconnects_;
  bool listed_ = false;
  std::vector<Job> jobs_;          // the next one last
  std::map<MailboxId, int> cuts_;  // connections lost in a mailbox without progress
};

}  // namespace postern::sync
