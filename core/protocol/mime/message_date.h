#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/mail/internal_date.h"

namespace postern::mime {

/// When a message arrived as far as it says so itself, for servers that do not: the date of the topmost Received field,
/// else of the first Date field (RFC 5322 §3.3, §4.3); none when neither has one that is later than 1970-01-01.
/// `octets` begins with the header. Linear; comments, folding, two-digit years, named zones and a missing zone (UTC)
/// are taken.
std::optional<InternalDate> date_of_message(ByteView octets);

/// False for what servers state that have lost a date: the epoch or 30 December 1899, each in any zone.
bool is_stated(const InternalDate& date);

}  // namespace postern::mime
