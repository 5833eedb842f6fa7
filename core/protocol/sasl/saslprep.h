#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace postern::sasl {

/// SASLprep (RFC 4013) as far as it goes without tables of Unicode: maps other spaces to a blank and soft hyphens and
/// joiners to nothing, refuses what is not UTF-8 and what the profile prohibits (controls, private use, non-characters,
/// direction changes, tags). Letters stay as they were typed: DECISIONS.md. ASCII comes out as it went in.
Result<Secret> saslprep(std::string_view text);

/// What PLAIN may carry (RFC 4616 §2): UTF-8 without NUL. Nothing else is refused: many servers compare octets.
Result<void> check_plain_text(std::string_view text);

}  // namespace postern::sasl
