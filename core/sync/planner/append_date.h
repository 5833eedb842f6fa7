#pragma once

#include <optional>

#include "core/base/clock.h"
#include "core/mail/internal_date.h"

namespace postern::sync {

/// What a message with this INTERNALDATE is sent with when a target has refused it: the nearest date of 2 January 1970
/// to now, in UTC. None where its own lies there: the refusal was about something else.
std::optional<InternalDate> nearest_ordinary_date(const InternalDate& date, WallTime now);

}  // namespace postern::sync
