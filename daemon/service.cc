#include "daemon/service.h"

#include <random>
#include <utility>

#include "core/base/log.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "daemon/render/pass_view.h"
#include "daemon/render/quantity.h"

namespace postern::daemon {

namespace {

constexpr auto kObserve = std::chrono::seconds(1);
constexpr auto kReadyWithin = std::chrono::seconds(5);

metrics::PassState to_metric(sync::PassReport::State state) {
  switch (state) {
    case sync::PassReport::State::ok:
      return metrics::PassState::ok;
    case sync::PassReport::State::attention:
      return metrics::PassState::attention;
    case sync::PassReport::State::failed:
      return metrics::PassState::failed;
  }
  return metrics::PassState::failed;
}

metrics::VaultState to_metric(storage::Health::State state) {
  switch (state) {
    case storage::Health::State::ok:
      return metrics::VaultState::ok;
    case storage::Health::State::read_only:
      return metrics::VaultState::read_only;
    case storage::Health::State::failed:
      return metrics::VaultState::failed;
  }
  return metrics::VaultState::failed;
}

double part(std::uint64_t done, std::uint64_t total, bool finished) {
  if (total == 0) return finished ? 1 : 0;
  return static_cast<double>(done) / static_cast<double>(total);
}

/// What the reports and the metrics show of a pass that goes on; a pass that ended shows the rest.
std::uint64_t not_yet_counted(std::uint64_t total, std::uint64_t& counted) {
  if (total <= counted) return 0;
  return total - std::exchange(counted, total);
}

void log_pass(const std::string& account, const sync::PassReport& report) {
  const std::string text =
      account + ": pass " + std::string(state_word(report.state)) + ": " + pass_summary_text(report);
  if (report.state == sync::PassReport::State::ok) {
    log::info(text);
  } else {
    log::warning(text);
  }
  if (report.error) log::error(report.error->to_string());
  for (const Error& problem : report.problems) log::warning(problem.to_string());
}

}  // namespace

Service::Service(const config::Config& config, Runtime& runtime)
    : config_(config),
      runtime_(runtime),
      metrics_(POSTERN_VERSION, runtime.loop().wall()),
      slots_(runtime.loop(), config.limits.accounts),
      stopping_(runtime.loop()) {
  metrics_.accounts(config.accounts.size());
  std::mt19937_64 random{std::random_device{}()};
  std::uniform_real_distribution<double> chance(0, 1);
  for (const config::Account& account : config.accounts) {
    accounts_.push_back({&account, metrics_.account(account.name), {}, {}, {}, {}, 0, false});
    if (account.every) {
      accounts_.back().schedule.emplace(*account.every, runtime.loop().now(), accounts_.size() - 1,
                                        config.accounts.size(), chance(random));
    }
  }
  pages_.metrics = [this] { return metrics_.text(runtime_.loop().wall()); };
  pages_.not_ready = [this] { return not_ready(); };
}

Service::~Service() {
  if (observer_) runtime_.loop().cancel(*observer_);
}

Result<void> Service::listen() {
  if (!config_.listen) return {};
  const SocketAddress at{config_.listen->host == "localhost" ? "127.0.0.1" : config_.listen->host,
                         config_.listen->port};
  auto listener = TcpListener::listen(runtime_.loop(), at);
  if (!listener) return fail(std::move(listener.error().at("listen " + at.to_string())));
  listener_ = std::move(*listener);
  log::info("http: listening on " + at.to_string());
  return {};
}

std::optional<std::uint16_t> Service::port() const {
  return listener_ ? std::optional(listener_->port()) : std::nullopt;
}

Task<void> Service::run() {
  TaskGroup work(runtime_.loop());
  observe();
  if (listener_) work.spawn(serve_http(runtime_.loop(), *listener_, pages_, HttpLimits{}, until_stop()));
  for (Account& account : accounts_) work.spawn(keep(account));
  const Wait forever;
  co_await stopping_.wait(forever);
  const auto joined = co_await work.join(Wait{runtime_.loop().now() + kGrace, {}});
  if (!joined)
    log::warning("passes did not end in time; they are cut off, and the next ones go on from what is durable");
}

void Service::stop() {
  stop_.request_stop();
  stopping_.set();
}

Task<void> Service::keep(Account& account) {
  co_await read_memory(account);
  while (account.schedule && !stop_.stop_requested()) {
    const auto slept = co_await sleep(runtime_.loop(), account.schedule->due() - runtime_.loop().now(), until_stop());
    if (!slept) co_return;
    const auto slot = co_await slots_.acquire(until_stop());
    if (!slot) co_return;
    co_await one_pass(account);
  }
}

/// What earlier runs of the daemon left in the vault, so that lag and quarantine are true from the start.
Task<void> Service::read_memory(Account& account) {
  struct Memory {
    std::optional<storage::PassSummary> last;
    std::uint64_t quarantined = 0;
    std::uint64_t held = 0;
  };
  const auto read = [&vault = runtime_.vault(), name = account.config->name]() -> Result<Memory> {
    const auto id = vault.find_account(name);
    if (!id) return fail(id.error());
    if (!*id) return Memory{};
    const auto last = vault.pass_summary(**id);
    if (!last) return fail(last.error());
    const auto quarantine = vault.quarantine(**id);
    if (!quarantine) return fail(quarantine.error());
    const auto holds = vault.guard_holds(**id);
    if (!holds) return fail(holds.error());
    std::uint64_t held = 0;
    for (const GuardHold& hold : *holds) held += hold.uids.size();
    return Memory{*last, quarantine->size(), held};
  };
  const auto memory = co_await run_on(runtime_.workers(), runtime_.loop(), read);
  if (!memory) {
    log::error(memory.error().to_string());
    co_return;
  }
  if (memory->last && memory->last->last_success > WallTime{}) account.probe.last_success(memory->last->last_success);
  account.probe.quarantined(memory->quarantined);
  account.probe.held(memory->held);
}

Task<void> Service::one_pass(Account& account) {
  const MonotonicTime began = runtime_.loop().now();
  account.octets_counted = 0;
  account.progress = {};
  account.running = true;
  account.probe.running(true);
  log::debug(account.config->name + ": pass begins");
  const auto report = co_await run_account_pass(world(), *account.config, PassParts{}, account.progress, until_stop());
  account.running = false;
  ended(account, report);
  account.schedule->pass_ended(began, runtime_.loop().now(), report.error ? &*report.error : nullptr);
}

void Service::ended(Account& account, const sync::PassReport& report) {
  metrics::AccountProbe& probe = account.probe;
  const bool whole = !report.error;
  probe.running(false);
  probe.fetched(report.source.messages_fetched, not_yet_counted(report.source.bytes_fetched, account.octets_counted));
  probe.reused(report.source.bodies_reused);
  probe.mailboxes_unchanged(report.source.unchanged);
  for (const sync::Rung rung : sync::kRungs) probe.mailboxes_pulled(to_string(rung), report.source.rungs[rung]);
  for (const auto& [name, count] : report.quirks) probe.quirk(name, count);
  if (report.target) {
    probe.appended(report.target->appended);
    probe.adopted(report.target->adopted);
    probe.flags_updated(report.target->flag_updates);
    probe.held(report.target->held);
  }
  probe.quarantined(report.quarantined);
  if (whole) {
    probe.progress(metrics::Role::source, 1, std::chrono::seconds(0));
    if (account.config->target) probe.progress(metrics::Role::target, 1, std::chrono::seconds(0));
    probe.last_success(runtime_.loop().wall());
  }
  const bool stopped = report.error && report.error->kind() == ErrorKind::cancelled;
  if (report.error && !stopped) probe.error(report.error->kind());
  for (const Error& problem : report.problems) probe.error(problem.kind());
  if (!stopped) probe.pass_ended(to_metric(report.state), report.took);
  log_pass(account.config->name, report);
}

void Service::observe() {
  Loop& loop = runtime_.loop();
  metrics_.vault_state(to_metric(runtime_.vault().health().state));
  metrics_.loop_tick_age(loop.since_last_turn());
  for (Account& account : accounts_) {
    if (!account.running) continue;
    const sync::Progress& now = account.progress;
    account.pulled.update(loop.now(), now.messages_done);
    account.replayed.update(loop.now(), now.replay_done);
    using Phase = sync::Progress::Phase;
    const bool pulled = now.phase == Phase::replaying || now.phase == Phase::done;
    account.probe.progress(metrics::Role::source, part(now.messages_done, now.messages_total, pulled),
                           account.pulled.remaining(now.messages_total));
    account.probe.progress(metrics::Role::target, part(now.replay_done, now.replay_total, now.phase == Phase::done),
                           account.replayed.remaining(now.replay_total));
    account.probe.fetched(0, not_yet_counted(now.octets_done, account.octets_counted));
  }
  observer_ = loop.call_at(loop.now() + kObserve, [this] { observe(); });
}

std::string Service::not_ready() {
  const storage::Health health = runtime_.vault().health();
  if (health.state != storage::Health::State::ok) {
    return health.error ? health.error->to_string() : "the vault cannot be written";
  }
  const auto age = runtime_.loop().since_last_turn();
  if (age > kReadyWithin) return "the loop stands still for " + duration_for_people(age);
  return {};
}

}  // namespace postern::daemon
