#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/io/scheduler.h"

namespace postern {

/// The timers of one loop. Most are deadlines that never fire, so adding and cancelling are cheap: a cancelled timer's
/// place in the heap goes when it comes up, or when such places outnumber the others. Not thread-safe.
class TimerHeap {
 public:
  TimerId add(MonotonicTime when, std::function<void()> work);
  void cancel(TimerId timer);
  /// When the earliest timer is due.
  std::optional<MonotonicTime> next();
  /// Takes out the earliest timer that is due at `now`; those of the same instant in the order they were added.
  std::function<void()> take_due(MonotonicTime now);
  std::size_t size() const { return work_.size(); }

 private:
  struct Place {
    MonotonicTime when;
    std::uint64_t id;
    bool operator>(const Place& other) const { return when != other.when ? when > other.when : id > other.id; }
  };
  void drop_cancelled();
  void pop();

  std::uint64_t last_id_ = 0;
  std::vector<Place> heap_;
  std::unordered_map<std::uint64_t, std::function<void()>> work_;
};

}  // namespace postern
