#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::imap {

/// RFC 4648 §4 with padding, as SASL in IMAP has it.
Bytes encode_base64(ByteView octets);
/// Strict: no line ends, no missing padding, no bits left over.
Result<Bytes> decode_base64(std::string_view text);

}  // namespace postern::imap
