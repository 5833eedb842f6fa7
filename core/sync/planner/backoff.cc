#include "core/sync/planner/backoff.h"

#include <algorithm>

namespace postern::sync {

std::uint64_t Backoff::random() {  // SplitMix64
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::chrono::milliseconds Backoff::next(int attempt) {
  const auto base = static_cast<std::uint64_t>(std::max<std::int64_t>(base_.count(), 0));
  const auto cap = static_cast<std::uint64_t>(std::max<std::int64_t>(cap_.count(), 0));
  const int doublings = std::clamp(attempt, 0, 32);
  const std::uint64_t ceiling = base > (cap >> doublings) ? cap : std::min(cap, base << doublings);
  return std::chrono::milliseconds(random() % (ceiling + 1));
}

std::chrono::hours quarantine_wait(std::uint32_t attempts) {
  switch (attempts) {
    case 0:
    case 1:
      return std::chrono::hours(1);
    case 2:
      return std::chrono::hours(6);
    case 3:
      return std::chrono::hours(24);
    default:
      return std::chrono::hours(24 * 7);
  }
}

}  // namespace postern::sync
