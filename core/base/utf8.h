#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

/// One code point and how many octets it took; `octets` 0 when the text does not start with one.
struct Utf8Char {
  std::uint32_t code_point = 0;
  std::size_t octets = 0;
};

/// The code point that `text` starts with, by strict RFC 3629: shortest form, no surrogates, at most U+10FFFF.
/// Of an empty text: none.
Utf8Char decode_utf8(std::string_view text);

/// Appends `code_point`, which must be a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace postern
