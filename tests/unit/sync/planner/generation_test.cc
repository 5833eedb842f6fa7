#include "core/sync/planner/generation.h"

#include <gtest/gtest.h>

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
      {"UIDNEXT went back", {UidValidity(7), 10, UidValidity(7), 9, false}, Generation::hold_uidnext},
      {"not sticky", {UidValidity(7), 10, UidValidity(7), 10, true}, Generation::hold_not_sticky},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(compare_generation(one.facts), one.expected) << one.what;
    const bool held =
        one.expected != Generation::first && one.expected != Generation::same && one.expected != Generation::changed;
    EXPECT_EQ(*hold_reason(one.expected) != '\0', held) << one.what;
  }
}

}  // namespace
}  // namespace postern::sync
