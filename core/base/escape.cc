#include "core/base/escape.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/utf8.h"

namespace postern {
namespace {

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
