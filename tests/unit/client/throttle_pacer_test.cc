#include "core/client/throttle_pacer.h"

#include <gtest/gtest.h>

namespace postern::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ThrottlePacerTest, NoDelayUntilAsked) {
  ThrottlePacer pacer;
  const MonotonicTime now{seconds(100)};
  EXPECT_LE(pacer.not_before(), now);
  pacer.completed(now, false);
  EXPECT_LE(pacer.not_before(), now);
}

TEST(ThrottlePacerTest, DoublesUpToSixteenSeconds) {
  ThrottlePacer pacer;
  MonotonicTime now{seconds(100)};
  pacer.completed(now, true);
  EXPECT_EQ(pacer.not_before() - now, milliseconds(50));
  pacer.completed(now, true);
  EXPECT_EQ(pacer.not_before() - now, milliseconds(100));
  for (int i = 0; i < 20; ++i) pacer.completed(now, true);
  EXPECT_EQ(pacer.not_before() - now, milliseconds(16'000));
}

TEST(ThrottlePacerTest, ShrinksOnceTheServerIsQuiet) {
  ThrottlePacer pacer;
  MonotonicTime now{seconds(100)};
  for (int i = 0; i < 4; ++i) pacer.completed(now, true);  // 400 ms
  now += milliseconds(400);
  pacer.completed(now, false);
  EXPECT_EQ(pacer.not_before() - now, milliseconds(400)) << "not quiet for long enough";
  now += milliseconds(400);
  pacer.completed(now, false);
  EXPECT_EQ(pacer.not_before() - now, milliseconds(300));
  for (int i = 0; i < 20; ++i) {
    now += seconds(1);
    pacer.completed(now, false);
  }
  EXPECT_EQ(pacer.not_before(), now);
}

}  // namespace
}  // namespace postern::client
