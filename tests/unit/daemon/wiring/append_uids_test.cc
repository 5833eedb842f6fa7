#include "daemon/wiring/append_uids.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using Uids = std::vector<Uid>;
constexpr UidValidity kSeven(7);

TEST(AppendUidsTest, OneForEachMessageInOrder) {
  EXPECT_EQ(believable_uids({kSeven, {{42, 42}}}, 1, kSeven, 42), (Uids{Uid(42)}));
  EXPECT_EQ(believable_uids({kSeven, {{42, 43}, {50, 50}}}, 3, kSeven, 40), (Uids{Uid(42), Uid(43), Uid(50)}));
}

TEST(AppendUidsTest, M081AnotherMailboxesValidity) {
  EXPECT_TRUE(believable_uids({UidValidity(8), {{42, 42}}}, 1, kSeven, 0).empty());
  EXPECT_TRUE(believable_uids({UidValidity(0), {{42, 42}}}, 1, UidValidity(0), 0).empty());
  EXPECT_EQ(believable_uids({UidValidity(8), {{42, 42}}}, 1, UidValidity(0), 0).size(), 1U) << "not known which";
}

TEST(AppendUidsTest, M081SomebodyElsesUid) {
  EXPECT_TRUE(believable_uids({kSeven, {{41, 41}}}, 1, kSeven, 42).empty()) << "it was there before";
  EXPECT_TRUE(believable_uids({kSeven, {{0, 0}}}, 1, kSeven, 0).empty());
}

TEST(AppendUidsTest, M037AnotherCountIsNotExpanded) {
  EXPECT_TRUE(believable_uids({kSeven, {{1, 4294967295U}}}, 2, kSeven, 0).empty());
  EXPECT_TRUE(believable_uids({kSeven, {{42, 43}}}, 1, kSeven, 0).empty());
  EXPECT_TRUE(believable_uids({kSeven, {}}, 1, kSeven, 0).empty());
}

TEST(AppendUidsTest, OutOfOrderOrTwice) {
  EXPECT_TRUE(believable_uids({kSeven, {{43, 43}, {42, 42}}}, 2, kSeven, 0).empty());
  EXPECT_TRUE(believable_uids({kSeven, {{42, 42}, {42, 42}}}, 2, kSeven, 0).empty());
}

}  // namespace
}  // namespace postern::daemon
