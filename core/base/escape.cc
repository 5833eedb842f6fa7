#include "core/base/escape.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/utf8.h"

namespace postern {
namespace {

/// Controls, line separators, and what changes the direction of text or is not seen at all.
bool is_unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE007F);
}

/// The first character of `text`, made safe, and how many octets of `text` it stands for.
struct Piece {
  std::string safe;
  std::size_t octets;
};

Piece first_piece(std::string_view text) {
  const auto [code_point, octets] = decode_utf8(text);
  if (octets == 0) return {fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0])), 1};
  if (!is_unsafe(code_point)) return {std::string(text.substr(0, octets)), octets};
  return {code_point < 0x100 ? fmt::format("\\x{:02x}", code_point) : fmt::format("\\u{{{:x}}}", code_point), octets};
}

}  // namespace

std::string escape_for_people(std::string_view text, std::size_t limit) {
  static constexpr std::string_view kCut = "…";
  std::string out;
  std::size_t cut_at = 0;  // how much of `out` leaves room for the ellipsis
  while (!text.empty()) {
    const auto [safe, octets] = first_piece(text);
    if (out.size() + safe.size() > limit) {
      out.resize(cut_at);
      return out.append(kCut);
    }
    out += safe;
    if (out.size() + kCut.size() <= limit) cut_at = out.size();
    text.remove_prefix(octets);
  }
  return out;
}

}  // namespace postern
