#include "core/base/escape.h"

#include <gtest/gtest.h>

#include <random>

#include "core/base/utf8.h"

namespace postern {
namespace {

using namespace std::string_view_literals;

TEST(EscapeTest, LeavesTextAlone) {
  for (const std::string_view text : {"", "plain", "Entwürfe 日本語 😀", "C:\\x1b", "\"quoted\""}) {
    EXPECT_EQ(escape_for_people(text), text);
  }
}

TEST(EscapeTest, MakesControlsVisible) {
  const struct {
    std::string_view text, shown;
  } cases[] = {
      {"\0"sv, "\\x00"},
      {"a\r\nb", "a\\x0d\\x0ab"},
      {"\t", "\\x09"},
      {"\x1b[31m", "\\x1b[31m"},
      {"\x7f", "\\x7f"},
      {"\u0085", "\\x85"},  // C1, as a character
      {"\x85", "\\x85"},    // and as an octet that is no UTF-8
      {"\u009b", "\\x9b"},
      {"\u2028\u2029", "\\u{2028}\\u{2029}"},
      {"\u202e", "\\u{202e}"},  // right-to-left override
      {"\u2066\u2069", "\\u{2066}\\u{2069}"},
      {"\u200b\ufeff", "\\u{200b}\\u{feff}"},
      {"\U000e0041", "\\u{e0041}"},  // a tag character
      {"\xc3(", "\\xc3("},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xc0\xaf", "\\xc0\\xaf"},
      {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
  };
  for (const auto& c : cases) EXPECT_EQ(escape_for_people(c.text), c.shown);
}

TEST(EscapeTest, CutsAtTheLimitAndNotBefore) {
  EXPECT_EQ(escape_for_people("0123456789", 10), "0123456789");
  EXPECT_EQ(escape_for_people("0123456789a", 10), "0123456…");
  EXPECT_EQ(escape_for_people("0123456ü8", 10), "0123456ü8");
  EXPECT_EQ(escape_for_people("012345\x1b", 10), "012345\\x1b");
  EXPECT_EQ(escape_for_people("0123456\x1b", 10), "0123456…");
  EXPECT_EQ(escape_for_people("abcd", 3), "…");
  EXPECT_EQ(escape_for_people("abc", 3), "abc");
}

TEST(EscapeTest, IsSafeBoundedAndIdempotentForAnyOctets) {
  std::mt19937 random(11);
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (auto length = random() % 60; length > 0; --length) text.push_back(static_cast<char>(random()));
    const std::size_t limit = 3 + random() % 100;
    const std::string shown = escape_for_people(text, limit);
    ASSERT_LE(shown.size(), limit);
    ASSERT_EQ(escape_for_people(shown, limit), shown);
    for (std::string_view rest = shown; !rest.empty();) {
      const auto [code_point, octets] = decode_utf8(rest);
      ASSERT_GT(octets, 0u);
      ASSERT_GE(code_point, 0x20u);
      rest.remove_prefix(octets);
    }
  }
}

TEST(EscapeTest, HugeTextIsNotReadToItsEnd) {
  const std::string text(100'000'000, 'x');
  EXPECT_EQ(escape_for_people(text).size(), 512u);
}

TEST(Utf8CharTest, EncodesWhatItDecodes) {
  for (const std::uint32_t c : {0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    append_utf8(text, c);
    const auto decoded = decode_utf8(text);
    EXPECT_EQ(decoded.code_point, c);
    EXPECT_EQ(decoded.octets, text.size());
  }
  EXPECT_EQ(decode_utf8("").octets, 0u);
}

}  // namespace
}  // namespace postern
