#pragma once

#include <functional>
#include <memory>

#include "core/base/clock.h"
#include "core/io/run_root.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"

struct uv_loop_s;

namespace postern {

/// The real Scheduler: a libuv loop, run by the thread that calls run(). Everything that was made with it (streams,
/// listeners, tasks) is destroyed before it. Its own thread only, except where said.
class Loop final : public Scheduler {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() override;

  MonotonicTime now() const override;
  WallTime wall() const override;
  void run_soon(std::function<void()> work) override;
  /// Any thread. Many calls between two turns cost one wake-up.
  void run_soon_from_any_thread(std::function<void()> work) override;
  TimerId call_at(MonotonicTime when, std::function<void()> work) override;
  void cancel(TimerId timer) override;

  /// Runs the loop on this thread until `task` has ended. Whatever else is under way then stands still until the next
  /// run(): the task joins what it started.
  template <class T>
  T run(Task<T> task) {
    return detail::run_root<T>(
        std::move(task), [this] { stop_turning(); }, [this](const bool& done) { turn_until(done); });
  }

  /// Calls `action` on the loop at each arrival of signal `signum`, until the Loop ends or another action replaces it.
  void on_signal(int signum, std::function<void()> action);

  /// How long ago the loop last turned; a running loop turns at least once a second. Any thread.
  std::chrono::nanoseconds since_last_turn() const;

  /// For core/io alone.
  uv_loop_s* native();

 private:
  struct Impl;
  void turn_until(const bool& done);
  void stop_turning();
  std::unique_ptr<Impl> impl_;
};

}  // namespace postern
