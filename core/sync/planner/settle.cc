#include "core/sync/planner/settle.h"

#include <algorithm>

namespace postern::sync {

void Settle::looked(std::uint32_t uidnext, std::uint32_t messages) {
  const std::uint64_t state = std::uint64_t{uidnext} << 32 | messages;
  unchanged_ = unchanged_ != 0 && state == last_ ? unchanged_ + 1 : 1;
  last_ = state;
}

std::optional<std::chrono::milliseconds> Settle::wait(WallTime now) const {
  if (now >= until_ || unchanged_ > kProbes) return std::nullopt;
  // A wall clock that went back must not stretch the wait.
  const auto left = std::min<std::chrono::milliseconds>(until_ - now, settle_);
  return std::min(left, settle_ / 6 + std::chrono::milliseconds(1));
}

}  // namespace postern::sync
