#include "core/protocol/sasl/saslprep.h"

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "core/base/utf8.h"

namespace postern::sasl {
namespace {

struct CodeRange {
  std::uint32_t first, last;
};

/// RFC 3454 table B.1.
constexpr CodeRange kMappedToNothing[] = {{0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x1806, 0x1806}, {0x180B, 0x180D},
                                          {0x200B, 0x200D}, {0x2060, 0x2060}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
/// RFC 3454 table C.1.2, without U+200B: RFC 4013 maps it to a space, its successors and other clients to nothing.
constexpr CodeRange kSpaces[] = {{0x00A0, 0x00A0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                                 {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
/// RFC 3454 tables C.2 to C.9, without the surrogates that UTF-8 cannot hold and the last two of each plane.
constexpr CodeRange kProhibited[] = {{0x0000, 0x001F},   {0x007F, 0x009F},   {0x0340, 0x0341},    {0x06DD, 0x06DD},
                                     {0x070F, 0x070F},   {0x180E, 0x180E},   {0x200E, 0x200F},    {0x2028, 0x202E},
                                     {0x2061, 0x2063},   {0x206A, 0x206F},   {0x2FF0, 0x2FFB},    {0xE000, 0xF8FF},
                                     {0xFDD0, 0xFDEF},   {0xFFF9, 0xFFFD},   {0x1D173, 0x1D17A},  {0xE0001, 0xE0001},
                                     {0xE0020, 0xE007F}, {0xF0000, 0xFFFFD}, {0x100000, 0x10FFFD}};

bool within(std::span<const CodeRange> table, std::uint32_t c) {
  for (const CodeRange& range : table) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

bool is_prohibited(std::uint32_t c) { return within(kProhibited, c) || (c & 0xFFFE) == 0xFFFE; }

}  // namespace

Result<Secret> saslprep(std::string_view text) {
  std::string out;
  out.reserve(text.size());  // never longer, so that no copy of a password is left behind by growing
  while (!text.empty()) {
    const auto [code_point, octets] = decode_utf8(text);
    if (octets == 0) return fail(ErrorKind::auth, "user name or password is not UTF-8");
    if (is_prohibited(code_point)) {
      cleanse(out);
      return fail(Error(ErrorKind::auth, "user name or password holds a character that SASL prohibits (RFC 4013)")
                      .remedy("look for a control character, such as a line end inside of it"));
    }
    if (within(kSpaces, code_point)) {
      out.push_back(' ');
    } else if (!within(kMappedToNothing, code_point)) {
      out.append(text.substr(0, octets));
    }
    text.remove_prefix(octets);
  }
  return Secret(std::move(out));
}

Result<void> check_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto [code_point, octets] = decode_utf8(text);
    if (octets == 0) return fail(ErrorKind::auth, "user name or password is not UTF-8");
    if (code_point == 0) return fail(ErrorKind::auth, "user name or password holds a NUL");
    text.remove_prefix(octets);
  }
  return {};
}

}  // namespace postern::sasl
