#include "core/sync/planner/went_back.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Digest digest(std::uint8_t n) {
  std::array<std::uint8_t, 32> octets{};
  octets[0] = n;
  return Digest(octets);
}
Wanted message(std::uint8_t header, std::uint8_t content, std::int64_t instant) {
  return {.place = {}, .digest = digest(content), .identity = {digest(header), 100}, .instant = instant, .flags = {}};
}
TargetMessage shown(std::uint32_t uid, std::uint8_t header, std::int64_t instant, std::uint64_t size = 100) {
  return {.uid = Uid(uid), .identity = {digest(header), size}, .internaldate = {instant, 0}, .flags = {}};
}

TEST(WentBack, ASmallerUidnextOfTheSameMailboxShowsIt) {
  TargetMailboxRecord known;
  known.name = *MailboxName::from_utf8("INBOX", '/');
  known.uidvalidity = UidValidity(3);
  known.uidnext = 10;
  EXPECT_TRUE(went_back(known, known.name, UidValidity(3), 9));
  EXPECT_FALSE(went_back(known, known.name, UidValidity(3), 10));
  EXPECT_FALSE(went_back(known, known.name, UidValidity(4), 9)) << "made anew";
  EXPECT_FALSE(went_back(known, known.name, UidValidity(3), 0)) << "not stated";
  EXPECT_FALSE(went_back(known, *MailboxName::from_utf8("Other", '/'), UidValidity(3), 9));
  known.uidnext = kUidnextToCompare;
  for (const std::uint32_t stated : {4'000'000'000u, kUidnextToCompare, 0u})
    EXPECT_TRUE(went_back(known, known.name, UidValidity(3), stated)) << stated << ": whatever is stated";
  known.uidnext = 0;
  EXPECT_FALSE(went_back(known, known.name, UidValidity(3), 9)) << "nothing is known";
}

TEST(WentBack, WhatAServerStatesIsNeverTakenForAComparisonThatIsDue) {
  EXPECT_EQ(highest_known(9), 9u);
  EXPECT_EQ(highest_known(0), 0u) << "not stated";
  EXPECT_LT(highest_known(kUidnextToCompare), kUidnextToCompare);
}

const std::vector<Wanted> kOurs{message(1, 1, 50), message(2, 2, 60), message(3, 3, 70), message(3, 4, 80)};
const std::vector<Uid> kUids{Uid(7), Uid(8), Uid(9), Uid(10)};

TEST(WentBack, WhatIsAsItWasStays) {
  const Survivors all = survivors(kOurs, kUids, {shown(7, 1, 50), shown(8, 2, 60, 99)}, 9);
  EXPECT_THAT(all.lost, ElementsAre(2, 3)) << "from UIDNEXT on";
  EXPECT_THAT(all.missing, IsEmpty());
  EXPECT_THAT(all.ask, IsEmpty());
}

TEST(WentBack, WithoutAStatedUidnextOnlyTheMessagesTell) {
  const Survivors all = survivors(kOurs, kUids, {shown(7, 1, 50), shown(10, 9, 90)}, 0);
  EXPECT_THAT(all.lost, ElementsAre(3));
  EXPECT_THAT(all.missing, ElementsAre(1, 2));
}

TEST(WentBack, AnotherMessageUnderTheUidIsNotOurs) {
  EXPECT_THAT(survivors(kOurs, kUids, {shown(7, 9, 51), shown(8, 1, 60), shown(9, 9, 70)}, 10).lost,
              ElementsAre(0, 1, 3))
      << "neither header nor date; another one of ours; altered by the server, of the same date";
}

TEST(WentBack, OneHeaderOfAnotherDateOrOfSeveralContentsIsRead) {
  const Survivors all = survivors(kOurs, kUids, {shown(7, 1, 51), shown(9, 3, 70), shown(10, 3, 80)}, 11);
  EXPECT_THAT(all.ask, ElementsAre(0, 2, 3));
  EXPECT_THAT(all.missing, ElementsAre(1));
}

}  // namespace
}  // namespace postern::sync
