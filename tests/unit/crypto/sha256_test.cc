#include "core/crypto/sha256.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace postern::crypto {
namespace {

TEST(Sha256Test, MatchesFips180) {
  const struct {
    std::string octets;
    std::string_view hex;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(to_hex(view(sha256(c.octets))), c.hex);
    EXPECT_EQ(to_hex(view(Sha256().update(c.octets).finish())), c.hex);
  }
}

TEST(Sha256Test, PiecesMakeNoDifference) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    Bytes octets;
    for (auto length = random() % 300; length > 0; --length) octets.push_back(static_cast<char>(random()));
    Sha256 hash;
    for (ByteView rest = octets; !rest.empty();) {
      const std::size_t take = random() % (rest.size() + 1);
      hash.update(rest.substr(0, take));
      rest.remove_prefix(take);
    }
    ASSERT_EQ(hash.finish(), sha256(octets));
  }
}

TEST(Sha256Test, FinishStartsAnew) {
  Sha256 hash;
  hash.update("something");
  EXPECT_NE(hash.finish(), sha256(""));
  EXPECT_EQ(hash.finish(), sha256(""));
  EXPECT_EQ(hash.update("abc").finish(), sha256("abc"));
}

TEST(Sha256Test, ACopyGoesItsOwnWay) {
  Sha256 one;
  one.update("shared prefix, long enough to fill more than one of the blocks that the hash works in: ");
  Sha256 other = one;
  const auto a = one.update("a").finish();
  const auto b = other.update("b").finish();
  EXPECT_NE(a, b);
  EXPECT_EQ(b, sha256("shared prefix, long enough to fill more than one of the blocks that the hash works in: b"));
}

}  // namespace
}  // namespace postern::crypto
