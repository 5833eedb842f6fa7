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

TEST(Claims, OfAnotherSizeItIsAnothersByItsHeaderOrItsDate) {
  std::vector<Wanted> ours = kOurs;
  for (std::size_t i = 0; i < ours.size(); ++i) ours[i].instant = static_cast<std::int64_t>(1'000 + i);
  const auto resized = [&](std::uint8_t header, std::int64_t instant) {
    TargetMessage message = shown(7, header);
    message.identity.size = 102;
    message.internaldate.unix_seconds = instant;
    return refuted_claims({{2, Uid(7)}}, ours, {message}, 8).claims.size();
  };
  EXPECT_EQ(resized(3, 1'002), 0u) << "our own, altered";
  EXPECT_EQ(resized(3, 1'003), 1u) << "of its header, and of another one's date";
  EXPECT_EQ(resized(3, 5'000), 0u) << "a server that sets dates of its own";
  EXPECT_EQ(resized(1, 5'000), 1u) << "of another one's header";
  EXPECT_EQ(resized(9, 1'003), 0u) << "of nobody's";
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
