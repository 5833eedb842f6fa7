#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern {

/// Modified UTF-7 of mailbox names (RFC 3501 §5.1.3). decode() accepts exactly what encode() makes, so that
/// encode(decode(x)) == x and two spellings never name one mailbox: non-canonical shifts, "/" in base64, lone
/// surrogates and raw 8-bit octets are errors.
Result<std::string> decode_modified_utf7(std::string_view name);
/// `utf8` must be valid UTF-8 (RFC 3629), else an error.
Result<std::string> encode_modified_utf7(std::string_view utf8);

/// Strict RFC 3629 UTF-8.
bool is_valid_utf8(std::string_view text);

}  // namespace postern
