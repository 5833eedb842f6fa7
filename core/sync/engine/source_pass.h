#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/mailbox_jobs.h"
#include "core/sync/engine/session_crew.h"
#include "core/sync/engine/shared_fetch.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// The pulling half of a pass: sessions beside each other until every wanted mailbox was looked at. A mailbox that
/// fails is reported and left; what is durable is not fetched twice.
class SourcePass final : private SessionCrew {
 public:
  SourcePass(Context& context, SourceConnector& connector)
      : SessionCrew(context, 's'), connector_(connector), shares_(changed_) {}

  ~SourcePass() { abandon_sessions(); }

  /// Success even when single mailboxes failed: those are in the report.
  Task<Result<void>> run() { return run_sessions(); }

 private:
  Task<Result<void>> session(Session& own) override;
  bool has_work() const override { return !jobs_.empty() || shares_.joinable() != nullptr; }
  bool is_planned() const override { return listed_; }
  void connecting() override { context_.progress.phase = Progress::Phase::connecting; }
  Task<Result<void>> talk(Source& source, Session& own);
  Task<Result<void>> list(Source& source);
  unsigned sessions_wanted() const;
  Task<Result<std::vector<MailboxRecord>>> put_mailboxes(std::vector<MailboxRecord> records);
  Task<void> put_mailbox(MailboxRecord& record, std::optional<Error>& failed);
  Task<Result<void>> work_once(Source& source, Session& own);
  Task<Result<void>> tour(Source& source, Session& own);
  Task<Result<void>> join(Source& source, SharedFetch& shared, Session& own);
  Task<Result<void>> pull_next(Source& source, Session& own);
  Task<Result<void>> pull(Source& source, MailboxJob& job, Session& own);
  Task<Result<void>> refresh(MailboxJob& job);
  bool is_done(const MailboxJob& job);
  bool leaves_mailbox(const MailboxJob& job, const Error& error, Part part);

  SourceConnector& connector_;
  bool listed_ = false;
  MailboxJobs jobs_;
  SharedFetches shares_;
  std::map<MailboxId, int> cuts_;  // the first session's, lost in a mailbox without progress
  std::map<MailboxId, Suspects> suspects_;
};

}  // namespace postern::sync
