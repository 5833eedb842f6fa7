#include "core/sync/planner/claims.h"

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
Wanted message(std::uint8_t header, std::uint8_t content) {
  return {.place = {}, .digest = digest(content), .identity = {digest(header), 100}};
}
TargetMessage shown(std::uint32_t uid, std::uint8_t header) {
  return {.uid = Uid(uid), .identity = {digest(header), 100}, .internaldate = {}, .flags = {}};
}

const std::vector<Wanted> kOurs{message(1, 1), message(2, 2), message(3, 3), message(3, 4)};

TEST(Claims, WhatIsShownAsItWasSentStands) {
  const Refuted refuted = refuted_claims({{0, Uid(7)}, {1, Uid(8)}}, kOurs, {shown(7, 1), shown(8, 2)}, 9);
  EXPECT_THAT(refuted.claims, IsEmpty());
  EXPECT_TRUE(refuted.ask.empty());
}

TEST(Claims, AUidThatWasNeverGivenOutIsRefuted) {
  EXPECT_THAT(refuted_claims({{0, Uid(7)}}, kOurs, {}, 7).claims, ElementsAre(Claim{0, Uid(7)}));
  EXPECT_THAT(refuted_claims({{0, Uid(1'007)}}, kOurs, {shown(7, 1)}, 8).claims, ElementsAre(Claim{0, Uid(1'007)}));
}

TEST(Claims, AUidThatWasGivenOutAndIsGoneStands) {
  EXPECT_THAT(refuted_claims({{0, Uid(7)}}, kOurs, {}, 8).claims, IsEmpty());
  EXPECT_THAT(refuted_claims({{0, Uid(7)}}, kOurs, {}, 0).claims, IsEmpty()) << "UIDNEXT is not stated";
}

TEST(Claims, AUidThatShowsAnotherOfOursIsRefuted) {
  EXPECT_THAT(refuted_claims({{0, Uid(7)}}, kOurs, {shown(7, 2)}, 8).claims, ElementsAre(Claim{0, Uid(7)}));
}

TEST(Claims, AUidThatShowsWhatIsNoneOfOursStands) {
  EXPECT_THAT(refuted_claims({{0, Uid(7)}}, kOurs, {shown(7, 9)}, 8).claims, IsEmpty()) << "the server altered it";
}

TEST(Claims, WhatIsAlikeIsToldApartByDigest) {
  const std::vector<Claim> claims{{2, Uid(7)}};
  const Refuted refuted = refuted_claims(claims, kOurs, {shown(7, 3)}, 8);
  EXPECT_THAT(refuted.claims, IsEmpty());
  EXPECT_EQ(refuted.ask, UidSet{7});
  EXPECT_THAT(refuted_by_digest(claims, kOurs, {{Uid(7), digest(3)}}), IsEmpty());
  EXPECT_THAT(refuted_by_digest(claims, kOurs, {{Uid(7), digest(4)}}), ElementsAre(claims[0]));
  EXPECT_THAT(refuted_by_digest(claims, kOurs, {{Uid(7), digest(9)}}), IsEmpty()) << "the server altered it";
  EXPECT_THAT(refuted_by_digest(claims, kOurs, {}), IsEmpty());
}

}  // namespace
}  // namespace postern::sync
