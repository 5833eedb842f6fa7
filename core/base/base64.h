#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern {

/// RFC 4648 §4 base64 with padding, on one line.
std::string base64_encode(ByteView octets);
/// The same, behind what `out` holds.
void base64_encode(ByteView octets, std::string& out);

/// Accepts exactly what base64_encode() makes: no white space, no missing padding, no set bits behind the last octet.
Result<Bytes> base64_decode(std::string_view text);
/// The same without words: the octets go behind what `out` holds. False, and `out` as it was, for anything else.
bool base64_decode(std::string_view text, Bytes& out);

}  // namespace postern
