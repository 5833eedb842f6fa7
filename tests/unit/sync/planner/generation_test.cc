#include "core/sync/planner/generation.h"

#include <gtest/gtest.h>

#include <set>

#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

struct Case {
  const char* what;
  GenerationFacts facts;
  Generation expected;
};

TEST(Generation, Table) {
  const Case cases[] = {
      {"nothing held", {UidValidity(0), 0, UidValidity(7), 1, false}, Generation::first},
      {"the same", {UidValidity(7), 10, UidValidity(7), 10, false}, Generation::same},
      {"more mail", {UidValidity(7), 10, UidValidity(7), 12, false}, Generation::same},
      {"UIDNEXT not stated", {UidValidity(7), 10, UidValidity(7), 0, false}, Generation::same},
      {"a new one", {UidValidity(7), 10, UidValidity(8), 3, false}, Generation::changed},
      {"none stated", {UidValidity(7), 10, UidValidity(0), 3, false}, Generation::hold_unstated},
      {"none stated at first", {UidValidity(0), 0, UidValidity(0), 3, false}, Generation::hold_unstated},
      {"smaller", {UidValidity(7), 10, UidValidity(6), 10, false}, Generation::hold_smaller},
      {"UIDNEXT went back", {UidValidity(7), 10, UidValidity(7), 9, false}, Generation::reverted},
      {"… as was noted, though it has caught up",
       {UidValidity(7), kUidnextToCompare, UidValidity(7), 12, false},
       Generation::reverted},
      {"… and none is stated", {UidValidity(7), kUidnextToCompare, UidValidity(7), 0, false}, Generation::reverted},
      {"HIGHESTMODSEQ went back",
       {UidValidity(7), 12, UidValidity(7), 12, false, ModSeq(9), ModSeq(8)},
       Generation::reverted},
      {"… or is not stated", {UidValidity(7), 12, UidValidity(7), 12, false, ModSeq(9), ModSeq()}, Generation::same},
      {"not sticky", {UidValidity(7), 10, UidValidity(7), 10, true}, Generation::hold_not_sticky},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(compare_generation(one.facts), one.expected) << one.what;
    const std::set<Generation> goes_on{Generation::first, Generation::same, Generation::changed, Generation::reverted};
    const bool held = !goes_on.contains(one.expected);
    EXPECT_EQ(*hold_reason(one.expected) != '\0', held) << one.what;
  }
}

TEST(Generation, TwoChangesInADayAreBelievedAndTheThirdWaits) {
  const WallTime noon{std::chrono::hours(480'012)};
  const auto hours = [](int count) { return std::chrono::hours(count); };
  EXPECT_EQ(restless_until({}, noon), std::nullopt);
  EXPECT_EQ(restless_until({noon}, noon), std::nullopt);
  EXPECT_EQ(restless_until({noon - hours(3), noon - hours(1)}, noon), noon + hours(21));
  EXPECT_EQ(restless_until({noon - hours(9), noon - hours(3), noon - hours(1)}, noon), noon + hours(21));
  EXPECT_EQ(restless_until({noon - hours(24), noon - hours(1)}, noon), std::nullopt);
  EXPECT_EQ(restless_until({noon - hours(23), noon - hours(23)}, noon), noon + hours(1));
  EXPECT_NE(*hold_reason(Generation::hold_restless), '\0');
}

}  // namespace
}  // namespace postern::sync
