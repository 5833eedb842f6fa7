#pragma once

#include <list>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/io/waiter.h"

namespace postern {

/// A flag that coroutines wait for; stays set until reset(). Waiters resume on a later turn, in the order they came.
/// Lives on the scheduler's thread and outlives the waits on it.
class Event {
 public:
  explicit Event(Scheduler& scheduler) : scheduler_(scheduler) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }
  /// Returns when the flag is, or was since the call, set. `doing` completes "timed out while …" and must be a literal.
  Task<Result<void>> wait(Wait wait, std::string_view doing = "waiting");

 private:
  Scheduler& scheduler_;
  bool set_ = false;
  std::list<Waiter*> waiters_;
};

/// A value that arrives once, for one coroutine that waits for it. Same thread and lifetime rules as Event.
template <class T>
class Completion {
 public:
  explicit Completion(Scheduler& scheduler) : event_(scheduler) {}

  bool is_set() const { return event_.is_set(); }
  /// The first value counts.
  void set(T value) {
    if (event_.is_set()) return;
    value_.emplace(std::move(value));
    event_.set();
  }
  /// Takes the value, once.
  Task<Result<T>> wait(Wait wait, std::string_view doing = "waiting") {
    const Result<void> came = co_await event_.wait(wait, doing);
    if (!came) co_return fail(came.error());
    co_return std::move(*value_);
  }

 private:
  Event event_;
  std::optional<T> value_;
};

}  // namespace postern
