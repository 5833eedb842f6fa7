#include "core/sync/planner/moves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Place at(std::uint32_t mailbox, std::uint32_t uid) { return {MailboxId(mailbox), UidValidity(7), Uid(uid)}; }

PlacedObject object(std::uint32_t mailbox, std::uint32_t uid, std::uint8_t content) {
  std::array<std::uint8_t, 32> octets{};
  octets[0] = content;
  return {at(mailbox, uid), Digest(octets)};
}

TEST(Moves, TheSameOctetsInAnotherMailbox) {
  EXPECT_THAT(pair_moves({object(1, 5, 'a'), object(1, 6, 'b')}, {object(2, 1, 'a'), object(2, 2, 'c')}),
              ElementsAre(Move{at(1, 5), at(2, 1)}));
}

TEST(Moves, WithinOneMailboxIsNone) { EXPECT_THAT(pair_moves({object(1, 5, 'a')}, {object(1, 9, 'a')}), IsEmpty()); }

TEST(Moves, OfIdenticalCopiesAsManyAsVanished) {
  EXPECT_THAT(pair_moves({object(1, 5, 'a')}, {object(2, 1, 'a'), object(3, 1, 'a')}),
              ElementsAre(Move{at(1, 5), at(2, 1)}));
  EXPECT_THAT(pair_moves({object(1, 5, 'a'), object(1, 6, 'a')}, {object(2, 1, 'a')}),
              ElementsAre(Move{at(1, 5), at(2, 1)}));
  EXPECT_THAT(pair_moves({object(1, 6, 'a'), object(1, 5, 'a')}, {object(2, 2, 'a'), object(2, 1, 'a')}),
              ElementsAre(Move{at(1, 5), at(2, 1)}, Move{at(1, 6), at(2, 2)}));
}

TEST(Moves, TwoCopiesThatChangePlaces) {
  EXPECT_THAT(pair_moves({object(1, 5, 'a'), object(2, 5, 'a')}, {object(1, 6, 'a'), object(2, 6, 'a')}),
              ElementsAre(Move{at(2, 5), at(1, 6)}, Move{at(1, 5), at(2, 6)}));
}

TEST(Moves, NothingToPair) {
  EXPECT_THAT(pair_moves({}, {object(1, 1, 'a')}), IsEmpty());
  EXPECT_THAT(pair_moves({object(1, 1, 'a')}, {}), IsEmpty());
}

TEST(Moves, WithinATargetMailboxBeforeThoseThatHaveNoneYet) {
  const std::map<MailboxId, std::string> targets{
      {MailboxId(1), "Lists"}, {MailboxId(2), "Own"}, {MailboxId(3), "Lists"}, {MailboxId(4), "Own"}};
  const auto pair = [&](std::vector<PlacedObject> vanished, std::vector<PlacedObject> appeared) {
    return pair_moves_within(std::move(vanished), std::move(appeared), targets);
  };
  EXPECT_THAT(pair({object(1, 5, 'a')}, {object(2, 1, 'a')}), IsEmpty()) << "another target mailbox";
  EXPECT_THAT(pair({object(1, 5, 'a')}, {object(2, 1, 'a'), object(3, 1, 'a')}), ElementsAre(Move{at(1, 5), at(3, 1)}));
  EXPECT_THAT(pair({object(4, 5, 'a'), object(1, 5, 'a')}, {object(9, 1, 'a'), object(3, 1, 'a')}),
              ElementsAre(Move{at(1, 5), at(3, 1)}, Move{at(4, 5), at(9, 1)}));
}

}  // namespace
}  // namespace postern::sync
