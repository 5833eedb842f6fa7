#include "tests/support/io/manual_loop.h"

#include <stdexcept>
#include <utility>

namespace postern::testing {

bool ManualLoop::run_one() {
  if (ready_.empty()) return false;
  const auto work = std::move(ready_.front());
  ready_.pop_front();
  work();
  return true;
}

void ManualLoop::move_to(MonotonicTime when) {
  if (when <= now_) return;
  wall_ += std::chrono::duration_cast<std::chrono::milliseconds>(when - kStart) -
           std::chrono::duration_cast<std::chrono::milliseconds>(now_ - kStart);
  now_ = when;
}

void ManualLoop::run_ready() {
  while (run_one()) {
  }
}

void ManualLoop::turn_until(const bool& done) {
  while (!done) {
    if (run_one()) continue;
    const auto next = timers_.next();
    if (!next) throw std::runtime_error("deadlock: the task waits, nothing is ready and no timer is set");
    move_to(*next);
    if (const auto work = timers_.take_due(now_)) work();
  }
}

void ManualLoop::advance(std::chrono::nanoseconds duration) {
  const MonotonicTime end = now_ + duration;
  run_ready();
  for (auto next = timers_.next(); next && *next <= end; next = timers_.next()) {
    move_to(*next);
    if (const auto work = timers_.take_due(now_)) work();
    run_ready();
  }
  move_to(end);
}

}  // namespace postern::testing
