#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern::config {

/// "90s", "15m", "1h30m", "7d", "2w": whole numbers with units, larger units first; at most 100 years.
Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace postern::config
