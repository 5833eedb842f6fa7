#include "core/mail/modified_utf7.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace postern {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

struct Pair {
  std::string_view utf8, wire;
};

constexpr Pair kPairs[] = {
    {"", ""},
    {"INBOX", "INBOX"},
    {"A & B", "A &- B"},
    {"&", "&-"},
    {"&&", "&-&-"},
    {"&-", "&--"},
    {"+", "+"},
    {"a+b/c,d", "a+b/c,d"},
    {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501 §5.1.3
    {"Entwürfe", "Entw&APw-rfe"},
    {"Gelöschte Objekte", "Gel&APY-schte Objekte"},
    {"Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"},
    {"ä&ö", "&AOQ-&-&APY-"},
    {"äöü", "&AOQA9gD8-"},
    {"😀", "&2D3eAA-"},
    {"a😀b", "a&2D3eAA-b"},
    {"\x7f", "&AH8-"},
    {"\t", "&AAk-"},
    {"\U0010FFFF", "&2,,f,w-"},
    {"\uFFFF", "&,,8-"},
    {"\u0080", "&AIA-"},
};

TEST(ModifiedUtf7Test, EncodesAndDecodes) {
  for (const Pair& pair : kPairs) {
    EXPECT_EQ(encode_modified_utf7(pair.utf8).value_or("error"), pair.wire);
    EXPECT_EQ(decode_modified_utf7(pair.wire).value_or("error"), pair.utf8);
  }
}

TEST(ModifiedUtf7Test, NulIsACharacterLikeOthers) {
  EXPECT_EQ(*encode_modified_utf7("a\0b"sv), "a&AAA-b");
  EXPECT_EQ(*decode_modified_utf7("a&AAA-b"), "a\0b"s);
}

TEST(ModifiedUtf7Test, RefusesEverySpellingButOne) {
  for (const std::string_view wire : {
           "&"sv,                // a shift without an end
           "&AA"sv,              //
           "abc&AOQ"sv,          //
           "&AGE-"sv,            // "a", which stands for itself
           "&ACY-"sv,            // "&", which is "&-"
           "&AOQ-&APY-"sv,       // two runs where one would do
           "&AOQ-&AOQA9g-"sv,    //
           "&AOR-"sv,            // spare bits set
           "&AOQA-"sv,           // a spare digit
           "&AOQAA-"sv,          //
           "&A-"sv,              // half a character
           "&AO-"sv,             //
           "&AOQ=-"sv,           // padding
           "&U/BTFw-"sv,         // "/" where "," belongs
           "&2D0-"sv,            // lone high surrogate
           "&3gA-"sv,            // lone low surrogate
           "&2D3YPQ-"sv,         // two high ones
           "&3gDYPQ-"sv,         // the wrong way round
           "&2D0A5A-"sv,         // high, then a letter
           "Entw\xc3\xbcrfe"sv,  // raw UTF-8
           "a\x80"sv,            //
           "a\nb"sv,             // raw controls
           "a\0b"sv,             //
           "a\x7f"sv,            //
           "& -"sv,              //
           "&A E-"sv,            //
           "&\xff-"sv,           //
       }) {
    const auto decoded = decode_modified_utf7(wire);
    ASSERT_FALSE(decoded) << wire;
    EXPECT_EQ(decoded.error().kind(), ErrorKind::protocol);
  }
}

TEST(ModifiedUtf7Test, EncodesUtf8Alone) {
  for (const std::string_view text :
       {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_FALSE(encode_modified_utf7(text)) << text;
  }
}

TEST(ModifiedUtf7Test, EveryCodePointComesBack) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 61) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text = "x";
    // Written out here, apart from the code under test.
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
               static_cast<char>(0x80 | (c & 63))};
    } else {
      text += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
               static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
    const auto wire = encode_modified_utf7(text);
    ASSERT_TRUE(wire) << c;
    for (const char octet : *wire) ASSERT_TRUE(octet >= 0x20 && octet <= 0x7E) << c;
    ASSERT_EQ(decode_modified_utf7(*wire).value_or("error"), text) << c;
  }
}

TEST(ModifiedUtf7Test, WhatDecodesEncodesToTheSame) {
  std::mt19937 random(3);
  constexpr std::string_view kLikely = "&&&---AAOQPgD82DeCGUw,+a/ \x80";
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string wire;
    for (auto length = random() % 9; length > 0; --length) wire += kLikely[random() % kLikely.size()];
    const auto text = decode_modified_utf7(wire);
    if (!text) continue;
    ++accepted;
    ASSERT_EQ(encode_modified_utf7(*text).value_or("error"), wire);
  }
  EXPECT_GT(accepted, 1'000);  // the law was put to the test
}

TEST(ModifiedUtf7Test, LongNamesAreLinear) {
  std::string shifts(4'000'000, '&');
  EXPECT_FALSE(decode_modified_utf7(shifts));
  std::string pairs;
  for (int i = 0; i < 1'000'000; ++i) pairs += "&-";
  EXPECT_EQ(decode_modified_utf7(pairs)->size(), 1'000'000u);
}

TEST(Utf8Test, IsStrict) {
  for (const std::string_view good : {""sv, "a"sv, "\0"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
                                      "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const std::string_view bad :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x41"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
        "\xed\xbf\xbf"sv, "\xe2\x82"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xfe"sv,
        "\xff"sv, "a\xf0\x9f\x98"sv}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace postern
