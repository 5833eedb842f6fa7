#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/wait.h"

namespace postern {

/// Why a suspended coroutine runs again.
enum class Wakeup : std::uint8_t { signalled, timed_out, stopped };

/// The Result that belongs to it; `doing` completes "timed out while …".
Result<void> to_result(Wakeup wakeup, std::string_view doing);

/// Where one coroutine at a time sleeps until something happens, the deadline passes or a stop is asked for; all other
/// waiting is built on it. A wake-up that comes before the wait is kept for it. Destroying the sleeping coroutine's
/// frame leaves the Waiter as if nobody had waited. Lives on the scheduler's thread and outlives the waits on it.
class Waiter {
 public:
  explicit Waiter(Scheduler& scheduler) : scheduler_(scheduler) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { forget(); }

  bool waiting() const { return static_cast<bool>(sleeper_); }
  /// Resumes the sleeper at once. Only from the bottom of the loop's stack (an IO or timer callback): the sleeper may
  /// destroy anything, this Waiter included.
  void wake();
  /// Resumes the sleeper on a later turn of the loop; safe from anywhere on its thread.
  void wake_soon();

  class [[nodiscard]] Awaiter {
   public:
    Awaiter(Waiter& waiter, const Wait& wait) : waiter_(waiter), wait_(wait) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() {
      if (suspended_) waiter_.forget();  // the frame is destroyed while it sleeps
    }
    bool await_ready();
    void await_suspend(std::coroutine_handle<> sleeper);
    Wakeup await_resume();

   private:
    Waiter& waiter_;
    const Wait& wait_;
    bool suspended_ = false;
  };
  /// `co_await waiter.wait(wait)`: `wait` must outlive the await.
  Awaiter wait(const Wait& wait) { return {*this, wait}; }

 private:
  void disarm();
  void forget();
  void finish(Wakeup why);
  void finish_soon(Wakeup why);

  Scheduler& scheduler_;
  std::coroutine_handle<> sleeper_;
  std::optional<Wakeup> outcome_;  // set: the sleeper is on its way, or a signal is kept for the next wait
  std::optional<TimerId> timer_;
  std::optional<StopCallback> stop_;
  std::shared_ptr<Waiter*> posted_;  // shared with a turn of the loop that will resume the sleeper
};

}  // namespace postern
