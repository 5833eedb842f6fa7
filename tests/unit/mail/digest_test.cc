#include "core/mail/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace postern {
namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

TEST(DigestTest, HexComesBack) {
  const auto digest = Digest::from_hex(kHex);
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->to_hex(), kHex);
  EXPECT_EQ(*Digest::from_hex(ascii_upper(kHex)), *digest);
}

TEST(DigestTest, OctetsComeBack) {
  const auto digest = Digest::from_hex(kHex);
  EXPECT_EQ(digest->octets().size(), 32u);
  EXPECT_EQ(*Digest::from_octets(digest->octets()), *digest);
  EXPECT_EQ(digest->octets().front(), '\0');
  EXPECT_EQ(digest->octets().back(), '\xff');
}

TEST(DigestTest, RefusesOtherSizesAndDigits) {
  EXPECT_FALSE(Digest::from_octets(""));
  EXPECT_FALSE(Digest::from_octets(std::string(31, 'x')));
  EXPECT_FALSE(Digest::from_octets(std::string(33, 'x')));
  EXPECT_FALSE(Digest::from_hex(""));
  EXPECT_FALSE(Digest::from_hex(kHex.substr(1)));
  EXPECT_FALSE(Digest::from_hex(kHex + "0"));
  for (const char c : {'g', ' ', '-', '\0', '/', ':', '@', '`', 'G'}) {
    std::string bad = kHex;
    bad[63] = c;
    EXPECT_FALSE(Digest::from_hex(bad)) << c;
    bad[63] = 'f';
    bad[0] = c;
    EXPECT_FALSE(Digest::from_hex(bad)) << c;
  }
}

TEST(DigestTest, SortsAndHashesByOctets) {
  Digest low, high = *Digest::from_hex(kHex);
  EXPECT_LT(low, high);
  const std::unordered_set<Digest> set{low, high, high};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace postern
