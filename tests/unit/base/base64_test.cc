#include "core/base/base64.h"

#include <gtest/gtest.h>

#include <random>

namespace postern {
namespace {

using namespace std::string_view_literals;

TEST(Base64Test, MatchesTheRfc) {  // RFC 4648 §10
  const struct {
    std::string_view octets, text;
  } cases[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"},
               {"\0\xff\xfe"sv, "AP/+"}};
  for (const auto& c : cases) {
    EXPECT_EQ(base64_encode(c.octets), c.text);
    const auto decoded = base64_decode(c.text);
    ASSERT_TRUE(decoded) << c.text;
    EXPECT_EQ(*decoded, c.octets);
  }
}

TEST(Base64Test, RefusesEverySpellingButOne) {
  for (const std::string_view text :
       {"Z"sv,     "Zg"sv,   "Zg="sv,    "Zg==="sv, "===="sv,  "="sv,       "Z==="sv,
        "Zh=="sv,  "Zm9="sv, "Zm8=\n"sv, " Zg=="sv, "Zg== "sv, "Zg\r\n"sv,  "Zg==Zg=="sv,
        "Zm9v="sv, "Z=9v"sv, "Zm9-"sv,   "Zm9_"sv,  "Zm9\0"sv, "Zm9\x80"sv, "Zm9v===="sv}) {
    const auto decoded = base64_decode(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().kind(), ErrorKind::protocol);
  }
}

TEST(Base64Test, WhatDecodesEncodesToTheSame) {
  std::mt19937 random(5);
  constexpr std::string_view kLikely = "AQZgw9/+=";
  int accepted = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto length = random() % 3 * 4; length > 0; --length) text += kLikely[random() % kLikely.size()];
    const auto octets = base64_decode(text);
    if (!octets) continue;
    ++accepted;
    ASSERT_EQ(base64_encode(*octets), text);
  }
  EXPECT_GT(accepted, 1'000);
}

TEST(Base64Test, EveryLengthComesBack) {
  std::mt19937 random(6);
  for (std::size_t length = 0; length < 300; ++length) {
    Bytes octets;
    for (std::size_t i = 0; i < length; ++i) octets.push_back(static_cast<char>(random()));
    ASSERT_EQ(base64_decode(base64_encode(octets)).value_or("error"), octets);
  }
}

}  // namespace
}  // namespace postern
