#pragma once

#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace postern::daemon {

/// "2026-03-01T12:00:00.250Z": how a snapshot is called, and any moment shown to people.
std::string format_moment(WallTime when);

/// Reads a moment: what format_moment() gives; RFC 3339 with any zone; "2026-03-01 12:00[:30]"; "2026-03-01" (its first
/// instant); "today" or "yesterday" with "HH:MM". UTC where no zone is given. ErrorKind::usage else.
Result<WallTime> parse_moment(std::string_view text, WallTime now);

}  // namespace postern::daemon
