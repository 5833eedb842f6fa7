#include "core/sync/planner/flag_merge.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

FlagSet seen(bool set) { return set ? FlagSet{"\\Seen"} : FlagSet{}; }
FlagDelta sets() { return {seen(true), {}}; }
FlagDelta clears() { return {{}, seen(true)}; }
FlagDelta nothing() { return {}; }

/// One flag: what was agreed, what each side has now, and what follows.
struct Row {
  const char* meaning;
  bool agreed, source, target;
  FlagDelta replay_to_target;
  FlagDelta two_way_to_target, two_way_to_source;
  bool two_way_agreed;
};

const Row kTruthTable[] = {
    {"nobody has it", false, false, false, nothing(), nothing(), nothing(), false},
    {"set on the target", false, false, true, nothing(), nothing(), sets(), true},
    {"set at the source", false, true, false, sets(), sets(), nothing(), true},
    {"set on both", false, true, true, nothing(), nothing(), nothing(), true},
    {"cleared on both", true, false, false, nothing(), nothing(), nothing(), false},
    {"cleared at the source", true, false, true, clears(), clears(), nothing(), false},
    {"cleared on the target", true, true, false, nothing(), nothing(), clears(), false},
    {"both still have it", true, true, true, nothing(), nothing(), nothing(), true},
};

TEST(FlagMerge, TruthTable) {
  ASSERT_EQ(std::size(kTruthTable), 8u);
  for (const Row& row : kTruthTable) {
    SCOPED_TRACE(row.meaning);
    const FlagSet agreed = seen(row.agreed), source = seen(row.source), target = seen(row.target);
    const FlagMerge replay = merge_flags(FlagMode::replay, agreed, source, target);
    EXPECT_EQ(replay.to_target, row.replay_to_target);
    EXPECT_TRUE(replay.to_source.empty()) << "the source is only read";
    EXPECT_EQ(replay.agreed, source);
    const FlagMerge two_way = merge_flags(FlagMode::two_way, agreed, source, target);
    EXPECT_EQ(two_way.to_target, row.two_way_to_target);
    EXPECT_EQ(two_way.to_source, row.two_way_to_source);
    EXPECT_EQ(two_way.agreed, seen(row.two_way_agreed));
    EXPECT_EQ(source.applied(two_way.to_source), target.applied(two_way.to_target)) << "both sides are alike then";
  }
}

TEST(FlagMerge, MergedOnceThereIsNothingToDo) {
  for (const FlagMode mode : {FlagMode::replay, FlagMode::two_way}) {
    for (const Row& row : kTruthTable) {
      SCOPED_TRACE(row.meaning);
      const FlagSet source = seen(row.source), target = seen(row.target);
      const FlagMerge once = merge_flags(mode, seen(row.agreed), source, target);
      const FlagMerge again =
          merge_flags(mode, once.agreed, source.applied(once.to_source), target.applied(once.to_target));
      EXPECT_TRUE(again.to_target.empty());
      EXPECT_TRUE(again.to_source.empty());
      EXPECT_EQ(again.agreed, once.agreed);
    }
  }
}

TEST(FlagMerge, FlagsAreMergedEachByItself) {
  const FlagMerge merge =
      merge_flags(FlagMode::two_way, {"\\Seen", "$Work"}, {"$Work", "\\Flagged"}, {"\\Seen", "\\Answered", "$Mine"});
  EXPECT_EQ(merge.to_target, (FlagDelta{{"\\Flagged"}, {"\\Seen"}}));
  EXPECT_EQ(merge.to_source, (FlagDelta{{"\\Answered", "$Mine"}, {"$Work"}}));
  EXPECT_EQ(merge.agreed, (FlagSet{"\\Answered", "\\Flagged", "$Mine"}));
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
  const FlagSet agreed = agreed_on_adoption(wanted, target);
  EXPECT_EQ(merge_flags(FlagMode::replay, agreed, wanted, target).to_target, (FlagDelta{{"$Work"}, {}}));
  const FlagMerge two_way = merge_flags(FlagMode::two_way, agreed, wanted, target);
  EXPECT_EQ(two_way.agreed, (FlagSet{"\\Seen", "$Work", "\\Flagged"})) << "nothing was agreed on: the union";
}

TEST(LostStore, WhatIsThereAsItWouldHaveItIsAgreedOn) {
  const FlagSet agreed = {"$Old"};
  const FlagDelta delta{{"\\Seen"}, {"$Old"}};
  EXPECT_EQ(agreed_after_store(agreed, delta, {"$Old"}), agreed) << "not carried out";
  EXPECT_EQ(agreed_after_store(agreed, delta, {"\\Seen"}), (FlagSet{"\\Seen"})) << "carried out";
  EXPECT_EQ(agreed_after_store(agreed, delta, {"\\Seen", "$Old"}), (FlagSet{"\\Seen", "$Old"})) << "the first half";
  EXPECT_EQ(agreed_after_store(agreed, delta, {"\\Seen", "$Mine"}), (FlagSet{"\\Seen"})) << "and a person's own";
}

struct LostRow {
  const char* meaning;
  FlagSet now;
  std::uint64_t modseq;  // 10 before the STORE
  std::optional<ModSeq> carried;
  FlagSet agreed;  // "$Old" before a STORE of +\Seen
};

TEST(LostStore, WithModSequencesWhatSomebodyChangedBackStays) {
  const FlagDelta delta{{"\\Seen"}, {}};
  const FlagSet before{"$Old"}, after{"$Old", "\\Seen"};
  const LostRow rows[] = {
      {"not carried out", before, 10, {}, before},
      {"carried out", after, 11, {}, after},
      {"carried out and undone", before, 12, {}, after},
      {"not carried out and something else changed, or carried out and two things changed", {"$New"}, 12, {}, before},
      {"two things changed since others were told", {"$New"}, 12, ModSeq(11), after},
      {"left alone, since it had changed before the others were told", {"$New"}, 11, ModSeq(12), before},
      {"no mod-sequence", before, 0, {}, before},
  };
  for (const LostRow& row : rows) {
    SCOPED_TRACE(row.meaning);
    EXPECT_EQ(agreed_after_store({before, row.now, ModSeq(row.modseq)}, delta, ModSeq(10), row.carried), row.agreed);
    EXPECT_EQ(agreed_after_store({before, row.now, ModSeq(row.modseq)}, delta, ModSeq(0), {}),
              agreed_after_store(before, delta, row.now))
        << "not known where it stood before";
  }
}

TEST(LostStore, AMessageThatTookItShowsWhen) {
  const FlagDelta delta{{"\\Seen"}, {"$Old"}};
  const StoreSeen took{{"$Old"}, {"\\Seen"}, ModSeq(12)}, took_first{{"$Old"}, {"\\Seen"}, ModSeq(11)};
  const StoreSeen half{{"$Old"}, {"$Old", "\\Seen"}, ModSeq(11)}, had_it{{"\\Seen"}, {"\\Seen"}, ModSeq(11)};
  const StoreSeen before{{"$Old"}, {"\\Seen"}, ModSeq(10)};
  EXPECT_EQ(carried_out(delta, ModSeq(10), {took, took_first}), ModSeq(11));
  EXPECT_EQ(carried_out(delta, ModSeq(10), {half, had_it, before}), std::nullopt);
  EXPECT_EQ(carried_out(delta, ModSeq(0), {took}), std::nullopt);
}

TEST(LostStore, WhenTheSourceHasGoneBackTheTargetFollows) {
  const FlagSet stored = agreed_after_store({}, {{"\\Seen"}, {}}, {"\\Seen"});
  EXPECT_EQ(merge_flags(FlagMode::replay, stored, {}, {"\\Seen"}).to_target, (FlagDelta{{}, {"\\Seen"}}));
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
