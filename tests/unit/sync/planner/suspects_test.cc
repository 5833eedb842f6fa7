#include "core/sync/planner/suspects.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

TEST(Suspects, WhatWasAskedForAndDidNotComeIsSuspect) {
  Suspects suspects;
  suspects.cut(UidSet::range(1, 100), UidSet::range(1, 40));
  EXPECT_EQ(suspects.uids().to_string(), "41:100");
  EXPECT_EQ(suspects.next().to_string(), "41");
  EXPECT_EQ(suspects.learnt(), 0U);
}

TEST(Suspects, ACutWithNothingInFlightAccusesNobody) {
  Suspects suspects;
  suspects.cut({1, 2}, {1, 2});
  EXPECT_TRUE(suspects.empty());
}

TEST(Suspects, OneThatAloneBreaksTwoConnectionsIsGuilty) {
  Suspects suspects;
  suspects.cut(UidSet::range(1, 100), UidSet::range(1, 40));
  suspects.cut({41}, {});
  EXPECT_EQ(suspects.take_guilty(), std::nullopt);
  EXPECT_EQ(suspects.next().to_string(), "41");
  suspects.cut({41}, {});
  EXPECT_EQ(suspects.learnt(), 2U);
  EXPECT_EQ(suspects.take_guilty(), Uid(41));
  EXPECT_TRUE(suspects.empty());
  EXPECT_EQ(suspects.take_guilty(), std::nullopt) << "given once";
}

TEST(Suspects, OneThatComesTheSecondTimeWasAnAccident) {
  Suspects suspects;
  suspects.cut({7}, {});
  suspects.cleared(suspects.next());
  EXPECT_TRUE(suspects.empty());
  suspects.cut({9}, {});
  EXPECT_EQ(suspects.take_guilty(), std::nullopt);
}

/// A server that breaks the connection before it answers any command that names `guilty`.
int cuts_to_find(std::uint32_t guilty, std::uint32_t messages) {
  Suspects suspects;
  suspects.cut(UidSet::range(1, messages), {});
  int cuts = 1;
  while (!suspects.take_guilty()) {
    const UidSet asked = suspects.next();
    EXPECT_FALSE(asked.empty());
    if (asked.empty()) return -1;
    if (asked.contains(Uid(guilty))) {
      suspects.cut(asked, {});
      ++cuts;
    } else {
      suspects.cleared(asked);
    }
  }
  return cuts;
}

TEST(Suspects, TheyAreHalvedWhereverTheGuiltyOneIs) {
  EXPECT_EQ(cuts_to_find(1, 1), 2);
  EXPECT_EQ(cuts_to_find(1, 4'000), 3);
  for (std::uint32_t guilty = 1; guilty <= 4'000; guilty += 37)
    EXPECT_LE(cuts_to_find(guilty, 4'000), 3 + 12) << guilty;
}

}  // namespace
}  // namespace postern::sync
