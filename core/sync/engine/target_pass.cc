#include "core/sync/engine/target_pass.h"

#include <algorithm>
#include <utility>

#include "core/sync/engine/deletion_run.h"
#include "core/sync/planner/sessions.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kCutsPerMailbox = 3;

}  // namespace

Task<Result<void>> TargetPass::run() {
  auto gathered = co_await work_.gather();
  if (!gathered) co_return gathered;
  context_.progress.phase = Progress::Phase::replaying;
  if (!work_.touched().empty() || context_.own_flags != nullptr) {
    auto served = co_await run_sessions();
    report_over_quota();
    if (!served) co_return served;
  }
  // The connection broke when all else was done: the next pass removes them.
  if (!cleared_.empty()) all_done_ = false;
  if (!all_done_) co_return {};
  auto finished = co_await work_.finished();
  co_return finished;
}

/// What waits for room holds the cursor, one report a limit.
void TargetPass::report_over_quota() {
  std::map<std::pair<std::string, QuotaLimit::Resource>, OverQuota> by_limit;
  for (const auto& [mailbox, over] : context_.over_quota) {
    for (const OverQuota& one : over) by_limit[{one.limit.root, one.limit.resource}].add(one);
  }
  for (const auto& [limit, over] : by_limit) {
    all_done_ = false;
    context_.report.target->held += over.messages;
    context_.problem(over_quota_error(over).at(context_.options.target));
  }
}

Task<Result<void>> TargetPass::session(Session& own) {
  auto target = co_await connector_.connect(while_worth_it());
  if (!target) co_return not_connected(own, target.error());
  own.reconnects.connected();
  auto ended = co_await talk(**target, own);
  context_.report.target->commands += (*target)->commands_sent();
  co_return ended;
}

Task<Result<void>> TargetPass::talk(Target& target, Session& own) {
  if (!planned_) {
    auto planned = co_await plan(target);
    if (!planned) co_return planned;
  }
  auto worked = co_await work([&] { return replay_next(target, own); });
  if (!worked) co_return worked;
  if (own.part == Part::first) {
    auto removed = co_await remove_mailboxes(target);
    if (!removed) co_return removed;
  }
  co_await target.close();
  co_return {};
}

Task<Result<void>> TargetPass::plan(Target& target) {
  auto plan = co_await plan_target(context_, target, work_);
  if (!plan) co_return fail(plan.error());
  jobs_ = std::move(plan->jobs);
  if (!plan->complete) all_done_ = false;
  context_.progress.replay_total = 0;
  planned_ = true;
  const unsigned worth = sessions_worth({jobs_.size(), jobs_.messages()}, context_.options.target_connections);
  recruit(static_cast<unsigned>(std::min<std::size_t>(worth, jobs_.size())));
  co_return {};
}

Task<Result<void>> TargetPass::replay_next(Target& target, Session& own) {
  ReplayJob job = *(own.part == Part::first ? jobs_.take_first() : jobs_.take_last());
  std::vector<ReplayJob> behind = std::exchange(job.behind, {});
  auto fresh = co_await refresh(job);
  if (!fresh) co_return fresh;
  MailboxReplay replay(context_, target, work_.id(), job);
  auto done = co_await replay.run();
  own.progress += replay.progress() + (done ? 1 : 0);
  if (replay.departures_left()) all_done_ = false;
  if (replay.progress() != 0) cuts_.erase(job.source.id);
  if (done && job.departures.gone && !job.kept_by_another && context_.options.deletes == Deletes::mirror) {
    cleared_.push_back(job.target.name);
  }
  if (done) {
    add_behind(std::move(behind), &replay.job());
    co_return {};
  }
  Error error = done.error();
  error.at(job.target.name.display()).at(context_.options.target);
  if (!leaves_mailbox(job, error, own.part)) {
    job.behind = std::move(behind);
    jobs_.add(std::move(job));
    co_return fail(std::move(error));
  }
  add_behind(std::move(behind), nullptr);
  ++own.progress;
  all_done_ = false;
  context_.problem(error);
  if (verdict(error) == Verdict::reconnect) co_return fail(std::move(error));
  co_return {};
}

/// Two source mailboxes never have their turns in one target mailbox at once. What the one before found there, when it
/// came to its end, holds for them too; where it found the mailbox that they know, those that wait for another are
/// done.
void TargetPass::add_behind(std::vector<ReplayJob> behind, const ReplayJob* before) {
  const bool opened = before != nullptr && before->record;
  const auto has_nothing_to_do = [&](const ReplayJob& one) {
    return one.idle && (!opened || one.record->uidvalidity == before->record->uidvalidity);
  };
  while (!behind.empty() && has_nothing_to_do(behind.back())) behind.pop_back();
  if (behind.empty()) return;
  ReplayJob next = std::move(behind.back());
  behind.pop_back();
  const bool exists = opened && !before->departures.gone && next.target.name == before->target.name;
  next.target.exists = next.target.exists || exists;
  next.behind = std::move(behind);
  jobs_.add(std::move(next));
}

/// When nobody is at work any more, so that what was moved out of them has gone. Those below others come first.
Task<Result<void>> TargetPass::remove_mailboxes(Target& target) {
  std::sort(cleared_.begin(), cleared_.end());
  cleared_.erase(std::unique(cleared_.begin(), cleared_.end()), cleared_.end());
  while (!cleared_.empty()) {
    auto removed = co_await remove_emptied(context_, target, cleared_.back());
    if (!removed && verdict(removed.error()) != Verdict::skip_mailbox) co_return removed;
    if (!removed) context_.problem(removed.error().at(context_.options.target));
    cleared_.pop_back();
  }
  co_return {};
}

/// What earlier sessions made durable. The records of all mailboxes are read for it only where the one at hand may have
/// been written since the pass began: many mailboxes would read them many times.
Task<Result<void>> TargetPass::refresh(ReplayJob& job) {
  const bool tried = !tried_.insert(job.source.id).second;
  if (tried || job.sharers->ids.size() > 1 || context_.went_back.contains(job.target.name.wire())) {
    auto recorded = co_await context_.vault.target_mailboxes(work_.id());
    if (!recorded) co_return fail(recorded.error());
    for (TargetMailboxRecord& one : *recorded) {
      if (one.source == job.source.id) follow(job, std::move(one));
    }
  } else if (const auto known = work_.recorded().find(job.source.id); known != work_.recorded().end()) {
    follow(job, known->second);
  }
  auto intents = co_await context_.vault.intents(work_.id());
  if (!intents) co_return fail(intents.error());
  job.intents.clear();
  for (Intent& intent : *intents) {
    if (intent.mailbox == job.source.id) job.intents.push_back(std::move(intent));
  }
  co_return {};
}

void TargetPass::follow(ReplayJob& job, TargetMailboxRecord record) {
  if (!(job.target.name == record.name)) job.sharers = job.names->claim(record.name, job.sharers->ids);
  job.target.name = record.name;
  job.record = std::move(record);
}

/// A further connection may break for being one too many: that says nothing of the mailbox.
bool TargetPass::leaves_mailbox(const ReplayJob& job, const Error& error, Part part) {
  switch (verdict(error)) {
    case Verdict::skip_message:
    case Verdict::skip_mailbox:
      return true;
    case Verdict::reconnect:
      return error.kind() != ErrorKind::throttle && part == Part::first && ++cuts_[job.source.id] >= kCutsPerMailbox;
    case Verdict::stop_side:
    case Verdict::stop_pass:
      return false;
  }
  return false;
}

}  // namespace postern::sync
