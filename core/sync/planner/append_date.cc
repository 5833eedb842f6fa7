#include "core/sync/planner/append_date.h"

#include <algorithm>

namespace postern::sync {
namespace {

constexpr std::int64_t kFirst = 86'400;  // in any zone that is later than the epoch

}  // namespace

std::optional<InternalDate> nearest_ordinary_date(const InternalDate& date, WallTime now) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::int64_t nearest = std::clamp(date.unix_seconds, kFirst, std::max(kFirst, seconds));
  if (nearest == date.unix_seconds) return std::nullopt;
  return InternalDate{nearest, 0};
}

}  // namespace postern::sync
