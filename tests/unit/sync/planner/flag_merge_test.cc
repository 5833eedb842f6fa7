#include "core/sync/planner/flag_merge.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

FlagSet seen(bool set) { return set ? FlagSet{"\\Seen"} : FlagSet{}; }

// The eight cases of one flag: agreed, source, target.
TEST(FlagMerge, TruthTable) {
  for (int bits = 0; bits < 8; ++bits) {
    const bool agreed = bits & 1, source = bits & 2, target = bits & 4;
    const bool expected = source != agreed ? source : target;
    EXPECT_EQ(merged(seen(agreed), seen(source), seen(target)), seen(expected)) << bits;
  }
}

TEST(FlagMerge, SaysOnlyWhatChanged) {
  const FlagDelta delta = target_delta({"\\Seen", "$Work"}, {"\\Seen", "\\Flagged"});
  EXPECT_EQ(delta.add, (FlagSet{"\\Flagged"}));
  EXPECT_EQ(delta.remove, (FlagSet{"$Work"}));
  EXPECT_TRUE(target_delta({"\\Seen"}, {"\\Seen"}).empty());
}

TEST(Replayable, IsWhatTheTargetKeeps) {
  const FlagSet flags = {"\\Seen", "\\Deleted", "$Work", "\\Indexed"};
  EXPECT_EQ(replayable(flags, {true, {}}), (FlagSet{"\\Seen", "$Work", "\\Indexed"})) << "not stated";
  EXPECT_EQ(replayable(flags, {true, {"\\Seen", "\\Deleted"}}), (FlagSet{"\\Seen", "$Work"}));
  EXPECT_EQ(replayable(flags, {false, {"\\Seen"}}), (FlagSet{"\\Seen"}));
  EXPECT_EQ(replayable(flags, {false, {"\\Seen", "$Work"}}), (FlagSet{"\\Seen", "$Work"}));
}

TEST(Adoption, AddsAndTakesNothingAway) {
  const FlagSet wanted = {"\\Seen", "$Work"}, target = {"\\Seen", "\\Flagged"};
  EXPECT_EQ(merged(agreed_on_adoption(wanted, target), wanted, target), (FlagSet{"\\Seen", "$Work", "\\Flagged"}));
}

TEST(FlagGroups, EqualChangesAreOneSet) {
  FlagGroups groups;
  groups.add(Uid(1), {{"\\Seen"}, {}});
  groups.add(Uid(2), {{}, {"\\Seen"}});
  groups.add(Uid(3), {{"\\seen"}, {}});
  ASSERT_EQ(groups.groups().size(), 2u);
  EXPECT_EQ(groups.groups().at({{"\\Seen"}, {}}), (UidSet{1, 3}));
}

}  // namespace
}  // namespace postern::sync
