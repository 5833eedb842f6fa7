#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ostream>

#include "core/base/log.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/terminal.h"
#include "daemon/cli/vault_view.h"
#include "daemon/runtime.h"
#include "daemon/sync_job.h"

namespace postern::daemon {

namespace {

constexpr auto kFrame = std::chrono::milliseconds(200);

/// The named accounts, each once, in the order of the configuration; all when none is named.
Result<std::vector<const config::Account*>> choose(const config::Config& config,
                                                   const std::vector<std::string>& names) {
  const auto named = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<const config::Account*> chosen;
  for (const config::Account& account : config.accounts) {
    if (names.empty() || named(account.name)) chosen.push_back(&account);
  }
  for (const std::string& name : names) {
    const bool known = std::any_of(chosen.begin(), chosen.end(),
                                   [&](const config::Account* account) { return account->name == name; });
    if (!known) return fail(unknown_account(config, name));
  }
  return chosen;
}

/// Bars on the terminal while passes run; nothing elsewhere.
class Bars {
 public:
  Bars(Loop& loop, SyncJob& job, Console& console) : loop_(loop), job_(job), lines_(console.err) {
    if (console.err_is_terminal) draw();
  }
  Bars(const Bars&) = delete;
  Bars& operator=(const Bars&) = delete;
  ~Bars() {
    if (timer_) loop_.cancel(*timer_);
    lines_.clear();
  }
  void clear() { lines_.clear(); }

 private:
  void draw() {
    const TerminalSize size = terminal_size();
    const std::size_t room = size.lines > 4 ? size.lines - 3 : 1;
    lines_.draw(progress_lines(job_.progress(), size.columns > 1 ? size.columns - 1 : 1, room));
    timer_ = loop_.call_at(loop_.now() + kFrame, [this] { draw(); });
  }

  Loop& loop_;
  SyncJob& job_;
  LiveLines lines_;
  std::optional<TimerId> timer_;
};

/// The first signal ends the passes in good order; the second ends the process: the vault is whole at any instant.
void stop_on_signal(Loop& loop, SyncJob& job, Bars& bars, Console& console) {
  const auto stop = [&job, &bars, &console] {
    if (job.stopped()) std::_Exit(static_cast<int>(ExitStatus::failed));
    bars.clear();
    console.err << "stopping; what is done stays done, and the next pass goes on from there\n" << std::flush;
    job.stop();
  };
  loop.on_signal(SIGINT, stop);
  loop.on_signal(SIGTERM, stop);
}

void configure_log(const config::Log& log, bool terminal) {
  // Among bars only what matters is shown.
  const auto level = terminal && log.level == log::Level::info ? log::Level::warning : log.level;
  log::configure(level, log.format);
}

}  // namespace

ExitStatus run_command(const SyncCommand& command, const config::Config& config, Console& console) {
  const auto accounts = choose(config, command.accounts);
  if (!accounts) return report(accounts.error(), console);
  configure_log(config.log, console.err_is_terminal);
  const auto runtime = Runtime::start(config, "postern sync");
  if (!runtime) return report(runtime.error(), console);

  Runtime& r = **runtime;
  const std::size_t at_once = std::min<std::size_t>(accounts->size(), config.limits.accounts);
  SyncJob job({r.vault(), r.loop(), r.workers(), r.dialer(), share_of_memory(config.limits.memory, at_once)}, *accounts,
              {.pull = !command.replay_only, .replay = !command.pull_only}, config.limits.accounts);
  {
    Bars bars(r.loop(), job, console);
    stop_on_signal(r.loop(), job, bars, console);
    r.loop().run(job.run());
    r.loop().on_signal(SIGINT, [] { std::_Exit(static_cast<int>(ExitStatus::failed)); });
    r.loop().on_signal(SIGTERM, [] { std::_Exit(static_cast<int>(ExitStatus::failed)); });
  }
  const auto closed = r.close();
  const std::vector<AccountReport> reports = job.reports();
  console.out << (command.json ? sync_json(reports) + "\n" : sync_table(reports));
  if (!closed) return report(closed.error(), console);
  return exit_status_of(reports);
}

}  // namespace postern::daemon
