#include "core/mail/fold_case.h"

#include <cstdint>

#include "core/base/utf8.h"

namespace postern {
namespace {

struct Run {
  std::uint32_t first, last;
  std::uint32_t up;  // what is added to an upper-case letter; 0: upper and lower case take turns, upper first
};

// Unicode 15's simple lower case of these scripts, in runs; in ascending order.
constexpr Run kRuns[] = {
    {0x41, 0x5A, 32},      // A–Z
    {0xC0, 0xD6, 32},      // À–Ö
    {0xD8, 0xDE, 32},      // Ø–Þ
    {0x100, 0x12F, 0},     // Ā–į
    {0x132, 0x137, 0},     // Ĳ–ķ
    {0x14A, 0x177, 0},     // Ŋ–ŷ
    {0x1DE, 0x1EF, 0},     // Ǟ–ǯ
    {0x1F8, 0x21F, 0},     // Ǹ–ȟ
    {0x222, 0x233, 0},     // Ȣ–ȳ
    {0x370, 0x373, 0},     // Ͱ–ͳ
    {0x386, 0x386, 38},    // Ά
    {0x388, 0x38A, 37},    // Έ–Ί
    {0x38C, 0x38C, 64},    // Ό
    {0x38E, 0x38F, 63},    // Ύ, Ώ
    {0x391, 0x3A1, 32},    // Α–Ρ
    {0x3A3, 0x3AB, 32},    // Σ–Ϋ
    {0x400, 0x40F, 80},    // Ѐ–Џ
    {0x410, 0x42F, 32},    // А–Я
    {0x460, 0x481, 0},     // Ѡ–ҁ
    {0x48A, 0x4BF, 0},     // Ҋ–ҿ
    {0x4D0, 0x52F, 0},     // Ӑ–ԯ
    {0x531, 0x556, 48},    // Ա–Ֆ
    {0x1E00, 0x1E95, 0},   // Ḁ–ẕ
    {0x1EA0, 0x1EFF, 0},   // Ạ–ỿ
    {0xFF21, 0xFF3A, 32},  // Ａ–Ｚ
};

std::uint32_t lower(std::uint32_t c) {
  if (c >= 0x139 && c <= 0x148) return c + (c & 1);  // Ĺ–ň: the odd ones are upper case
  if (c >= 0x179 && c <= 0x17E) return c + (c & 1);  // Ź–ž
  if (c == 0x178) return 0xFF;                       // Ÿ
  if (c == 0x130) return 'i';                        // İ
  if (c == 0x3C2) return 0x3C3;                      // ς, at the end of a word
  for (const Run& run : kRuns) {
    if (c < run.first) return c;
    if (c <= run.last) return run.up != 0 ? c + run.up : c | 1;
  }
  return c;
}

}  // namespace

std::string fold_case(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const Utf8Char next = decode_utf8(utf8);
    if (next.octets == 0) {
      out.push_back(utf8.front());
      utf8.remove_prefix(1);
      continue;
    }
    append_utf8(out, lower(next.code_point));
    utf8.remove_prefix(next.octets);
  }
  return out;
}

}  // namespace postern
