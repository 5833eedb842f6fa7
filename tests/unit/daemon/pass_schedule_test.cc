#include "daemon/pass_schedule.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using namespace std::chrono;

constexpr MonotonicTime kStart{hours(1)};

TEST(PassScheduleTest, AFleetStartsSpreadOutAndASingleAccountSoon) {
  EXPECT_LE(PassSchedule(minutes(15), kStart, 0, 1, 0.99).due(), kStart + seconds(1));
  const PassSchedule last(minutes(15), kStart, 99, 100, 0.5);
  EXPECT_EQ(last.due(), kStart + milliseconds(99'500));
  // Never later than one interval.
  EXPECT_LT(PassSchedule(seconds(10), kStart, 999, 1'000, 0.99).due(), kStart + seconds(10));
}

TEST(PassScheduleTest, TheIntervalIsFromBeginningToBeginning) {
  PassSchedule schedule(minutes(15), kStart, 0, 1, 0);
  schedule.pass_ended(kStart, kStart + minutes(4), nullptr);
  EXPECT_EQ(schedule.due(), kStart + minutes(15));
  schedule.pass_ended(kStart + minutes(15), kStart + minutes(40), nullptr);
  EXPECT_EQ(schedule.due(), kStart + minutes(40));
}

TEST(PassScheduleTest, ARefusedLoginIsTriedLessAndLess) {
  PassSchedule schedule(minutes(1), kStart, 0, 1, 0);
  const Error refused(ErrorKind::auth, "no");
  MonotonicTime now = kStart;
  for (const nanoseconds wait :
       {nanoseconds(minutes(5)), nanoseconds(minutes(30)), nanoseconds(hours(2)), nanoseconds(hours(2))}) {
    schedule.pass_ended(now, now + seconds(1), &refused);
    EXPECT_EQ(schedule.due() - (now + seconds(1)), wait);
    now = schedule.due();
  }
  schedule.pass_ended(now, now + seconds(1), nullptr);
  EXPECT_EQ(schedule.due(), now + minutes(1));
  schedule.pass_ended(now, now + seconds(1), &refused);
  EXPECT_EQ(schedule.due(), now + seconds(1) + minutes(5));
}

TEST(PassScheduleTest, AServerThatAsksForPatienceGetsIt) {
  PassSchedule schedule(minutes(1), kStart, 0, 1, 0);
  const Error throttled = Error(ErrorKind::throttle, "slow down").retry_after(minutes(20));
  schedule.pass_ended(kStart, kStart + seconds(5), &throttled);
  EXPECT_EQ(schedule.due(), kStart + seconds(5) + minutes(20));
}

}  // namespace
}  // namespace postern::daemon
