#include "daemon/wiring/remaining.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

imap::Tagged ok() { return {}; }
imap::Tagged limited(std::uint32_t lowest) {
  imap::Tagged tagged;
  tagged.code = {imap::CodeKind::message_limit, imap::MessageLimit{10, Uid(lowest)}};
  return tagged;
}
/// NO, or an OK that does not say how far it came.
imap::Tagged refused(bool no = true) {
  imap::Tagged tagged;
  tagged.code = {imap::CodeKind::message_limit, imap::MessageLimit{10, std::nullopt}};
  if (no) {
    tagged.status = imap::Status::no;
    tagged.error = Error(ErrorKind::message, "too many");
  }
  return tagged;
}

std::string next(const Remaining& remaining) {
  return remaining.next() == nullptr ? "all answered" : remaining.next()->to_string();
}

TEST(RemainingTest, AWholeAnswerEndsIt) {
  Remaining remaining(UidSet::range(1, 100), 10);
  EXPECT_EQ(next(remaining), "1:100");
  ASSERT_TRUE(remaining.answered(ok(), {3, 50}, std::nullopt));
  EXPECT_EQ(next(remaining), "all answered");
}

TEST(RemainingTest, AnAnswerCutShortGoesOnBelowTheLowestUid) {
  Remaining remaining(UidSet::range(1, 100), 10);
  ASSERT_TRUE(remaining.answered(limited(61), {61, 80}, std::nullopt));
  EXPECT_EQ(next(remaining), "1:60");
  ASSERT_TRUE(remaining.answered(limited(2), {2}, std::nullopt));
  EXPECT_EQ(next(remaining), "1");
  ASSERT_TRUE(remaining.answered(ok(), {}, std::nullopt));
  EXPECT_EQ(next(remaining), "all answered");
}

TEST(RemainingTest, APageGoesOnAboveItsHighestUidUntilOneIsEmpty) {
  Remaining remaining(UidSet::range(1, 100), 10);
  ASSERT_TRUE(remaining.answered(ok(), {3, 7}, 2));
  EXPECT_EQ(next(remaining), "8:100");
  ASSERT_TRUE(remaining.answered(ok(), {9}, 2)) << "shorter than asked for, and yet not the last";
  EXPECT_EQ(next(remaining), "10:100");
  ASSERT_TRUE(remaining.answered(ok(), {}, 2));
  EXPECT_EQ(next(remaining), "all answered");
}

TEST(RemainingTest, AUidToldBeyondThePageDoesNotAnswerThoseBelowIt) {
  Remaining remaining(UidSet::range(1, 100), 10);
  ASSERT_TRUE(remaining.answered(ok(), {3, 7, 90}, 2));
  EXPECT_EQ(next(remaining), "8:100");
  ASSERT_TRUE(remaining.answered(ok(), {8, 9, 10}, 2));
  EXPECT_EQ(next(remaining), "10:100");
}

TEST(RemainingTest, APageUpToTheLastUidThatThereCanBe) {
  Remaining remaining(UidSet::range(1, 0xffffffff), 10);
  ASSERT_TRUE(remaining.answered(ok(), {0xffffffff}, 2));
  EXPECT_EQ(next(remaining), "all answered");
}

TEST(RemainingTest, APageCutShortLeavesBothEnds) {
  Remaining remaining(UidSet::range(1, 100), 10);
  ASSERT_TRUE(remaining.answered(limited(5), {5, 9}, 2));
  EXPECT_EQ(next(remaining), "1:4,10:100");
}

TEST(RemainingTest, WithoutAWordHowFarItCameItIsAskedInHalves) {
  for (const bool no : {true, false}) {
    Remaining remaining(UidSet::range(1, 10), 10);
    ASSERT_TRUE(remaining.answered(refused(no), {9}, std::nullopt));
    EXPECT_EQ(next(remaining), "6:10");
    ASSERT_TRUE(remaining.answered(ok(), {9}, std::nullopt));
    EXPECT_EQ(next(remaining), "1:5");
    ASSERT_TRUE(remaining.answered(ok(), {}, std::nullopt));
    EXPECT_EQ(next(remaining), "all answered");
  }
}

TEST(RemainingTest, AServerThatDoesNotGetOnIsLeft) {
  Remaining above(UidSet::range(1, 100), 10);
  EXPECT_FALSE(above.answered(limited(101), {}, std::nullopt)) << "nothing of the set was dealt with";
  Remaining one(UidSet{7}, 10);
  EXPECT_FALSE(one.answered(refused(), {}, std::nullopt)) << "less than one cannot be asked for";
  Remaining slow(UidSet::range(1, 100), 3);
  Result<void> answered;
  std::uint32_t commands = 0;
  while (answered && slow.next() != nullptr) answered = slow.answered(limited(100 - commands++), {}, std::nullopt);
  ASSERT_FALSE(answered);
  EXPECT_EQ(commands, 4U);
  EXPECT_EQ(answered.error().kind(), ErrorKind::protocol);
}

TEST(RemainingTest, UidsThatNobodyAskedForMoveNothing) {
  Remaining remaining(UidSet::range(1, 10), 10);
  ASSERT_TRUE(remaining.answered(ok(), {3, 4'000}, 2));
  EXPECT_EQ(next(remaining), "4:10");
}

TEST(RemainingTest, AnotherRefusalIsTheServersOwn) {
  Remaining remaining(UidSet::range(1, 10), 10);
  imap::Tagged no;
  no.status = imap::Status::no;
  no.error = Error(ErrorKind::busy, "in use");
  const auto answered = remaining.answered(no, {}, std::nullopt);
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().kind(), ErrorKind::busy);
}

}  // namespace
}  // namespace postern::daemon
