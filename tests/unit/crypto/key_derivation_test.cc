#include "core/crypto/key_derivation.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace postern::crypto {
namespace {

std::string hex(const Secret& secret) { return to_hex(secret.reveal()); }

TEST(Pbkdf2Test, MatchesRfc7914) {  // §11
  EXPECT_EQ(hex(pbkdf2_hmac_sha256(Secret("passwd"), "salt", 1, 64)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
  EXPECT_EQ(hex(pbkdf2_hmac_sha256(Secret("Password"), "NaCl", 80'000, 64)),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

TEST(ScryptTest, MatchesRfc7914) {  // §12
  EXPECT_EQ(hex(*scrypt(Secret(), "", {.n = 16, .r = 1, .p = 1}, 64)),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(hex(*scrypt(Secret("password"), "NaCl", {.n = 1024, .r = 8, .p = 16}, 64)),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(ScryptTest, TheDefaultCostIsWithinItsBounds) {
  const auto key = scrypt(Secret("passphrase"), "salt", {});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal().size(), 32u);
}

TEST(ScryptTest, RefusesCostsThatAFileShouldNotAskFor) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const ScryptCost cost :
       {ScryptCost{0, 8, 1}, ScryptCost{1, 8, 1}, ScryptCost{3, 8, 1}, ScryptCost{1024, 0, 1}, ScryptCost{1024, 8, 0},
        ScryptCost{1024, 8, 17}, ScryptCost{std::uint64_t{1} << 63, 8, 1}, ScryptCost{1 << 21, 8, 1},
        ScryptCost{2, kMost, 1}, ScryptCost{2, std::uint64_t{1} << 57, 1}, ScryptCost{1 << 16, 1, 1},
        ScryptCost{1024, 8, kMost}}) {
    const auto key = scrypt(Secret("x"), "salt", cost);
    ASSERT_FALSE(key) << cost.n << ' ' << cost.r << ' ' << cost.p;
    EXPECT_EQ(key.error().kind(), ErrorKind::config);
  }
}

}  // namespace
}  // namespace postern::crypto
