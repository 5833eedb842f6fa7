#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>

#include "core/io/run_root.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/timer_heap.h"

namespace postern::testing {

/// A Scheduler whose time moves only when nothing else can: ready work runs first, then the clock jumps to the next
/// timer. So a test of hours takes microseconds and runs the same each time. Single-threaded.
class ManualLoop final : public Scheduler {
 public:
  MonotonicTime now() const override { return now_; }
  WallTime wall() const override { return wall_; }
  void run_soon(std::function<void()> work) override { ready_.push_back(std::move(work)); }
  void run_soon_from_any_thread(std::function<void()> work) override { run_soon(std::move(work)); }
  TimerId call_at(MonotonicTime when, std::function<void()> work) override {
    return timers_.add(when, std::move(work));
  }
  void cancel(TimerId timer) override { timers_.cancel(timer); }

  /// Runs until `task` has ended. Throws std::runtime_error when it can never end: nothing is ready and no timer is
  /// set.
  template <class T>
  T run(Task<T> task) {
    return detail::run_root<T>(
        std::move(task), [] {}, [this](const bool& done) { turn_until(done); });
  }
  /// Runs what is ready now, and what that makes ready; time stands still.
  void run_ready();
  /// Lets `duration` pass, running everything that falls due.
  void advance(std::chrono::nanoseconds duration);
  /// Moves the wall clock alone, as an administrator or NTP does.
  void jump_wall(std::chrono::milliseconds by) { wall_ += by; }
  std::size_t pending_timers() const { return timers_.size(); }
  /// How much time has passed since the loop was made.
  std::chrono::nanoseconds elapsed() const { return now_ - kStart; }

 private:
  static constexpr MonotonicTime kStart{std::chrono::hours(1)};
  void turn_until(const bool& done);
  bool run_one();
  void move_to(MonotonicTime when);

  MonotonicTime now_ = kStart;
  WallTime wall_{std::chrono::milliseconds(1'767'225'600'000)};  // 2026-01-01T00:00:00Z
  std::deque<std::function<void()>> ready_;
  TimerHeap timers_;
};

}  // namespace postern::testing
