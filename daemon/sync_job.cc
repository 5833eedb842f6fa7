#include "daemon/sync_job.h"

#include <utility>

#include "core/io/task_group.h"

namespace postern::daemon {

namespace {

sync::PassReport not_begun(const std::string& account) {
  sync::PassReport report;
  report.state = sync::PassReport::State::failed;
  report.error = Error(ErrorKind::cancelled, "stopped before its pass began").at(account);
  return report;
}

/// The vault is everybody's: when it cannot be written, no other account can go on either.
bool stops_all(const sync::PassReport& report) {
  return report.error && report.error->scope() == Scope::process && report.error->kind() != ErrorKind::internal;
}

}  // namespace

SyncJob::SyncJob(PassWorld world, std::vector<const config::Account*> accounts, PassParts parts, unsigned at_once)
    : world_(world), parts_(parts), slots_(world.scheduler, at_once) {
  for (const config::Account* account : accounts) items_.push_back({account, {}, {}, {}, {}});
}

Task<void> SyncJob::run() {
  TaskGroup passes(world_.scheduler);
  for (Item& item : items_) passes.spawn(run_one(item));
  co_await passes.join();
}

Task<void> SyncJob::run_one(Item& item) {
  const Wait wait{MonotonicTime::max(), stop_.token()};
  const auto slot = co_await slots_.acquire(wait);
  if (!slot || stopped()) {
    item.report = not_begun(item.account->name);
    item.progress.phase = sync::Progress::Phase::done;
    co_return;
  }
  item.progress.phase = sync::Progress::Phase::connecting;
  item.report = co_await run_account_pass(world_, *item.account, parts_, item.progress, wait);
  item.progress.phase = sync::Progress::Phase::done;
  if (stops_all(*item.report)) stop();
}

std::vector<AccountProgress> SyncJob::progress() {
  std::vector<AccountProgress> all;
  const MonotonicTime now = world_.scheduler.now();
  for (Item& item : items_) {
    const sync::Progress& progress = item.progress;
    item.octets.update(now, progress.octets_done);
    item.steps.update(now, progress.messages_done + progress.replay_done);
    const bool done = progress.phase == sync::Progress::Phase::done;
    all.push_back({item.account->name, progress, done ? 0.0 : item.octets.rate(),
                   item.steps.remaining(progress.messages_total + progress.replay_total)});
  }
  return all;
}

std::vector<AccountReport> SyncJob::reports() const {
  std::vector<AccountReport> all;
  for (const Item& item : items_) {
    all.push_back(
        {item.account->name, item.account->target.has_value(), item.report.value_or(not_begun(item.account->name))});
  }
  return all;
}

}  // namespace postern::daemon
