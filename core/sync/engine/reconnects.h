#pragma once

#include <utility>

#include "core/io/sleep.h"
#include "core/sync/pass.h"
#include "core/sync/planner/backoff.h"

namespace postern::sync {

/// Waits between the connections of one session and those that follow it, and says when enough were tried. Until a
/// session has stood in this pass nothing is known to be worth waiting for: two further attempts within seconds, so
/// that a person who mistyped a host hears of it, and a daemon's schedule does the waiting.
class Reconnects {
 public:
  Reconnects(const PassOptions& options, Scheduler& scheduler, std::uint64_t salt)
      : options_(options),
        scheduler_(scheduler),
        backoff_(options.seed ^ salt, options.backoff_base, options.backoff_cap),
        first_backoff_(options.seed ^ ~salt, kFirstBase, kFirstCap) {}

  /// A session stands: authenticated, ready for commands.
  void connected() {
    if (!std::exchange(connected_, true)) failures_ = 0;
  }

  /// Something new became durable: the count starts anew.
  void progressed() { failures_ = throttled_ = 0; }
  /// Returns when it is time for the next connection; gives `why` back when there is to be none.
  Task<Result<void>> pause(Error why, Wait wait);

 private:
  static constexpr int kThrottled = 50;  // a server that only ever asks for patience
  static constexpr int kFirstReconnects = 2;
  static constexpr std::chrono::milliseconds kFirstBase{1'000}, kFirstCap{2'000};

  const PassOptions& options_;
  Scheduler& scheduler_;
  Backoff backoff_;
  Backoff first_backoff_;
  bool connected_ = false;
  int failures_ = 0;
  int throttled_ = 0;
};

}  // namespace postern::sync
