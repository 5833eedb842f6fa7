#include "core/sync/planner/enumeration.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using Proof = Enumeration::Proof;

TEST(EnumerationTest, WhatACompleteListingLacksHasVanished) {
  Enumeration listings({.held = {1, 2, 3}, .aside = {9}});
  listings.add({{1, 3, 4, 9}, 4, 10});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_EQ(listings.plan().uids.vanished, (UidSet{2}));
  EXPECT_EQ(listings.plan().uids.fetch, (UidSet{4}));
  EXPECT_EQ(listings.gone_of({2, 9, 11}), (UidSet{2, 11}));
}

TEST(EnumerationTest, AListingThatIsCutShortDeletesNothing) {
  Enumeration listings({.held = {1, 2, 3}});
  listings.add({{1, 4}, 4, 10});
  EXPECT_EQ(listings.proof(), Proof::shorter);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
  EXPECT_TRUE(listings.gone_of({2, 3}).empty());
  EXPECT_EQ(listings.plan().uids.fetch, (UidSet{4})) << "what it does list is there";
}

TEST(EnumerationTest, ArrivalsDoNotStandInForWhatWasLeftOut) {
  Enumeration listings({.held = UidSet::range(1, 4)});
  listings.add({{1, 2, 5, 6}, 4, 5});  // two came in while it was listed, two were left out
  EXPECT_EQ(listings.proof(), Proof::shorter);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
  EXPECT_EQ(listings.plan().uids.fetch, (UidSet{5, 6}));
  listings.add({{1, 2, 3, 4, 5, 6}, 6, 7});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
}

TEST(EnumerationTest, AUidNextThatIsTooLowIsSeenThroughWhenNothingMoves) {
  Enumeration listings({.held = {1, 2, 3}});
  listings.add({{1, 3, 7, 8}, 4, 5});
  EXPECT_EQ(listings.proof(), Proof::shorter);
  listings.add({{1, 3, 7, 8}, 4, 5});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_EQ(listings.plan().uids.vanished, (UidSet{2}));
}

TEST(EnumerationTest, ATruncatedListingDoesNotBecomeTrueByRepetition) {
  Enumeration listings({.held = {1, 2, 3}});
  listings.add({{1}, 3, 5});
  listings.add({{1}, 3, 5});
  EXPECT_EQ(listings.proof(), Proof::shorter);
}

TEST(EnumerationTest, MuchThatVanishesAtOnceIsListedTwice) {
  Enumeration listings({.held = UidSet::range(1, 100)});
  listings.add({UidSet::range(1, 50), 50, 101});
  EXPECT_EQ(listings.proof(), Proof::unconfirmed);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
  listings.add({UidSet::range(1, 50), 50, 101});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_EQ(listings.plan().uids.vanished, UidSet::range(51, 100));
}

TEST(EnumerationTest, AMailboxThatFlapsIsNotBelievedEmpty) {
  Enumeration listings({.held = UidSet::range(1, 100)});
  listings.add({{}, 0, 101});
  EXPECT_EQ(listings.proof(), Proof::unconfirmed);
  listings.add({UidSet::range(1, 100), 100, 101});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
}

TEST(EnumerationTest, EmptyWhereStatusHasJustCountedMessagesIsNoProof) {
  Enumeration listings({.held = UidSet::range(1, 100), .stated = 100});
  listings.add({{}, 0, 101});
  listings.add({{}, 0, 101});
  EXPECT_EQ(listings.proof(), Proof::contradicted);
  EXPECT_TRUE(listings.plan().uids.vanished.empty());
  Enumeration agreed({.held = UidSet::range(1, 100), .stated = 0});
  agreed.add({{}, 0, 101});
  agreed.add({{}, 0, 101});
  EXPECT_EQ(agreed.plan().uids.vanished.size(), 100U) << "somebody emptied it, and everything says so";
}

TEST(EnumerationTest, AFewMayGoAndASmallMailboxMayBecomeEmpty) {
  EXPECT_FALSE(is_mass(UidSet::range(1, 5), UidSet::range(1, 5)));
  EXPECT_TRUE(is_mass(UidSet::range(1, 6), UidSet::range(1, 6)));
  EXPECT_FALSE(is_mass(UidSet::range(1, 30), UidSet::range(1, 20)));
  EXPECT_TRUE(is_mass(UidSet::range(1, 30), UidSet::range(1, 21)));
  EXPECT_FALSE(is_mass(UidSet::range(1, 1000), UidSet::range(1, 200)));
  EXPECT_TRUE(is_mass(UidSet::range(1, 1000), UidSet::range(1, 201)));
}

TEST(EnumerationTest, BelowAViewThatMayBeCutNothingIsJudged) {
  // The newest 1,000 of the mailbox are shown; what was held from before lies below them.
  Enumeration listings({.held = UidSet::range(1, 1'100), .aside = {50}, .view_limit = 1'000});
  UidSet view = UidSet::range(201, 1'201);
  view.remove(Uid(700));
  listings.add({view, 1'000, 1'202});
  EXPECT_EQ(listings.proof(), Proof::complete);
  EXPECT_EQ(listings.plan().uids.vanished, (UidSet{700}));
  EXPECT_EQ(listings.plan().unjudged, UidSet::range(1, 200));
  EXPECT_EQ(listings.plan().uids.fetch, UidSet::range(1'101, 1'201));
  EXPECT_TRUE(listings.gone_of({50}).empty());
}

TEST(EnumerationTest, AViewThatIsNotFullIsTheWholeMailbox) {
  Enumeration listings({.held = {1, 2, 3}, .view_limit = 1'000});
  listings.add({{2, 3}, 2, 4});
  EXPECT_EQ(listings.plan().uids.vanished, (UidSet{1}));
  EXPECT_TRUE(listings.plan().unjudged.empty());
}

}  // namespace
}  // namespace postern::sync
