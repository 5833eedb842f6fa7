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

TEST(Matching, OneOfEachIsSure) {
  const auto matching = match_by_identity({wanted(1, 1, 1), wanted(2, 2, 2)}, {candidate(9, 2), candidate(8, 3)});
  EXPECT_EQ(pairs(matching.sure), (Pairs{{1, 0}}));
  EXPECT_TRUE(matching.ask.empty());
}

TEST(Matching, IdenticalCopiesAreInterchangeableButForTheirDates) {
  const auto matching = match_by_identity({wanted(1, 1, 1, 10), wanted(2, 1, 1, 20), wanted(3, 1, 1, 30)},
                                          {candidate(7, 1, 30), candidate(8, 1, 99)});
  EXPECT_EQ(pairs(matching.sure), (Pairs{{2, 0}, {0, 1}}));
}

TEST(Matching, ASurplusOfCandidatesHasToBeAskedFor) {
  const auto matching = match_by_identity({wanted(1, 1, 1)}, {candidate(7, 1), candidate(8, 1)});
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

TEST(Matching, WhatIsLeftPairsInOrderOfUid) {
  const std::vector<Wanted> want = {wanted(1, 1, 1), wanted(2, 1, 2)};
  const std::vector<Candidate> there = {candidate(7, 1), candidate(8, 1), candidate(9, 4)};
  EXPECT_EQ(pairs(match_in_order(want, there, Matching{{{1, 0}}, {}})), (Pairs{{0, 1}}));
}

}  // namespace
}  // namespace postern::sync
