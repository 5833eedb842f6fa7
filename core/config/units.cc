#include "core/config/units.h"

#include <cstdint>

namespace postern::config {

namespace {

constexpr std::int64_t kMost = std::int64_t{100} * 366 * 86'400;

std::int64_t seconds_in(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    case 'w':
      return 604'800;
    default:
      return 0;
  }
}

tl::unexpected<Error> no_duration(std::string_view text) {
  return fail(ErrorKind::config, "'" + std::string(text) + "' is no duration; write it as 90s, 15m, 1h30m or 7d");
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  std::int64_t number = 0;
  std::int64_t last_unit = kMost;
  bool digits = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      digits = true;
    } else {
      const std::int64_t unit = seconds_in(c);
      if (!digits || unit == 0 || unit >= last_unit) return no_duration(text);
      total += number * unit;
      last_unit = unit;
      number = 0;
      digits = false;
    }
    if (number > kMost || total > kMost) return no_duration(text);
  }
  if (digits || text.empty()) return no_duration(text);
  return std::chrono::seconds(total);
}

}  // namespace postern::config
