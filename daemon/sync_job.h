#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config/config.h"
#include "core/io/semaphore.h"
#include "core/io/stop_token.h"
#include "core/io/task.h"
#include "daemon/render/pace.h"
#include "daemon/render/pass_view.h"
#include "daemon/render/progress_view.h"
#include "daemon/wiring/account_runner.h"

namespace postern::daemon {

/// One pass of each of some accounts, several at a time. Lives on the loop of its world.
class SyncJob {
 public:
  /// `at_once` passes may be under way together. `accounts` must outlive it.
  SyncJob(PassWorld world, std::vector<const config::Account*> accounts, PassParts parts, unsigned at_once);

  /// Ends when every account has its report. Call once.
  Task<void> run();
  /// Ends passes under way at their next wait and begins no other. What is durable stays so.
  void stop() { stop_.request_stop(); }
  bool stopped() const { return stop_.stop_requested(); }

  /// Where each account stands now; brings the rates up to date.
  std::vector<AccountProgress> progress();
  /// In the order of the accounts; complete when run() has ended.
  std::vector<AccountReport> reports() const;

 private:
  struct Item {
    const config::Account* account;
    sync::Progress progress;
    Pace octets;
    Pace steps;
    std::optional<sync::PassReport> report;
  };
  Task<void> run_one(Item& item);

  PassWorld world_;
  PassParts parts_;
  std::deque<Item> items_;  // addresses stay
  Semaphore slots_;
  StopSource stop_;
};

}  // namespace postern::daemon
