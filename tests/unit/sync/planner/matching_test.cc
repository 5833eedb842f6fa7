#include "core/sync/planner/matching.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

Digest digest(std::uint8_t n) {
  std::array<std::uint8_t, Digest::kOctets> octets{};
  octets[0] = n;
  return Digest(octets);
}

/// `header` and `content` stand for digests.
Wanted wanted(std::uint32_t uid, std::uint8_t header, std::uint8_t content, std::int64_t instant = 0) {
  return {{MailboxId(1), UidValidity(1), Uid(uid)}, digest(content), {digest(header), 100}, instant};
}
Candidate candidate(std::uint32_t uid, std::uint8_t header, std::int64_t instant = 0) {
  return {Uid(uid), {digest(header), 100}, {}, instant};
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;
Pairs pairs(const std::vector<Match>& matches) {
  Pairs pairs;
  for (const Match& one : matches) pairs.emplace_back(one.wanted, one.candidate);
  return pairs;
}

TEST(Matching, OneOfEachWithOneDateIsSure) {
  const auto matching =
      match_by_identity({wanted(1, 1, 1, 10), wanted(2, 2, 2, 20)}, {candidate(9, 2, 20), candidate(8, 3, 10)});
  EXPECT_EQ(pairs(matching.sure), (Pairs{{1, 0}}));
  EXPECT_TRUE(matching.ask.empty());
}

TEST(Matching, OneOfEachIsAskedForUnlessTheInstantsAgree) {
  struct Case {
    const char* name;
    std::int64_t wanted, candidate;
    bool sure;
  };
  for (const Case& one : {
           Case{"the same", 1'700'000'000, 1'700'000'000, true},
           Case{"a second apart", 1'700'000'000, 1'700'000'001, false},
           Case{"the target states none", 1'700'000'000, 0, false},
           Case{"the vault has none", 0, 1'700'000'000, false},
           Case{"neither has one", 0, 0, false},
           Case{"1899 twice", -2'209'161'600, -2'209'161'600, false},
       }) {
    SCOPED_TRACE(one.name);
    const auto matching = match_by_identity({wanted(1, 1, 1, one.wanted)}, {candidate(7, 1, one.candidate)});
    EXPECT_EQ(pairs(matching.sure), one.sure ? (Pairs{{0, 0}}) : Pairs{});
    EXPECT_EQ(matching.ask, one.sure ? UidSet{} : UidSet{7});
  }
}

// Two drafts: same From and Subject, no Message-ID, one size, other words.
TEST(Matching, AnotherMessageOfTheSameIdentityIsNotTakenForTheWantedOne) {
  const std::vector<Wanted> want = {wanted(1, 1, 1, 10)};
  const std::vector<Candidate> there = {candidate(7, 1, 20)};
  const auto matching = match_by_identity(want, there);
  EXPECT_TRUE(matching.sure.empty());
  EXPECT_TRUE(match_by_digest(want, there, {{Uid(7), digest(2)}}, matching).empty());
  EXPECT_EQ(pairs(match_by_digest(want, there, {{Uid(7), digest(1)}}, matching)), (Pairs{{0, 0}}));
}

TEST(Matching, IdenticalCopiesAreToldApartByTheirDates) {
  const std::vector<Wanted> want = {wanted(1, 1, 1, 10), wanted(2, 1, 1, 20), wanted(3, 1, 1, 30)};
  const std::vector<Candidate> there = {candidate(7, 1, 30), candidate(8, 1, 99)};
  const auto matching = match_by_identity(want, there);
  EXPECT_EQ(pairs(matching.sure), (Pairs{{2, 0}}));
  EXPECT_EQ(matching.ask, UidSet{8});
  EXPECT_EQ(pairs(match_by_digest(want, there, {{Uid(8), digest(1)}}, matching)), (Pairs{{0, 1}}));
}

TEST(Matching, ASurplusOfCandidatesHasToBeAskedFor) {
  const auto matching = match_by_identity({wanted(1, 1, 1, 10)}, {candidate(7, 1, 10), candidate(8, 1, 10)});
  EXPECT_TRUE(matching.sure.empty());
  EXPECT_EQ(matching.ask, (UidSet{7, 8}));
}

TEST(Matching, DifferentContentsUnderOneIdentityAreToldApartByDigest) {
  const std::vector<Wanted> want = {wanted(1, 1, 1), wanted(2, 1, 2)};
  const std::vector<Candidate> there = {candidate(7, 1), candidate(8, 1)};
  const auto matching = match_by_identity(want, there);
  EXPECT_EQ(matching.ask, (UidSet{7, 8}));
  EXPECT_EQ(pairs(match_by_digest(want, there, {{Uid(7), digest(2)}, {Uid(8), digest(5)}}, matching)), (Pairs{{1, 0}}));
}

TEST(Matching, CopiesOfOneDateAreToldApartByTheirFlags) {
  std::vector<Wanted> want = {wanted(1, 1, 1, 10), wanted(2, 1, 1, 10)};
  want[1].flags = {"\\Seen"};
  std::vector<Candidate> there = {candidate(7, 1, 10)};
  there[0].flags = {"\\Seen"};
  EXPECT_EQ(pairs(match_by_identity(want, there).sure), (Pairs{{1, 0}}));
  there[0].flags = {"\\Flagged"};
  EXPECT_EQ(pairs(match_by_identity(want, there).sure), (Pairs{{0, 0}}));
}

TEST(Matching, AnAlteredMessageIsKnownByItsDateAlone) {
  const std::vector<Wanted> want = {wanted(1, 1, 1, 10), wanted(2, 1, 2, 10), wanted(3, 1, 3, 30)};
  const std::vector<Candidate> there = {candidate(7, 1, 99), candidate(8, 1, 10), candidate(9, 1, 10),
                                        candidate(10, 4, 30)};
  EXPECT_EQ(pairs(match_altered(want, there, {})), (Pairs{{0, 1}, {1, 2}}));
  EXPECT_EQ(pairs(match_altered(want, there, Matching{{{0, 2}}, {}})), (Pairs{{1, 1}}));
  EXPECT_EQ(pairs(match_altered({wanted(1, 1, 1)}, {candidate(7, 1)}, {})), Pairs{}) << "no date tells nothing";
}

TEST(Matching, WhatIsLeftPairsInOrderOfUid) {
  const std::vector<Wanted> want = {wanted(1, 1, 1), wanted(2, 1, 2)};
  const std::vector<Candidate> there = {candidate(7, 1), candidate(8, 1), candidate(9, 4)};
  EXPECT_EQ(pairs(match_in_order(want, there, Matching{{{1, 0}}, {}})), (Pairs{{0, 1}}));
}

TEST(Matching, WhatHasAnotherSizeIsKnownByHeaderAndDateUnlessItIsAmbiguous) {
  std::vector<Candidate> there = {candidate(7, 1, 10), candidate(8, 1, 99), candidate(9, 4, 10)};
  for (Candidate& one : there) one.identity.size += 2;
  EXPECT_EQ(pairs(match_resized({wanted(1, 1, 1, 10)}, there, {})), (Pairs{{0, 0}}));
  EXPECT_EQ(pairs(match_resized({wanted(1, 1, 1, 10), wanted(2, 1, 2, 10)}, there, {})), Pairs{}) << "either of two";
  EXPECT_EQ(pairs(match_resized({wanted(1, 1, 1, 20)}, there, {})), Pairs{}) << "another client's";
  EXPECT_EQ(pairs(match_headers_in_order({wanted(1, 1, 1), wanted(2, 1, 2)}, there, {})), (Pairs{{0, 0}, {1, 1}}));
  EXPECT_EQ(pairs(match_headers_in_order({wanted(1, 1, 1)}, there, {})), Pairs{});
}

// mbsync's copies: 22 octets more, and the rest octet by octet the same.
TEST(Matching, ACopyWithALineMoreIsHashedWithoutItAndBoundOnlyWhenTheRestIsEqual) {
  const std::vector<Wanted> want = {wanted(1, 1, 1), wanted(2, 2, 2), wanted(3, 3, 3)};
  std::vector<Candidate> there = {candidate(7, 1), candidate(8, 2), candidate(9, 3), candidate(10, 4)};
  for (Candidate& one : there) one.identity.size += kTuidOctets;
  there[2].identity.size += 1;
  EXPECT_EQ(maybe_with_tuid(want, there), (UidSet{7, 8})) << "another size or header is another message";
  const std::vector<KnownDigest> known = {{Uid(7), digest(70), digest(1)}, {Uid(8), digest(80), digest(99)}};
  EXPECT_TRUE(match_by_digest(want, there, known, {}).empty());
  EXPECT_EQ(pairs(match_without_tuid(want, there, known, {})), (Pairs{{0, 0}}));
  EXPECT_TRUE(match_without_tuid(want, there, {{Uid(7), digest(1), std::nullopt}}, {}).empty()) << "no such line";
}

TEST(Matching, WhatSharesAnIdentityIsAskedForInOneWindow) {
  const std::vector<Candidate> there = {candidate(1, 1), candidate(2, 2), candidate(3, 1), candidate(4, 2),
                                        candidate(5, 3)};
  EXPECT_EQ(ask_in_windows(there, {1, 2, 3, 4, 5}, 3), (std::vector<UidSet>{{1, 3}, {2, 4, 5}}));
  EXPECT_EQ(ask_in_windows(there, {1, 3}, 1), (std::vector<UidSet>{{1, 3}})) << "never torn apart";
  EXPECT_TRUE(ask_in_windows(there, {}, 3).empty());
}

TEST(Matching, HeldBackIsWhatAnUnreadCandidateMayBeAndNothingElse) {
  const std::vector<Wanted> want = {wanted(1, 1, 1), wanted(2, 1, 2), wanted(3, 2, 3)};
  std::vector<Candidate> there = {candidate(7, 1), candidate(8, 2)};
  const Matching before{{{0, 1}}, {}};
  EXPECT_EQ(held_back(want, there, {7}, {}), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(held_back(want, there, {7}, before), (std::vector<std::size_t>{1}));
  EXPECT_TRUE(held_back(want, there, {}, {}).empty());
  there[0].identity.size += kTuidOctets;
  EXPECT_EQ(held_back(want, there, {7}, {}), (std::vector<std::size_t>{0, 1}));
}

}  // namespace
}  // namespace postern::sync
