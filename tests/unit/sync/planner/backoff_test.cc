#include "core/sync/planner/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, IsFullJitterUnderADoublingCeiling) {
  Backoff backoff(1, 2s, 15min);
  for (int attempt = 0; attempt < 40; ++attempt) {
    std::set<std::int64_t> seen;
    const auto ceiling =
        attempt < 9 ? std::chrono::milliseconds(2s * (1 << attempt)) : std::chrono::milliseconds(15min);
    for (int i = 0; i < 50; ++i) {
      const auto wait = backoff.next(attempt);
      EXPECT_GE(wait, 0ms);
      EXPECT_LE(wait, ceiling);
      seen.insert(wait.count());
    }
    EXPECT_GT(seen.size(), 20u);
  }
}

TEST(Backoff, IsTheSameFromTheSameSeed) {
  Backoff a(7, 2s, 1min), b(7, 2s, 1min), c(8, 2s, 1min);
  bool differs = false;
  for (int i = 0; i < 10; ++i) {
    const auto wait = a.next(i);
    EXPECT_EQ(wait, b.next(i));
    differs |= wait != c.next(i);
  }
  EXPECT_TRUE(differs);
}

TEST(QuarantineWait, GrowsToAWeek) {
  EXPECT_EQ(quarantine_wait(1), 1h);
  EXPECT_EQ(quarantine_wait(2), 6h);
  EXPECT_EQ(quarantine_wait(3), 24h);
  EXPECT_EQ(quarantine_wait(4), 168h);
  EXPECT_EQ(quarantine_wait(4'000'000'000), 168h);
}

}  // namespace
}  // namespace postern::sync
