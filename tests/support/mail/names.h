#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::testing {

/// Modified UTF-7 (RFC 3501 §5.1.3) of valid UTF-8 and back; the tests' own, so that a mistake in the code under test
/// is not made on both sides.
std::string to_wire_name(std::string_view utf8);
std::string from_wire_name(std::string_view wire);

/// A quoted string (RFC 9051 §9). Refuses octets that only a literal can carry: CR, LF and NUL.
std::string imap_quoted(std::string_view text);

/// "dd-Mon-yyyy hh:mm:ss +zzzz" of RFC 9051 §9, without quotes.
std::string imap_date_time(std::int64_t unix_seconds, int zone_minutes);
/// The instant of such a date-time; throws on anything else.
std::int64_t parse_imap_date_time(std::string_view text);

}  // namespace postern::testing
