#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/io/event.h"
#include "core/io/stop_token.h"
#include "core/io/task_group.h"
#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/mailbox_jobs.h"
#include "core/sync/engine/reconnects.h"
#include "core/sync/engine/shared_fetch.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// The pulling half of a pass: sessions beside each other until every wanted mailbox was looked at, further ones only
/// where the work pays for their logins. A mailbox that fails is reported and left; a connection that breaks is made
/// again, and what is durable is not fetched twice. A further connection that is refused, or that breaks again without
/// having brought anything, is done without: the pass fails by its first session alone.
class SourcePass {
 public:
  SourcePass(Context& context, SourceConnector& connector)
      : stop_(context.wait.stop),
        enough_(stop_.token()),
        context_{context.options,
                 context.vault,
                 context.scheduler,
                 context.progress,
                 Wait{context.wait.deadline, stop_.token()},
                 context.report,
                 context.quarantine,
                 context.reuse},
        connector_(connector),
        changed_(context.scheduler),
        shares_(changed_),
        further_(context.scheduler) {}

  /// Success even when single mailboxes failed: those are in the report.
  Task<Result<void>> run();

 private:
  enum class Part : std::uint8_t { first, further };
  /// One of the sessions, and those that follow it after a cut.
  struct Session {
    Part part;
    Reconnects reconnects;
    std::uint64_t progress = 0;  // what it made durable or learnt, not what the others did
  };
  Task<Result<void>> serve();
  Task<void> serve_further(std::uint64_t number);
  void recruit();
  Task<Result<void>> session(Session& own);
  Task<Result<void>> talk(Source& source, Session& own);
  Task<Result<void>> list(Source& source);
  Task<Result<std::vector<MailboxRecord>>> put_mailboxes(std::vector<MailboxRecord> records);
  Task<void> put_mailbox(MailboxRecord& record, std::optional<Error>& failed);
  Task<Result<void>> work(Source& source, Session& own);
  Task<Result<void>> work_once(Source& source, Session& own);
  Task<Result<void>> tour(Source& source, Session& own);
  Task<Result<void>> join(Source& source, SharedFetch& shared, Session& own);
  Task<Result<void>> pull_next(Source& source, Session& own);
  Task<Result<void>> pull(Source& source, MailboxJob& job, Session& own);
  Task<Result<void>> refresh(MailboxJob& job);
  /// For good: only a session at work gives a mailbox back.
  bool all_pulled() const { return listed_ && jobs_.empty() && busy_ == 0; }
  Wait while_worth_it() const { return {context_.wait.deadline, enough_.token()}; }
  bool is_done(const MailboxJob& job);
  bool leaves_mailbox(const MailboxJob& job, const Error& error, Part part);

  StopSource stop_;    // of all sessions, when one of them meets what ends the pass
  StopSource enough_;  // no connection is worth waiting for any more
  Context context_;
  SourceConnector& connector_;
  bool listed_ = false;
  MailboxJobs jobs_;
  std::size_t busy_ = 0;  // sessions at work on a mailbox
  Event changed_;         // a session has come to the end of its work
  SharedFetches shares_;
  std::map<MailboxId, int> cuts_;  // the first session's, lost in a mailbox without progress
  std::map<MailboxId, Suspects> suspects_;
  std::optional<Error> further_error_;  // what a further session met that ends the pass
  TaskGroup further_;                   // last: ends before what its tasks use
};

}  // namespace postern::sync
