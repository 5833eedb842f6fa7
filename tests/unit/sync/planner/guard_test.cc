#include "core/sync/planner/guard.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

UidSet first(std::uint32_t count) { return count == 0 ? UidSet() : UidSet::range(1, count); }

struct Case {
  const char* name;
  std::uint64_t of;
  std::uint32_t vanished;
  std::optional<GuardHold::Reason> reason;
};

class GuardLimitsTest : public ::testing::TestWithParam<Case> {};

TEST_P(GuardLimitsTest, GoesThroughWholeOrNotAtAll) {
  const Case& one = GetParam();
  PendingDeletions pending{.mailbox = MailboxId(1), .of = one.of, .vanished = first(one.vanished)};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].reason, one.reason);
  EXPECT_EQ(verdicts[0].carry_out, one.reason ? UidSet() : pending.vanished);
  EXPECT_EQ(verdicts[0].hold, one.reason ? pending.vanished : UidSet());
}

INSTANTIATE_TEST_SUITE_P(Table, GuardLimitsTest,
                         ::testing::Values(Case{"Nothing", 10, 0, std::nullopt},
                                           Case{"NothingInAnEmptyOne", 0, 0, std::nullopt},
                                           Case{"TwentyOfALittleMore", 22, 20, std::nullopt},
                                           Case{"TwentyOneOfALittleMore", 22, 21, GuardHold::Reason::many},
                                           Case{"TwentyPercent", 500, 100, std::nullopt},
                                           Case{"AMessageMoreThanTwentyPercent", 500, 101, GuardHold::Reason::many},
                                           Case{"AFractionIsNoMessage", 504, 101, GuardHold::Reason::many},
                                           Case{"AllOfFive", 5, 5, std::nullopt},
                                           Case{"AllOfSix", 6, 6, GuardHold::Reason::emptied},
                                           Case{"AllButOneOfSix", 6, 5, std::nullopt},
                                           Case{"AllOfMany", 5'000, 5'000, GuardHold::Reason::emptied}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Guard, WhatIsHeldCountsAlong) {
  PendingDeletions pending{.mailbox = MailboxId(1), .of = 60, .vanished = {1, 2, 3}, .held = UidSet::range(30, 50)};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::many);
  EXPECT_EQ(verdicts[0].hold.to_string(), "1:3,30:50");
  EXPECT_TRUE(verdicts[0].carry_out.empty());
}

TEST(Guard, WhatIsLeftOfAHoldStaysHeldHoweverFew) {
  PendingDeletions pending{
      .mailbox = MailboxId(1), .of = 60, .vanished = {1}, .held = {30}, .held_for = GuardHold::Reason::emptied};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_EQ(verdicts[0].carry_out.to_string(), "1");
  EXPECT_EQ(verdicts[0].hold.to_string(), "30");
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::emptied);
}

TEST(Guard, TheLastOfThreeMailboxesThatVanishedStaysHeldWhenTheOthersWereLetThrough) {
  PendingDeletions pending{.mailbox = MailboxId(1),
                           .of = 2,
                           .held = {1, 2},
                           .held_for = GuardHold::Reason::mailboxes_vanished,
                           .gone = true};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_TRUE(verdicts[0].carry_out.empty());
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::mailboxes_vanished);
}

TEST(Guard, AnAcknowledgedHoldGoesThroughExactly) {
  PendingDeletions pending{
      .mailbox = MailboxId(1), .of = 100, .vanished = UidSet::range(60, 90), .acknowledged = UidSet::range(1, 50)};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_EQ(verdicts[0].carry_out.to_string(), "1:50");
  EXPECT_EQ(verdicts[0].hold.to_string(), "60:90");
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::many);
}

TEST(Guard, TheLastMessageAfterAnAcknowledgedHoldEmptiesTheMailbox) {
  PendingDeletions pending{.mailbox = MailboxId(1), .of = 51, .vanished = {51}, .acknowledged = UidSet::range(1, 50)};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_EQ(verdicts[0].carry_out.to_string(), "1:50");
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::emptied);
}

TEST(Guard, ThreeMailboxesAtOnceAreHeldTwoAreNot) {
  std::vector<PendingDeletions> pending;
  for (std::uint32_t id = 1; id <= 4; ++id) {
    pending.push_back({.mailbox = MailboxId(id), .of = 2, .vanished = {1, 2}, .gone = id <= 2});
  }
  for (const GuardVerdict& one : guard(pending, GuardLimits(), false)) EXPECT_EQ(one.carry_out.size(), 2u);
  pending[2].gone = true;
  const auto verdicts = guard(pending, GuardLimits(), false);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(verdicts[i].reason, GuardHold::Reason::mailboxes_vanished);
  EXPECT_EQ(verdicts[3].reason, std::nullopt) << "the others go on";
  EXPECT_EQ(verdicts[3].carry_out.size(), 2u);
}

TEST(Guard, AGoneMailboxWithoutMessagesIsHeldToo) {
  std::vector<PendingDeletions> pending;
  for (std::uint32_t id = 1; id <= 3; ++id) pending.push_back({.mailbox = MailboxId(id), .gone = true});
  for (const GuardVerdict& one : guard(pending, GuardLimits(), false)) {
    EXPECT_EQ(one.reason, GuardHold::Reason::mailboxes_vanished);
    EXPECT_TRUE(one.hold.empty());
  }
}

TEST(Guard, WhatARestoredServerForgotIsHeldHoweverFew) {
  PendingDeletions pending{.mailbox = MailboxId(1), .of = 500, .vanished = {7}, .acknowledged = {3}, .reverted = true};
  const auto verdicts = guard({pending}, GuardLimits(), false);
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::server_reverted);
  EXPECT_EQ(verdicts[0].hold, UidSet({7}));
  EXPECT_EQ(verdicts[0].carry_out, UidSet({3}));
}

TEST(Guard, FromAnotherAccountNothingGoesThroughButWhatAPersonLets) {
  PendingDeletions one{.mailbox = MailboxId(1), .of = 100, .vanished = {1}, .acknowledged = {2}};
  PendingDeletions quiet{.mailbox = MailboxId(2), .of = 100};
  const auto verdicts = guard({one, quiet}, GuardLimits(), true);
  EXPECT_EQ(verdicts[0].reason, GuardHold::Reason::other_account);
  EXPECT_EQ(verdicts[0].carry_out.to_string(), "2");
  EXPECT_EQ(verdicts[0].hold.to_string(), "1");
  EXPECT_EQ(verdicts[1].reason, std::nullopt);
}

}  // namespace
}  // namespace postern::sync
