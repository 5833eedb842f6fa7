#include "core/protocol/sasl/saslprep.h"

#include <gtest/gtest.h>

#include <string>

namespace postern::sasl {
namespace {

using namespace std::string_view_literals;

std::string prepared(std::string_view text) {
  const auto result = saslprep(text);
  return result ? std::string(result->reveal()) : "refused";
}

TEST(SaslprepTest, AsciiStaysAsItIs) {
  std::string all;
  for (char c = 0x20; c < 0x7F; ++c) all.push_back(c);
  EXPECT_EQ(prepared(all), all);
  EXPECT_EQ(prepared(""), "");
}

TEST(SaslprepTest, MapsWhatRfc4013Maps) {
  EXPECT_EQ(prepared("I\u00adX"), "IX");  // RFC 4013 §3, example 1
  EXPECT_EQ(prepared("user"), "user");
  EXPECT_EQ(prepared("USER"), "USER");
  EXPECT_EQ(prepared("a\u00a0b\u3000c"), "a b c");
  EXPECT_EQ(prepared("a\u200b\u2060\ufeffb"), "ab");
}

TEST(SaslprepTest, LettersStayAsTheyWereTyped) {
  EXPECT_EQ(prepared("Pässwörd日本😀"), "Pässwörd日本😀");
  EXPECT_EQ(prepared("\u00aa\u2168"), "\u00aa\u2168");  // NFKC would make "a" and "IX" of them
}

TEST(SaslprepTest, RefusesWhatRfc4013Prohibits) {
  for (const std::string_view text :
       {"\x07"sv,   "a\0b"sv,       "a\n"sv,        "\x7f"sv,       "\u0080"sv,     "\u06dd"sv,     "\u2028"sv,
        "\u200e"sv, "\u202e"sv,     "\u0340"sv,     "\ue000"sv,     "\ufdd0"sv,     "\ufffd"sv,     "\uffff"sv,
        "\u2ff0"sv, "\U000e0001"sv, "\U000e0041"sv, "\U000f0000"sv, "\U0001fffe"sv, "\U0010ffff"sv, "\U0001d173"sv}) {
    EXPECT_EQ(prepared(text), "refused") << text;
  }
}

TEST(SaslprepTest, RefusesWhatIsNoUtf8) {
  for (const std::string_view text : {"\x80", "\xc3", "\xed\xa0\x80", "caf\xe9"}) EXPECT_EQ(prepared(text), "refused");
}

}  // namespace
}  // namespace postern::sasl
