#include "core/base/bytes.h"

#include <gtest/gtest.h>

#include "core/base/clock.h"
#include "core/base/strong_id.h"

namespace postern {
namespace {

using namespace std::string_literals;

TEST(BytesTest, FoldsAsciiAlone) {
  EXPECT_EQ(ascii_lower("AbZ@[`{"), "abz@[`{");
  EXPECT_EQ(ascii_upper("AbZ@[`{"), "ABZ@[`{");
  EXPECT_EQ(ascii_lower("\xc3\x84"), "\xc3\x84");
  EXPECT_EQ(ascii_lower("A\0B"s), "a\0b"s);
}

TEST(BytesTest, ComparesWithoutCase) {
  EXPECT_TRUE(ascii_iequals("FETCH", "fetch"));
  EXPECT_TRUE(ascii_iequals("", ""));
  EXPECT_FALSE(ascii_iequals("FETCH", "FETCHES"));
  EXPECT_FALSE(ascii_iequals("@", "`"));
  EXPECT_TRUE(ascii_istarts_with("UIDNEXT 5", "uidnext "));
  EXPECT_TRUE(ascii_istarts_with("a", ""));
  EXPECT_FALSE(ascii_istarts_with("UID", "UIDNEXT"));
}

TEST(BytesTest, OrdersByUnsignedOctets) {
  EXPECT_TRUE(ascii_iless("a", "B"));
  EXPECT_TRUE(ascii_iless("a", "ab"));
  EXPECT_FALSE(ascii_iless("A", "a"));
  EXPECT_FALSE(ascii_iless("a", "A"));
  EXPECT_TRUE(ascii_iless("z", "\x80"));
}

TEST(BytesTest, PrintsHex) {
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(to_hex("\0\x0f\xf0\xff"s), "000ff0ff");
}

TEST(BytesTest, ReadsHexOfEitherCaseAndNothingElse) {
  EXPECT_EQ(from_hex("000fF0fF"), "\0\x0f\xf0\xff"s);
  EXPECT_EQ(from_hex(""), "");
  for (const char* none : {"0", "0g", "g0", " 00", "0x"}) EXPECT_EQ(from_hex(none), std::nullopt) << none;
}

TEST(StrongIdTest, IsItsNumberAndNothingElse) {
  using A = StrongId<struct ATag, int>;
  using B = StrongId<struct BTag, int>;
  static_assert(!std::is_convertible_v<A, B> && !std::is_convertible_v<int, A> && !std::is_convertible_v<A, int>);
  EXPECT_LT(A(1), A(2));
  EXPECT_EQ(A(), A(0));
  EXPECT_EQ(std::hash<A>{}(A(5)), std::hash<int>{}(5));
}

TEST(ClockTest, TheSystemsClockGoesForward) {
  const SystemClock clock;
  const auto before = clock.now();
  EXPECT_LE(before, clock.now());
  EXPECT_GT(clock.wall().time_since_epoch().count(), 1'700'000'000'000);
}

}  // namespace
}  // namespace postern
