#include "core/sync/planner/rebind.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

Digest digest(std::uint8_t n) {
  std::array<std::uint8_t, Digest::kOctets> octets{};
  octets[0] = n;
  return Digest(octets);
}
Entry fresh(std::uint32_t uid, std::uint8_t content) {
  Entry entry;
  entry.place = {MailboxId(1), UidValidity(8), Uid(uid)};
  entry.digest = digest(content);
  return entry;
}
OldBinding old(std::uint32_t uid, std::uint8_t content, std::uint32_t target_uid) {
  return {{{MailboxId(1), UidValidity(7), Uid(uid)}, UidValidity(3), Uid(target_uid), {"\\Seen"}}, digest(content)};
}

TEST(Rebind, HandsBindingsOnContentByContent) {
  const Rebinding plan =
      rebind({fresh(1, 5), fresh(2, 6), fresh(3, 5), fresh(4, 5)}, {old(10, 5, 100), old(11, 5, 101)});
  ASSERT_EQ(plan.bind.size(), 2u);
  EXPECT_EQ(plan.bind[0].place, fresh(1, 5).place);
  EXPECT_EQ(plan.bind[0].target_uid, Uid(100));
  EXPECT_EQ(plan.bind[0].agreed, (FlagSet{"\\Seen"}));
  EXPECT_EQ(plan.bind[1].place, fresh(3, 5).place);
  EXPECT_EQ(plan.bind[1].target_uid, Uid(101));
  EXPECT_EQ(plan.unbind, (std::vector<Place>{old(10, 5, 0).binding.place, old(11, 5, 0).binding.place}));
}

TEST(Rebind, OnlyTheOldPlaceWasLeavingTheSource) {
  OldBinding before = old(10, 5, 100);
  before.binding.leaving = true;
  before.binding.verified = WallTime(std::chrono::milliseconds(9));
  const Rebinding plan = rebind({fresh(1, 5)}, {before});
  ASSERT_EQ(plan.bind.size(), 1u);
  EXPECT_FALSE(plan.bind[0].leaving);
  EXPECT_EQ(plan.bind[0].verified, before.binding.verified);
}

TEST(Rebind, WhatHadVanishedIsReadBackAnew) {
  OldBinding before = old(10, 5, 100);
  before.binding.leaving = true;
  before.binding.verified = WallTime(std::chrono::milliseconds(9));
  before.vanished = true;
  const Rebinding plan = rebind({fresh(1, 5)}, {before});
  ASSERT_EQ(plan.bind.size(), 1u);
  EXPECT_FALSE(plan.bind[0].leaving);
  EXPECT_EQ(plan.bind[0].verified, WallTime());
}

TEST(Rebind, WhatHasNoHeirStaysBound) {
  const Rebinding plan = rebind({fresh(1, 6)}, {old(10, 5, 100)});
  EXPECT_TRUE(plan.bind.empty());
  EXPECT_TRUE(plan.unbind.empty());
}

}  // namespace
}  // namespace postern::sync
