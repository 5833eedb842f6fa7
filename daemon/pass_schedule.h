#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace postern::daemon {

/// When the passes of one account are due. Pure: the caller brings the time and the chance.
class PassSchedule {
 public:
  /// Account number `index` of `accounts`: their first passes are spread so that a fleet does not start in one instant,
  /// about a second apart, within the interval. `chance` is 0 to 1.
  PassSchedule(std::chrono::nanoseconds every, MonotonicTime now, std::size_t index, std::size_t accounts,
               double chance);

  MonotonicTime due() const { return due_; }

  /// A pass that was begun at due() or later ended, with this error if it failed. The next is due one interval after
  /// this one began, at once when that has passed. A server that asked for patience gets it; after a refused login the
  /// waits grow (5 min, 30 min, then 2 h), so that no account is locked by our repetition.
  void pass_ended(MonotonicTime began, MonotonicTime ended, const Error* error);

 private:
  std::chrono::nanoseconds every_;
  MonotonicTime due_;
  std::size_t refused_ = 0;  // logins in a row
};

}  // namespace postern::daemon
