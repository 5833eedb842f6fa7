#pragma once

#include <cstdint>
#include <functional>

#include "core/base/clock.h"
#include "core/base/strong_id.h"

namespace postern {

using TimerId = StrongId<struct TimerTag, std::uint64_t>;

/// The thread that coroutines run on: its time, its timers, and a way in from other threads. `Loop` is the real one, on
/// libuv; `ManualLoop` is the tests', where time moves only when nothing else can.
/// All but run_soon_from_any_thread() belong to the loop's own thread.
class Scheduler : public Clock {
 public:
  /// Runs `work` on a later turn of the loop, in the order of the calls.
  virtual void run_soon(std::function<void()> work) = 0;
  /// The same, callable from any thread. `work` runs on the loop's thread; if the loop has ended it is dropped.
  virtual void run_soon_from_any_thread(std::function<void()> work) = 0;
  /// Runs `work` once, at `when` or as soon after as possible. `work` must not outlive what it captures: cancel first.
  virtual TimerId call_at(MonotonicTime when, std::function<void()> work) = 0;
  /// Forgets a timer; nothing happens if it has fired already.
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace postern
