#include "core/sync/planner/doubt.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;
using Why = AppendInDoubt::Why;

const WallTime kSent{std::chrono::milliseconds(1'700'000'000'000)};
const Place kPlace{MailboxId(1), UidValidity(2), Uid(3)};

Doubt sent(const std::optional<Doubt>& before, WallTime at, Why why, std::uint32_t uidnext = 10,
           unsigned validity = 9) {
  return doubted(before, kPlace, Digest(), {UidValidity(validity), uidnext, at, why});
}

TEST(Doubt, CountsAppendsByWhatBecameOfThem) {
  const Doubt first = sent(std::nullopt, kSent, Why::unanswered);
  EXPECT_EQ(first.unanswered, 1u);
  EXPECT_EQ(first.unshown, 0u);
  const Doubt second = sent(first, kSent + 1min, Why::unshown, 12);
  EXPECT_EQ(second.unanswered, 1u);
  EXPECT_EQ(second.unshown, 1u);
  EXPECT_EQ(second.target_uidnext, 10u) << "the first may still come to light";
  EXPECT_EQ(second.at, kSent + 1min);
}

TEST(Doubt, AnAppendThatTwoSessionsFindOutAboutCountsOnce) {
  const Doubt first = sent(std::nullopt, kSent, Why::unshown);
  const Doubt again = sent(first, kSent, Why::unanswered);
  EXPECT_EQ(again.unshown, 1u);
  EXPECT_EQ(again.unanswered, 0u);
}

TEST(Doubt, BeginsAnewWithAnotherMailboxOrMessage) {
  const Doubt first = sent(std::nullopt, kSent, Why::unshown);
  const Doubt made_anew = sent(first, kSent + 1min, Why::unshown, 4, 10);
  EXPECT_EQ(made_anew.unshown, 1u);
  EXPECT_EQ(made_anew.target_uidnext, 4u);
  std::array<std::uint8_t, 32> octets{};
  octets.fill(1);
  const Doubt other = doubted(first, kPlace, Digest(octets), {UidValidity(9), 11, kSent + 1min, Why::unshown});
  EXPECT_EQ(other.unshown, 1u);
}

TEST(Doubt, TwoOksWithoutTheMessageAreEnough) {
  const Doubt first = sent(std::nullopt, kSent, Why::unshown);
  EXPECT_FALSE(is_swallowed(first));
  EXPECT_FALSE(is_swallowed(sent(first, kSent + 1min, Why::unanswered))) << "an answer that was lost is no OK";
  EXPECT_TRUE(is_swallowed(sent(first, kSent + 1min, Why::unshown)));
}

TEST(Doubt, IsLookedAtForAnHourAndOnceMoreAfterADay) {
  const Doubt doubt = sent(std::nullopt, kSent, Why::unanswered);
  EXPECT_EQ(copy_watch(doubt, kSent), CopyWatch::closely);
  EXPECT_EQ(copy_watch(doubt, kSent + 59min), CopyWatch::closely);
  EXPECT_EQ(copy_watch(doubt, kSent + 1h), CopyWatch::idly);
  EXPECT_EQ(copy_watch(doubt, kSent + 24h), CopyWatch::last);
}

TEST(Doubt, IsNotLookedAtWhenEveryCopyWasReported) {
  Doubt doubt = sent(std::nullopt, kSent, Why::unanswered);
  EXPECT_EQ(copies_left(doubt), 1u);
  doubt.reported = {7};
  EXPECT_EQ(copies_left(doubt), 0u);
  EXPECT_EQ(copy_watch(doubt, kSent), CopyWatch::idly);
  EXPECT_EQ(copy_watch(doubt, kSent + 24h), CopyWatch::over);
}

TEST(Doubt, EndsThoughTheClockWasSetBackByYears) {
  const Doubt doubt = sent(std::nullopt, kSent, Why::unanswered);
  EXPECT_EQ(copy_watch(doubt, kSent - 10min), CopyWatch::closely);
  EXPECT_EQ(copy_watch(doubt, kSent - 9'000h), CopyWatch::last);
}

}  // namespace
}  // namespace postern::sync
