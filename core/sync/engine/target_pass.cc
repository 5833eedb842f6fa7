#include "core/sync/engine/target_pass.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::size_t kHistoryPage = 10'000;
constexpr int kCutsPerMailbox = 3;

std::uint64_t work_done(const TargetTotals& totals) { return totals.appended + totals.adopted + totals.flag_updates; }

}  // namespace

Task<Result<void>> TargetPass::run() {
  auto gathered = co_await gather();
  if (!gathered) co_return gathered;
  context_.progress.phase = Progress::Phase::replaying;
  while (!touched_.empty()) {
    const std::uint64_t before = work_done(*context_.report.target);
    const std::size_t jobs = jobs_.size();
    auto ended = co_await session();
    if (ended) break;
    if (verdict(ended.error()) != Verdict::reconnect) co_return ended;
    if (work_done(*context_.report.target) != before || jobs_.size() < jobs) reconnects_.progressed();
    auto paused = co_await reconnects_.pause(ended.error(), context_.wait);
    if (!paused) co_return paused;
  }
  if (!all_done_ || !(cursor_ < fold_.end())) co_return {};
  auto moved = co_await context_.vault.set_target_cursor(id_, fold_.end());
  co_return moved;
}

/// What there is to do, from the vault alone: a target that is up to date is not even connected to.
Task<Result<void>> TargetPass::gather() {
  auto id = co_await context_.vault.target_id(context_.options.target);
  if (!id) co_return fail(id.error());
  id_ = *id;
  auto folded = co_await fold_history();
  if (!folded) co_return folded;
  auto mailboxes = co_await context_.vault.mailboxes();
  if (!mailboxes) co_return fail(mailboxes.error());
  mailboxes_ = std::move(*mailboxes);
  auto recorded = co_await context_.vault.target_mailboxes(id_);
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) recorded_.emplace(one.source, std::move(one));
  auto intents = co_await context_.vault.intents(id_);
  if (!intents) co_return fail(intents.error());

  for (const auto& [mailbox, work] : fold_.work()) {
    if (!work.touched.empty() || work.new_generation) touched_[mailbox] = work.touched;
  }
  for (const Intent& intent : *intents) {
    UidSet& touched = touched_[intent.mailbox];
    for (const Intent::Item& item : intent.items) touched.add(item.place.uid);
  }
  for (const Place& place : context_.quarantine.due_appends(id_)) touched_[place.mailbox].add(place.uid);
  for (const MailboxRecord& one : mailboxes_) {
    const auto known = recorded_.find(one.id);
    if (one.present && (known == recorded_.end() || !known->second.adopted)) touched_[one.id];
  }
  auto forgotten = co_await forget_unwanted();
  if (!forgotten) co_return fail(forgotten.error());
  co_return {};
}

Task<Result<void>> TargetPass::fold_history() {
  auto cursor = co_await context_.vault.target_cursor(id_);
  if (!cursor) co_return fail(cursor.error());
  cursor_ = *cursor;
  HistorySeq after = cursor_;
  while (true) {
    auto rows = co_await context_.vault.history(after, kHistoryPage);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) break;
    for (const HistoryRecord& row : *rows) fold_.add(row);
    after = rows->back().seq;
  }
  co_return {};
}

/// Mailboxes that are not replayed: the cursor passes their rows, so that one which is wanted again later is compared
/// anew.
Task<Result<bool>> TargetPass::forget_unwanted() {
  for (auto it = touched_.begin(); it != touched_.end();) {
    const MailboxRecord* record = mailbox(it->first);
    if (record && record->selectable && context_.wants(record->name)) {
      ++it;
      continue;
    }
    const auto known = recorded_.find(it->first);
    if (known != recorded_.end() && known->second.adopted) {
      known->second.adopted = false;
      auto put = co_await context_.vault.put_target_mailbox(id_, known->second);
      if (!put) co_return fail(put.error());
    }
    it = touched_.erase(it);
  }
  co_return true;
}

Task<Result<void>> TargetPass::session() {
  auto target = co_await connector_.connect(context_.wait);
  if (!target) co_return fail(target.error());
  reconnects_.connected();
  auto ended = co_await talk(**target);
  context_.report.target->commands += (*target)->commands_sent();
  co_return ended;
}

Task<Result<void>> TargetPass::talk(Target& target) {
  if (!planned_) {
    auto planned = co_await plan(target);
    if (!planned) co_return planned;
  }
  auto worked = co_await work(target);
  if (!worked) co_return worked;
  co_await target.close();
  co_return {};
}

Task<Result<void>> TargetPass::plan(Target& target) {
  auto listed = co_await target.list(context_.wait);
  if (!listed) co_return fail(listed.error());
  const TargetFeatures features = target.features();
  MapFacts facts;
  facts.tree = {features.delimiter, features.prefix};
  for (const MailboxRecord& one : mailboxes_) {
    facts.source_tree.push_back(one.name);
    const bool wanted = one.selectable && context_.wants(one.name);
    if (wanted && (one.present || recorded_.contains(one.id) || touched_.contains(one.id)))
      facts.sources.push_back(one);
  }
  for (const auto& [id, record] : recorded_) facts.recorded.push_back(record);
  facts.listed = *listed;
  const MailboxMap map = map_mailboxes(facts);
  for (const MailboxMap::Collision& collision : map.collisions) report_collision(collision);
  std::set<std::string> subscribed;
  for (const ListedMailbox& one : *listed) {
    if (one.subscribed) subscribed.insert(one.name.wire());
  }
  const bool inbox_namespace = has_inbox_namespace(facts.source_tree);
  std::set<std::string> taken;
  for (const auto& [id, mapped] : map.mailboxes) taken.insert(mapped.name.wire());
  for (auto it = touched_.rbegin(); it != touched_.rend(); ++it) {
    const auto mapped = map.mailboxes.find(it->first);
    if (mapped == map.mailboxes.end()) {
      all_done_ = false;
      continue;
    }
    ReplayJob job;
    job.source = *mailbox(it->first);
    job.target = mapped->second;
    job.subscribed = subscribed.contains(mapped->second.name.wire());
    job.touched = it->second;
    const auto strict = target_name(source_path(job.source.name, inbox_namespace), facts.tree, Escaping::strict);
    if (strict && taken.insert(strict->wire()).second) job.strict_name = *strict;
    jobs_.push_back(std::move(job));
  }
  context_.progress.replay_total = 0;
  planned_ = true;
  co_return {};
}

void TargetPass::report_collision(const MailboxMap::Collision& collision) {
  const MailboxRecord* one = mailbox(collision.mailbox);
  const MailboxRecord* other = mailbox(collision.other);
  if (!one || !touched_.contains(collision.mailbox)) return;
  all_done_ = false;
  context_.report.target->held += touched_[collision.mailbox].size();
  context_.problem(Error(ErrorKind::config, "the target mailbox \"" + collision.name.display() + "\" is taken by \"" +
                                                (other ? other->name.display() : std::string("another mailbox")) + "\"")
                       .scope(Scope::mailbox)
                       .remedy("rename one of the two at the source, or leave one out with mailboxes.exclude")
                       .at(one->name.display()));
}

Task<Result<void>> TargetPass::work(Target& target) {
  while (!jobs_.empty()) {
    ReplayJob& job = jobs_.back();
    auto fresh = co_await refresh(job);
    if (!fresh) co_return fresh;
    const std::uint64_t before = work_done(*context_.report.target);
    MailboxReplay replay(context_, target, id_, job);
    auto done = co_await replay.run();
    if (work_done(*context_.report.target) != before) cuts_.erase(job.source.id);
    if (done) {
      jobs_.pop_back();
      continue;
    }
    Error error = done.error();
    error.at(job.target.name.display()).at(context_.options.target);
    if (!leaves_mailbox(job, error)) co_return fail(std::move(error));
    all_done_ = false;
    const bool cut = verdict(error) == Verdict::reconnect;
    context_.problem(error);
    jobs_.pop_back();
    if (cut) co_return fail(std::move(error));
  }
  co_return {};
}

/// What earlier sessions made durable.
Task<Result<void>> TargetPass::refresh(ReplayJob& job) {
  auto recorded = co_await context_.vault.target_mailboxes(id_);
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) {
    if (one.source != job.source.id) continue;
    job.target.name = one.name;
    job.record = std::move(one);
    break;
  }
  auto intents = co_await context_.vault.intents(id_);
  if (!intents) co_return fail(intents.error());
  job.intents.clear();
  for (Intent& intent : *intents) {
    if (intent.mailbox == job.source.id) job.intents.push_back(std::move(intent));
  }
  co_return {};
}

bool TargetPass::leaves_mailbox(const ReplayJob& job, const Error& error) {
  switch (verdict(error)) {
    case Verdict::skip_message:
    case Verdict::skip_mailbox:
      return true;
    case Verdict::reconnect:
      return error.kind() != ErrorKind::throttle && ++cuts_[job.source.id] >= kCutsPerMailbox;
    case Verdict::stop_side:
    case Verdict::stop_pass:
      return false;
  }
  return false;
}

const MailboxRecord* TargetPass::mailbox(MailboxId id) const {
  const auto found = std::find_if(mailboxes_.begin(), mailboxes_.end(), [&](const auto& one) { return one.id == id; });
  return found == mailboxes_.end() ? nullptr : &*found;
}

}  // namespace postern::sync
