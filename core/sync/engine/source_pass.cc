#include "core/sync/engine/source_pass.h"

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "core/sync/engine/mailbox_pull.h"
#include "core/sync/engine/mailbox_tour.h"
#include "core/sync/planner/expected.h"
#include "core/sync/planner/listing.h"
#include "core/sync/planner/look.h"
#include "core/sync/planner/sessions.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kCutsPerMailbox = 3;            // without anything learnt of it: then it is left
constexpr std::uint64_t kGuiltyMessages = 8;  // that break the connection: then it is not the messages

}  // namespace

unsigned SourcePass::sessions_wanted() const {
  WorkLeft left;
  jobs_.for_each([&](const MailboxJob& job) {
    ++left.mailboxes;
    left.messages += expected_messages(job.record, job.listed);
  });
  return sessions_worth(left, context_.options.connections);
}

Task<Result<void>> SourcePass::session(Session& own) {
  auto source = co_await connector_.connect(while_worth_it());
  if (!source) co_return not_connected(own, source.error());
  own.reconnects.connected();
  auto ended = co_await talk(**source, own);
  context_.report.source.commands += (*source)->commands_sent();
  co_return ended;
}

Task<Result<void>> SourcePass::talk(Source& source, Session& own) {
  if (own.part == Part::first) {
    if (!listed_) {
      context_.progress.phase = Progress::Phase::listing;
      auto listed = co_await list(source);
      if (!listed) co_return listed;
      recruit(sessions_wanted());
    }
    context_.progress.phase = Progress::Phase::pulling;
  }
  auto worked = co_await work([&] { return work_once(source, own); });
  if (!worked) co_return worked;
  co_await source.close();
  co_return {};
}

/// Side by side, so that they share a sync. All of them, or what was wrong with the first that failed.
Task<Result<std::vector<MailboxRecord>>> SourcePass::put_mailboxes(std::vector<MailboxRecord> records) {
  std::optional<Error> failed;
  TaskGroup writers(context_.scheduler);
  for (MailboxRecord& record : records) writers.spawn(put_mailbox(record, failed));
  co_await writers.join();
  if (failed) co_return fail(std::move(*failed));
  co_return records;
}

Task<void> SourcePass::put_mailbox(MailboxRecord& record, std::optional<Error>& failed) {
  auto put = co_await context_.vault.put_mailbox(record);
  if (put) {
    record = std::move(*put);
  } else if (!failed) {
    failed = put.error();
  }
}

Task<Result<void>> SourcePass::list(Source& source) {
  auto listed = co_await source.list(context_.wait);
  if (!listed) co_return fail(listed.error());
  auto held = co_await context_.vault.mailboxes();
  if (!held) co_return fail(held.error());
  if (listed->empty()) {
    context_.problem(Error(ErrorKind::server_bug, "the server lists no mailbox at all")
                         .remedy("nothing is inferred from it; check the account's rights and name space"));
  }
  auto began = co_await context_.vault.history_end();
  if (!began) co_return fail(began.error());
  auto put = co_await put_mailboxes(plan_listing(*held, *listed).put);
  if (!put) co_return fail(put.error());
  carry_out(*held, std::move(*put));
  auto surveyed = co_await context_.reuse.survey(*held, *listed, *began);
  if (!surveyed) co_return surveyed;
  const PresentMailboxes present(*held);
  std::vector<MailboxJob> jobs;
  std::set<std::string_view> seen;
  for (const ListedMailbox& one : *listed) {
    if (!one.selectable || !context_.wants(one.name) || !seen.insert(one.name.wire()).second) continue;
    const MailboxRecord* record = present.find(one.name);
    if (record == nullptr) continue;
    MailboxJob job{*record, one.status.value_or(MailboxStatus{})};
    context_.report.source.mailboxes = context_.progress.mailboxes_total += 1;
    context_.progress.messages_total += job.listed.messages.value_or(0);
    job.by_itself = context_.reuse.asks(source.features(), job.record, job.listed);
    if (!is_done(job)) jobs.push_back(std::move(job));
  }
  jobs_.fill(std::move(jobs));
  listed_ = true;
  co_return {};
}

/// Whether nothing has to be asked of it; then it is counted as done.
bool SourcePass::is_done(const MailboxJob& job) {
  const MailboxRecord& record = job.record;
  const auto quarantined = context_.quarantine.held(record.id, record.uidvalidity, Quarantine::Stage::fetch);
  if (!quarantined.due.empty() ||
      needs_look(record.cursor, job.listed, context_.scheduler.wall(), context_.options.flag_sweep)) {
    return false;
  }
  context_.progress.messages_done += job.listed.messages.value_or(0);
  context_.progress.mailboxes_done += 1;
  ++context_.report.source.unchanged;
  return true;
}

Task<Result<void>> SourcePass::work_once(Source& source, Session& own) {
  if (jobs_.empty()) return join(source, *shares_.joinable(), own);
  return jobs_.tour_is_next() ? tour(source, own) : pull_next(source, own);
}

/// Bodies of a large mailbox that another session has opened. That one sees to what is not brought.
Task<Result<void>> SourcePass::join(Source& source, SharedFetch& shared, Session& own) {
  std::uint64_t brought = 0;
  auto joined = co_await shared.join(source, brought);
  own.progress += brought;
  if (!joined && verdict(joined.error()) == Verdict::skip_mailbox) co_return {};
  co_return joined;
}

Task<Result<void>> SourcePass::tour(Source& source, Session& own) {
  MailboxTour tour(context_, source, jobs_);
  auto toured = co_await tour.run();
  own.progress += tour.progress();
  co_return toured;
}

Task<Result<void>> SourcePass::pull_next(Source& source, Session& own) {
  MailboxJob job = *jobs_.take();
  auto pulled = co_await pull(source, job, own);
  if (pulled) {
    context_.progress.mailboxes_done += 1;
    ++own.progress;
    co_return {};
  }
  Error error = pulled.error();
  error.at(job.record.name.display());
  if (!leaves_mailbox(job, error, own.part)) {
    auto refreshed = co_await refresh(job);
    job.by_itself = true;
    jobs_.add(std::move(job));
    if (!refreshed) co_return refreshed;
    co_return fail(std::move(error));
  }
  context_.progress.mailboxes_done += 1;
  ++own.progress;
  context_.problem(error);
  // The connection is as good as gone after a cut; the next session goes on behind this mailbox.
  if (verdict(error) == Verdict::reconnect) co_return fail(std::move(error));
  co_return {};
}

/// A further connection may break for being one too many: that says nothing of the mailbox.
bool SourcePass::leaves_mailbox(const MailboxJob& job, const Error& error, Part part) {
  switch (verdict(error)) {
    case Verdict::skip_message:
    case Verdict::skip_mailbox:
      return true;
    case Verdict::reconnect:
      if (error.kind() == ErrorKind::throttle) return false;
      if (suspects_[job.record.id].guilty() >= kGuiltyMessages) return true;
      return part == Part::first && ++cuts_[job.record.id] >= kCutsPerMailbox;
    case Verdict::stop_side:
    case Verdict::stop_pass:
      return false;
  }
  return false;
}

Task<Result<void>> SourcePass::pull(Source& source, MailboxJob& job, Session& own) {
  const MailboxRecord& record = job.record;
  std::uint64_t stored = 0;
  const std::uint64_t learnt = suspects_[record.id].learnt();
  Result<void> done;
  {
    CommitPipe pipe(context_.vault, context_.scheduler, context_.report.source);
    MailboxPull one(context_, source, pipe, record, job.listed, suspects_[record.id], shares_);
    done = co_await one.run();
    auto drained = co_await pipe.drain();
    stored = pipe.messages();
    if (!drained) done = drained;  // the vault's failure weighs more than the server's
  }
  const Suspects& suspects = suspects_[record.id];
  const bool has_learnt = suspects.learnt() != learnt;
  if (stored != 0 || has_learnt) cuts_.erase(record.id);
  // A connection that breaks whatever it is asked for would learn of one innocent message after the other.
  own.progress += stored + (has_learnt && own.part == Part::first ? 1 : 0);
  const bool never_held = record.uidvalidity.value() == 0;
  if (!done && done.error().kind() == ErrorKind::not_found && never_held) {
    log::info(context_.options.account + ": " + record.name.display() +
              ": listed, but not there: " + done.error().to_string());
    co_return {};
  }
  co_return done;
}

/// What the broken session made durable: a new generation, above all.
Task<Result<void>> SourcePass::refresh(MailboxJob& job) {
  auto held = co_await context_.vault.mailboxes();
  if (!held) co_return fail(held.error());
  const auto now = std::find_if(held->begin(), held->end(), [&](const auto& one) { return one.id == job.record.id; });
  if (now != held->end()) job.record = *now;
  co_return {};
}

}  // namespace postern::sync
