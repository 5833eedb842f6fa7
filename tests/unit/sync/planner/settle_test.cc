#include "core/sync/planner/settle.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

const WallTime kSent{std::chrono::milliseconds(1'000'000)};

TEST(Settle, EndsWithItsTimeCountedFromTheIntent) {
  Settle settle(kSent, 90s);
  settle.looked(10, 3);
  EXPECT_TRUE(settle.wait(kSent + 89s));
  EXPECT_FALSE(settle.wait(kSent + 90s));
}

TEST(Settle, ThreeLooksInARowWithoutAChangeShortenIt) {
  Settle settle(kSent, 90s);
  for (int look = 0; look < 3; ++look) {
    settle.looked(10, 3);
    EXPECT_TRUE(settle.wait(kSent + 1s)) << look;
  }
  settle.looked(11, 4);  // somebody is writing
  EXPECT_TRUE(settle.wait(kSent + 1s));
  for (int look = 0; look < 3; ++look) settle.looked(11, 4);
  EXPECT_FALSE(settle.wait(kSent + 1s));
}

TEST(Settle, AClockThatWentBackDoesNotStretchAWait) {
  Settle settle(kSent, 90s);
  settle.looked(10, 3);
  EXPECT_LE(*settle.wait(kSent - 24h), 90s);
}

}  // namespace
}  // namespace postern::sync
