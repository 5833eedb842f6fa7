#include "core/base/escape.h"

#include <fmt/format.h>

#include <cstdint>

namespace postern {
namespace {

struct Decoded {
  std::uint32_t code_point;
  std::size_t octets;  // 0: not UTF-8
};

/// Strict UTF-8 (RFC 3629): shortest form, no surrogates, at most U+10FFFF.
Decoded decode_utf8(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = octet(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {0, 0};
  std::uint32_t code_point = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return {0, 0};
    code_point = (code_point << 6) | (octet(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return {0, 0};
  return {code_point, length};
}

bool is_unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string escape_for_people(std::string_view text, std::size_t limit) {
  static constexpr std::string_view kCut = "…";
  std::string out;
  while (!text.empty()) {
    const auto [code_point, octets] = decode_utf8(text);
    std::string piece;
    if (octets == 0) {
      piece = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (is_unsafe(code_point)) {
      piece = code_point < 0x100 ? fmt::format("\\x{:02x}", code_point) : fmt::format("\\u{{{:x}}}", code_point);
    } else {
      piece = text.substr(0, octets);
    }
    if (out.size() + piece.size() + kCut.size() > limit) return out.append(kCut);
    out += piece;
    text.remove_prefix(octets == 0 ? 1 : octets);
  }
  return out;
}

}  // namespace postern
