#pragma once

#include <chrono>
#include <cstdint>

namespace postern::sync {

/// Waits between tries: full jitter over a doubling ceiling, so that accounts cut off together do not come back
/// together. Drawn from a seed; the same seed gives the same waits.
class Backoff {
 public:
  Backoff(std::uint64_t seed, std::chrono::milliseconds base, std::chrono::milliseconds cap)
      : state_(seed), base_(base), cap_(cap) {}

  /// A wait in [0, min(cap, base * 2^attempt)]; `attempt` counts from 0.
  std::chrono::milliseconds next(int attempt);

 private:
  std::uint64_t random();
  std::uint64_t state_;
  std::chrono::milliseconds base_, cap_;
};

/// When a quarantined message is tried again: after 1 h, 6 h, 24 h, then weekly. `attempts` counts those made.
std::chrono::hours quarantine_wait(std::uint32_t attempts);

}  // namespace postern::sync
