#include "core/client/pace.h"

#include <gtest/gtest.h>

namespace postern::client {
namespace {

using std::chrono::seconds;

class PaceTest : public ::testing::Test {
 protected:
  PaceTest() { pace_.restart(); }

  /// The server sends `octets` after `after`; the error, if the wait had to end.
  Result<void> server_sends(std::uint64_t octets, seconds after, bool in_body = false) {
    const MonotonicTime deadline = pace_.waiting(now_, in_body);
    if (now_ + after >= deadline) {
      now_ = deadline;
      return fail(pace_.silent());
    }
    now_ += after;
    return pace_.received(now_, octets);
  }

  MonotonicTime now_{};
  Pace pace_{ImapTimeouts{}};
};

TEST_F(PaceTest, SilenceEndsAfterAMinute) {
  EXPECT_EQ(pace_.waiting(now_, false), now_ + seconds(60));
  EXPECT_TRUE(server_sends(10, seconds(59)).has_value());
  const auto late = server_sends(0, seconds(60));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind(), ErrorKind::transient);
  EXPECT_EQ(late.error().what(), "timed out: no answer for 60 s");
}

TEST_F(PaceTest, OurOwnBackPressureIsNotTheServersSilence) {
  for (int i = 0; i < 10; ++i) {
    now_ += seconds(100);  // the vault was slow
    ASSERT_TRUE(server_sends(70'000, seconds(1), true).has_value());
  }
}

TEST_F(PaceTest, M027ADripInsideABodyIsThrottling) {
  Result<void> verdict;
  int drips = 0;
  while (verdict && drips < 100) {
    verdict = server_sends(1, seconds(10), true);
    ++drips;
  }
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(drips, 6);
  EXPECT_EQ(verdict.error().kind(), ErrorKind::throttle);
}

TEST_F(PaceTest, ASlowButSteadyBodyGoesOn) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(server_sends(10 * 1024, seconds(10), true).has_value());
}

TEST_F(PaceTest, KeepAlivesBeforeABodyDoNotCountAgainstIt) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(server_sends(20, seconds(11), false).has_value());
  EXPECT_TRUE(server_sends(2'000, seconds(10), true).has_value());
}

TEST_F(PaceTest, M026AnEndlessCommandEndsAfterFiveMinutes) {
  Result<void> verdict;
  seconds total{};
  while (verdict && total < seconds(3600)) {
    verdict = server_sends(20, seconds(10));
    total += seconds(10);
  }
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(total, seconds(300));
  EXPECT_EQ(verdict.error().what(), "timed out: the command is not completed after 300 s");
}

TEST_F(PaceTest, ALongAnswerThatKeepsComingMayTakeLonger) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(server_sends(20 * 1024, seconds(10)).has_value());
}

TEST_F(PaceTest, CompletionStartsTheLimitsAnew) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(server_sends(20, seconds(50)).has_value());
    pace_.restart();
  }
}

TEST_F(PaceTest, APhaseMayBeGivenLonger) {
  pace_.restart(seconds(900));
  EXPECT_TRUE(server_sends(5, seconds(899)).has_value());
  pace_.restart(seconds(900));
  EXPECT_FALSE(server_sends(5, seconds(900)).has_value());
}

}  // namespace
}  // namespace postern::client
