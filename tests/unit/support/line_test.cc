#include "tests/support/delay_proxy/line.h"

#include <gtest/gtest.h>

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

constexpr LineTime kStart{};

TEST(OneWayTest, OctetsComeOutHalfARoundTripLater) {
  OneWay line({.rtt = 50ms, .rate = 0});
  line.put("hello", kStart);
  line.put("world", kStart + 3ms);
  EXPECT_EQ(line.due(), kStart + 25ms);
  EXPECT_EQ(line.front(), "hello");
  line.pop(2);
  EXPECT_EQ(line.front(), "llo");
  line.pop(3);
  EXPECT_EQ(line.due(), kStart + 28ms);
}

TEST(OneWayTest, TheEndComesAfterAllOctets) {
  OneWay line({.rtt = 10ms, .rate = 1000});
  line.put("x", kStart);
  line.put_end(kStart);
  line.pop(1);
  EXPECT_TRUE(line.ended());
  EXPECT_EQ(line.front(), "");
  EXPECT_EQ(line.due(), kStart + 1ms + 5ms);
  line.pop(0);
  EXPECT_TRUE(line.empty());
}

TEST(OneWayTest, OctetsWaitForThoseBeforeThemAtTheRate) {
  OneWay line({.rtt = 0ms, .rate = 1'000'000});
  line.put(std::string(1000, 'a'), kStart);
  line.put(std::string(1000, 'b'), kStart);
  EXPECT_EQ(line.due(), kStart + 1ms);
  line.pop(1000);
  EXPECT_EQ(line.due(), kStart + 2ms);
}

TEST(OneWayTest, HoldsWhatIsInFlightAtTheRateAndAQueueAndNoMore) {
  OneWay line({.rtt = 200ms, .rate = 1'000'000});
  std::size_t put = 0;
  for (; line.roomy(); put += line.slice()) line.put(std::string(line.slice(), 'x'), kStart);
  EXPECT_GE(put, 200'000u);
  EXPECT_LT(put, 200'000u + line.slice());
  EXPECT_EQ(line.carried(), put);
}

TEST(OneWayTest, WithoutARateMemoryIsBounded) {
  OneWay line({.rtt = 200ms, .rate = 0});
  std::size_t put = 0;
  for (; line.roomy(); put += line.slice()) line.put(std::string(line.slice(), 'x'), kStart);
  EXPECT_EQ(put, std::size_t{64} * 1024 * 1024);
}

}  // namespace
}  // namespace postern::testing
