#include "core/sync/planner/mailbox_diff.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

Entry entry(std::uint32_t uid, FlagSet flags, bool vanished = false) {
  Entry entry;
  entry.place.uid = Uid(uid);
  entry.flags = std::move(flags);
  entry.vanished = vanished;
  return entry;
}

TEST(ChangedFlags, LeavesOutWhatIsAsHeldAndWhatIsNotHeld) {
  const std::vector<Entry> held = {entry(1, {"\\Seen"}), entry(3, {}), entry(5, {}, true)};
  const auto changed = changed_flags({{Uid(9), {"\\Seen"}, ModSeq(4)},
                                      {Uid(3), {"\\Draft"}, ModSeq(2)},
                                      {Uid(1), {"\\seen"}, ModSeq(3)},
                                      {Uid(5), {"\\Seen"}, ModSeq(3)},
                                      {Uid(3), {"\\Flagged"}, ModSeq(5)}},
                                     held);
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed.front().uid, Uid(3));
  EXPECT_EQ(changed.front().flags, (FlagSet{"\\Flagged"})) << "the last report counts";
}

TEST(PlanFromChanges, IsBelievedOnlyWhenTheCountsAgree) {
  const UidSet held = {1, 2, 3, 4};
  const auto good = plan_from_changes(held, {7}, {2, 99}, {4, 8}, 5);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->fetch, (UidSet{8}));
  EXPECT_EQ(good->vanished, (UidSet{2})) << "UIDs never seen are ignored";
  EXPECT_FALSE(plan_from_changes(held, {7}, {2}, {4, 8}, 6));
  EXPECT_FALSE(plan_from_changes(held, {}, UidSet::range(1, 0xffffffff), {}, 4)) << "VANISHED 1:* of a full mailbox";
}

}  // namespace
}  // namespace postern::sync
