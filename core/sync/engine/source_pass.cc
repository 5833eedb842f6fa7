#include "core/sync/engine/source_pass.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/sync/engine/mailbox_pull.h"
#include "core/sync/engine/mailbox_tour.h"
#include "core/sync/planner/listing.h"
#include "core/sync/planner/look.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kCutsPerMailbox = 3;  // then the mailbox is left: a message in it may be what ends the connection

}  // namespace

Task<Result<void>> SourcePass::run() {
  while (true) {
    const std::uint64_t before = context_.report.source.messages_fetched;
    const std::uint64_t done = context_.progress.mailboxes_done;
    auto ended = co_await session();
    if (ended) co_return ended;
    if (verdict(ended.error()) != Verdict::reconnect) co_return ended;
    if (context_.report.source.messages_fetched != before || context_.progress.mailboxes_done != done) {
      reconnects_.progressed();
    }
    context_.progress.phase = Progress::Phase::connecting;
    auto paused = co_await reconnects_.pause(ended.error(), context_.wait);
    if (!paused) co_return paused;
  }
}

Task<Result<void>> SourcePass::session() {
  context_.progress.phase = Progress::Phase::connecting;
  auto source = co_await connector_.connect(context_.wait);
  if (!source) co_return fail(source.error());
  reconnects_.connected();
  auto ended = co_await talk(**source);
  context_.report.source.commands += (*source)->commands_sent();
  co_return ended;
}

Task<Result<void>> SourcePass::talk(Source& source) {
  if (!listed_) {
    context_.progress.phase = Progress::Phase::listing;
    auto listed = co_await list(source);
    if (!listed) co_return listed;
  }
  context_.progress.phase = Progress::Phase::pulling;
  auto worked = co_await work(source);
  if (!worked) co_return worked;
  co_await source.close();
  co_return {};
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
  for (MailboxRecord& record : plan_listing(*held, *listed).put) {
    auto put = co_await context_.vault.put_mailbox(record);
    if (!put) co_return fail(put.error());
    const auto known = std::find_if(held->begin(), held->end(), [&](const auto& one) { return one.id == put->id; });
    if (known != held->end()) {
      *known = std::move(*put);
    } else {
      held->push_back(std::move(*put));
    }
  }
  std::vector<MailboxJob> jobs;
  std::set<std::string_view> seen;
  for (const ListedMailbox& one : *listed) {
    if (!one.selectable || !context_.wants(one.name) || !seen.insert(one.name.wire()).second) continue;
    const auto record = std::find_if(held->begin(), held->end(), [&](const auto& h) { return h.name == one.name; });
    if (record == held->end()) continue;
    MailboxJob job{*record, one.status.value_or(MailboxStatus{})};
    context_.report.source.mailboxes = context_.progress.mailboxes_total += 1;
    context_.progress.messages_total += job.listed.messages.value_or(0);
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

Task<Result<void>> SourcePass::work(Source& source) {
  while (!jobs_.empty()) {
    auto worked = co_await (jobs_.tour_is_next() ? tour(source) : pull_next(source));
    if (!worked) co_return worked;
  }
  co_return {};
}

Task<Result<void>> SourcePass::tour(Source& source) {
  MailboxTour tour(context_, source, jobs_);
  auto toured = co_await tour.run();
  co_return toured;
}

Task<Result<void>> SourcePass::pull_next(Source& source) {
  MailboxJob job = *jobs_.take();
  auto pulled = co_await pull(source, job);
  if (pulled) {
    context_.progress.mailboxes_done += 1;
    co_return {};
  }
  Error error = pulled.error();
  error.at(job.record.name.display());
  if (!leaves_mailbox(job, error)) {
    auto refreshed = co_await refresh(job);
    job.by_itself = true;
    jobs_.add(std::move(job));
    if (!refreshed) co_return refreshed;
    co_return fail(std::move(error));
  }
  context_.progress.mailboxes_done += 1;
  context_.problem(error);
  // The connection is as good as gone after a cut; the next session goes on behind this mailbox.
  if (verdict(error) == Verdict::reconnect) co_return fail(std::move(error));
  co_return {};
}

bool SourcePass::leaves_mailbox(const MailboxJob& job, const Error& error) {
  switch (verdict(error)) {
    case Verdict::skip_message:
    case Verdict::skip_mailbox:
      return true;
    case Verdict::reconnect:
      return error.kind() != ErrorKind::throttle && ++cuts_[job.record.id] >= kCutsPerMailbox;
    case Verdict::stop_side:
    case Verdict::stop_pass:
      return false;
  }
  return false;
}

Task<Result<void>> SourcePass::pull(Source& source, MailboxJob& job) {
  const MailboxRecord& record = job.record;
  const std::uint64_t before = context_.report.source.messages_fetched;
  Result<void> done;
  {
    CommitPipe pipe(context_.vault, context_.scheduler, context_.report.source);
    MailboxPull one(context_, source, pipe, record, job.listed);
    done = co_await one.run();
    auto drained = co_await pipe.drain();
    if (!drained) done = drained;  // the vault's failure weighs more than the server's
  }
  if (context_.report.source.messages_fetched != before) cuts_.erase(record.id);
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
