#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/clock.h"

namespace postern::daemon {

/// How fast something gets done, as an average that follows changes within about half a minute, and when it will be
/// finished. Pure: the caller brings the time.
class Pace {
 public:
  /// `done` so far, at `now`. Less than before means a new beginning.
  void update(MonotonicTime now, std::uint64_t done);
  /// Per second; 0 before there is anything to tell.
  double rate() const { return rate_; }
  /// Until `total` is reached; nullopt while nothing moves.
  std::optional<std::chrono::seconds> remaining(std::uint64_t total) const;

 private:
  std::optional<MonotonicTime> last_;
  std::uint64_t done_ = 0;
  double rate_ = 0;
  bool measured_ = false;
};

}  // namespace postern::daemon
