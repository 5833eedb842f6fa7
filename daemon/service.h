#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/config/config.h"
#include "core/io/event.h"
#include "core/io/semaphore.h"
#include "core/io/stop_token.h"
#include "core/io/task.h"
#include "core/metrics/metrics.h"
#include "daemon/http/admin_server.h"
#include "daemon/pass_schedule.h"
#include "daemon/render/pace.h"
#include "daemon/runtime.h"
#include "daemon/wiring/account_runner.h"

namespace postern::daemon {

/// What `postern run` does until it is stopped: passes by schedule, metrics and probes. Lives on the runtime's loop.
class Service {
 public:
  /// `config` and `runtime` must outlive it.
  Service(const config::Config& config, Runtime& runtime);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  /// Where HTTP is wanted, takes the port; fails when it is not to be had. Before run().
  Result<void> listen();
  /// The port that was taken; for tests that configure none in particular.
  std::optional<std::uint16_t> port() const;
  /// Ends after stop(), at the latest kGrace later.
  Task<void> run();
  /// Ends passes under way at their next wait; no other is begun.
  void stop();

  /// Systemd and Kubernetes give at least ten seconds; the vault needs some of them to close.
  static constexpr std::chrono::seconds kGrace{8};

 private:
  struct Account {
    const config::Account* config;
    metrics::AccountProbe probe;
    std::optional<PassSchedule> schedule;
    sync::Progress progress;
    Pace pulled;
    Pace replayed;
    std::uint64_t octets_counted = 0;  // of the pass under way, in the metrics already
    bool running = false;
  };

  Task<void> keep(Account& account);
  Task<void> one_pass(Account& account);
  Task<void> read_memory(Account& account);
  void ended(Account& account, const sync::PassReport& report);
  void observe();
  std::string not_ready();
  Wait until_stop() const { return {MonotonicTime::max(), stop_.token()}; }
  PassWorld world() {
    const std::size_t at_once = std::min<std::size_t>(config_.accounts.size(), config_.limits.accounts);
    return {runtime_.vault(), runtime_.loop(), runtime_.workers(), runtime_.dialer(),
            share_of_memory(config_.limits.memory, at_once)};
  }

  const config::Config& config_;
  Runtime& runtime_;
  metrics::Metrics metrics_;
  std::deque<Account> accounts_;  // addresses stay
  Semaphore slots_;
  StopSource stop_;
  Event stopping_;
  Pages pages_;
  std::unique_ptr<TcpListener> listener_;
  std::optional<TimerId> observer_;
};

}  // namespace postern::daemon
