#include "core/sync/planner/dropped_flags.h"

#include <gtest/gtest.h>

#include <string>

namespace postern::sync {
namespace {

TEST(DroppedFlags, WhatNoneHasThatWasSentWithIt) {
  struct Case {
    std::string name;
    std::vector<ReadBack> messages;
    FlagSet dropped;
  };
  const std::vector<Case> cases{
      {"nothing was read", {}, {}},
      {"all kept", {{{"\\Seen"}, {"\\Seen"}}, {{"\\Flagged"}, {"\\Flagged"}}}, {}},
      {"one flag of two", {{{"\\Seen", "\\Flagged"}, {"\\Seen"}}, {{"\\Flagged"}, {}}}, {"\\Flagged"}},
      {"a person took one away", {{{"\\Seen"}, {}}, {{"\\Seen"}, {"\\Seen"}}}, {}},
      {"the order does not matter", {{{"\\Seen"}, {"\\Seen"}}, {{"\\Seen"}, {}}}, {}},
      {"had without being sent proves nothing", {{{"\\Seen"}, {}}, {{}, {"\\Seen"}}}, {"\\Seen"}},
      {"another case is the same keyword", {{{"$Work"}, {"$work"}}}, {}},
      {"all of them", {{{"\\Seen", "$A"}, {"\\Answered"}}}, {"\\Seen", "$A"}},
  };
  for (const Case& one : cases) EXPECT_TRUE(dropped_flags(one.messages) == one.dropped) << one.name;
}

}  // namespace
}  // namespace postern::sync
