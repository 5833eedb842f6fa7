#include "core/sync/planner/suspects.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::sync {
namespace {

struct SuspectsTest : ::testing::Test {
  Suspects suspects;
  BodyCount bodies;
};

TEST_F(SuspectsTest, WhatWasAskedForAndDidNotComeIsSuspect) {
  suspects.cut(UidSet::range(1, 100), UidSet::range(1, 40), bodies);
  EXPECT_EQ(suspects.uids().to_string(), "41:100");
  EXPECT_EQ(suspects.next().to_string(), "41");
  EXPECT_EQ(suspects.learnt(), 0U);
}

TEST_F(SuspectsTest, ACutWithNothingInFlightAccusesNobody) {
  suspects.cut({1, 2}, {1, 2}, bodies);
  EXPECT_TRUE(suspects.empty());
  EXPECT_TRUE(suspects.next().empty());
}

TEST_F(SuspectsTest, OneThatAloneBreaksTwoConnectionsIsGuiltyWhenAWitnessComes) {
  suspects.cut(UidSet::range(1, 100), {}, bodies);
  suspects.cut({1}, {}, bodies);
  EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt);
  EXPECT_EQ(suspects.next().to_string(), "1");
  suspects.cut({1}, {}, bodies);
  EXPECT_EQ(suspects.learnt(), 2U);
  EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt) << "the line may be what breaks";
  suspects.keep(UidSet::range(1, 100));
  EXPECT_EQ(suspects.next().to_string(), "51");
  bodies.came();
  suspects.cleared(suspects.next());
  EXPECT_EQ(suspects.take_guilty(bodies), Uid(1));
  EXPECT_TRUE(suspects.empty());
  EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt) << "given once";
}

TEST_F(SuspectsTest, OneThatComesTheSecondTimeWasAnAccident) {
  suspects.cut({7}, {}, bodies);
  suspects.cleared(suspects.next());
  EXPECT_TRUE(suspects.empty());
  suspects.cut({9}, {}, bodies);
  EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt);
}

TEST_F(SuspectsTest, ASilentServerIsNotAskedForWitnessesForEver) {
  const UidSet all = UidSet::range(1, 1'000);
  suspects.cut({1}, {}, bodies);
  suspects.cut({1}, {}, bodies);
  int asked = 0;
  for (; !suspects.next().empty() && asked < 100; ++asked) {
    suspects.keep(all);
    suspects.cleared(suspects.next());
  }
  EXPECT_EQ(asked, 5) << "four others, and the accused itself, which did not break the connection";
  EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt);
}

/// What is known when the only suspect, 5, has broken two connections alone.
struct Evidence {
  const char* what;
  std::uint64_t before_the_cut;       // bodies: in the pass, before its first cut
  std::uint64_t after_the_cut;        // … since then, before this mailbox was asked
  std::uint64_t between;              // … between the two connections it broke
  UidSet beside;                      // came in the session that asked for all
  UidSet left;                        // of the mailbox, other than it
  std::vector<std::uint32_t> broken;  // of these, what broke the connection as a witness
  bool guilty;
};

class Blame : public SuspectsTest, public ::testing::WithParamInterface<Evidence> {};

TEST_P(Blame, NeedsBodiesThatComeOtherwise) {
  const Evidence& evidence = GetParam();
  const auto come = [&](std::uint64_t n) {
    while (n-- != 0) bodies.came();
  };
  come(evidence.before_the_cut);
  if (evidence.after_the_cut != 0) bodies.cut();
  come(evidence.after_the_cut);
  const UidSet five{5};
  come(evidence.beside.size());
  if (!evidence.beside.empty()) suspects.cut(five.united(evidence.beside), evidence.beside, bodies);
  suspects.cut(five, {}, bodies);
  come(evidence.between);
  suspects.cut(five, {}, bodies);
  suspects.keep(five.united(evidence.left));
  for (const std::uint32_t uid : evidence.broken) {
    EXPECT_EQ(suspects.take_guilty(bodies), std::nullopt);
    EXPECT_EQ(suspects.next(), UidSet{uid});
    suspects.cut({uid}, {}, bodies);
  }
  EXPECT_EQ(suspects.take_guilty(bodies).has_value(), evidence.guilty);
}

INSTANTIATE_TEST_SUITE_P(
    , Blame,
    ::testing::Values(Evidence{"nothing_ever_came", 0, 0, 0, {}, {}, {}, false},
                      Evidence{"others_came_before_the_line_broke", 9, 0, 0, {}, {}, {}, false},
                      Evidence{"others_came_since_and_nobody_is_left_to_ask", 0, 1, 0, {}, {}, {}, true},
                      Evidence{"others_came_since_and_one_is_left_to_ask", 0, 1, 0, {}, {9}, {}, false},
                      Evidence{"others_came_since_and_the_last_one_breaks_too", 0, 1, 0, {}, {9}, {9}, false},
                      Evidence{"another_came_between", 0, 0, 1, {}, {9}, {}, true},
                      Evidence{"others_came_beside_and_nobody_is_left_to_ask", 0, 0, 0, {1, 2}, {}, {}, true},
                      Evidence{"others_came_beside_and_one_is_left_to_ask", 0, 0, 0, {1, 2}, {9}, {}, false},
                      Evidence{"others_came_beside_and_the_rest_break_too", 0, 0, 0, {1, 2}, {7, 9}, {9, 7}, false}),
    [](const auto& info) { return std::string(info.param.what); });

TEST_F(SuspectsTest, WhatCameSinceTheFirstCutBlamesOneMessageOfThePass) {
  bodies.cut();
  bodies.came();
  Suspects other;
  for (Suspects* one : {&suspects, &other}) {
    one->cut({1}, {}, bodies);
    one->cut({1}, {}, bodies);
    EXPECT_EQ(one->take_guilty(bodies).has_value(), one == &suspects);
  }
}

struct Search {
  UidSet found;
  int cuts = 0;
};

/// A server that breaks the connection before it answers any command that names one of `guilty`.
Search search(const UidSet& guilty, std::uint32_t messages) {
  Suspects suspects;
  BodyCount bodies;
  UidSet wanted = UidSet::range(1, messages);
  Search search;
  suspects.cut(wanted, {}, bodies);
  ++search.cuts;
  while (search.cuts < 100) {
    suspects.keep(wanted);
    while (const auto uid = suspects.take_guilty(bodies)) {
      search.found.add(*uid);
      wanted.remove(*uid);
      suspects.keep(wanted);
    }
    const UidSet asked = suspects.next().empty() ? wanted : suspects.next();
    if (asked.empty()) break;
    if (!asked.intersected(guilty).empty()) {
      suspects.cut(asked, {}, bodies);
      ++search.cuts;
      continue;
    }
    bodies.came();
    wanted = wanted.without(asked);
    suspects.cleared(asked);
  }
  return search;
}

TEST_F(SuspectsTest, TheyAreHalvedWhereverTheGuiltyOneIs) {
  EXPECT_EQ(search({1}, 4'000).cuts, 3) << "the first of the mailbox; a witness costs no connection";
  for (std::uint32_t guilty = 1; guilty <= 4'000; guilty += 37) {
    const Search found = search({guilty}, 4'000);
    EXPECT_EQ(found.found, UidSet{guilty});
    EXPECT_LE(found.cuts, 3 + 12) << guilty;
  }
}

TEST_F(SuspectsTest, TwoAreFoundWhereverTheyAre) {
  for (const UidSet& guilty :
       {UidSet{1, 2}, UidSet{1, 4'000}, UidSet{1, 2'001}, UidSet{3'998, 3'999}, UidSet{2'000, 2'001}}) {
    const Search found = search(guilty, 4'000);
    EXPECT_EQ(found.found, guilty);
    EXPECT_LE(found.cuts, 2 * (3 + 12)) << guilty.to_string();
  }
}

TEST_F(SuspectsTest, ALineThatAlwaysBreaksBlamesNobodyAndTeachesLittle) {
  const Search found = search(UidSet::range(1, 4'000), 4'000);
  EXPECT_EQ(found.found, UidSet());
}

}  // namespace
}  // namespace postern::sync
