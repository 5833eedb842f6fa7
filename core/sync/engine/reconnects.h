#pragma once

#include "core/io/sleep.h"
#include "core/sync/pass.h"
#include "core/sync/planner/backoff.h"

namespace postern::sync {

/// Waits between connections of one side of a pass, and says when enough were tried.
class Reconnects {
 public:
  Reconnects(const PassOptions& options, Scheduler& scheduler, std::uint64_t salt)
      : options_(options),
        scheduler_(scheduler),
        backoff_(options.seed ^ salt, options.backoff_base, options.backoff_cap) {}

  /// Something new became durable: the count starts anew.
  void progressed() { failures_ = throttled_ = 0; }
  /// Returns when it is time for the next connection; gives `why` back when there is to be none.
  Task<Result<void>> pause(Error why, Wait wait);

 private:
  static constexpr int kThrottled = 50;  // a server that only ever asks for patience

  const PassOptions& options_;
  Scheduler& scheduler_;
  Backoff backoff_;
  int failures_ = 0;
  int throttled_ = 0;
};

}  // namespace postern::sync
