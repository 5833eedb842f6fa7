#pragma once

#include <deque>
#include <memory>

#include "core/io/task_group.h"
#include "core/sync/engine/body_sink.h"
#include "core/sync/engine/mailbox_jobs.h"
#include "core/sync/planner/tour.h"

namespace postern::sync {

/// Pulls the mailboxes of which little is expected in one pipeline. Each is looked through on the word of its STATUS
/// and proved when it has answered: then everything of it, the cursor last, goes to the vault. What cannot be proved is
/// given back to be pulled by itself; what arrived of it is kept. A generation is durable before its mailbox is asked.
class MailboxTour final : public TourGuide {
 public:
  MailboxTour(Context& context, Source& source, MailboxJobs& jobs)
      : context_(context),
        source_(source),
        jobs_(jobs),
        pipe_(context.vault, context.scheduler, context.report.source),
        group_(context.scheduler) {}

  /// Every job that may go on a tour is done or given back afterwards, also after a failure.
  Task<Result<void>> run();
  /// What became durable: mailboxes looked at, and new messages.
  std::uint64_t progress() const { return done_ + pipe_.messages(); }

  // TourGuide
  std::optional<TourStop> next() override;
  void visited(TourFindings findings) override;
  void begin(std::uint64_t size) override { under_way_.front()->sink->begin(size); }
  void body(ByteView octets) override { under_way_.front()->sink->body(octets); }
  void end(const ArrivedMessage& message) override { under_way_.front()->sink->end(message); }
  void abandon() override { under_way_.front()->sink->abandon(); }
  Task<Result<void>> ready(Wait wait) override;

 private:
  struct Visit {
    MailboxJob job;
    TourFacts facts;
    std::optional<TourPlan> plan;
    std::optional<BodySink> sink;
  };
  using VisitPtr = std::shared_ptr<Visit>;

  Task<Result<void>> prepare();
  Task<void> prepare(VisitPtr visit);
  Task<Result<void>> gather(Visit& visit);
  Task<void> settle(VisitPtr visit, TourFindings findings);
  Task<Result<void>> settle(Visit& visit, TourFindings& findings);
  void commit(Visit& visit, const OpenedMailbox& opened, TourProof proof);
  Task<Result<void>> keep_arrived(Visit& visit);
  void give_back(Visit& visit, bool by_itself);
  Task<Result<void>> give_back_unvisited();

  Context& context_;
  Source& source_;
  MailboxJobs& jobs_;
  std::deque<VisitPtr> prepared_;   // next() gives them
  std::deque<VisitPtr> under_way_;  // asked, not answered yet; oldest first
  std::optional<Error> error_;      // of the vault
  std::uint64_t done_ = 0;          // mailboxes
  CommitPipe pipe_;
  TaskGroup group_;  // last: ends before what its tasks use
};

}  // namespace postern::sync
