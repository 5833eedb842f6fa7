#include "core/sync/planner/keyword_map.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

const KeywordMap::Rules kRules{
    {"$Label1", "Important"}, {"urgent", "important"}, {"$Label2", "$Label1"}, {"NonJunk", ""}, {"$Work", "$work"}};

TEST(KeywordMap, SourceKeywordsBecomeTheTargets) {
  const KeywordMap map(kRules);
  EXPECT_EQ(map.to_target({"\\Seen", "$LABEL1", "Other"}), (FlagSet{"\\Seen", "Important", "Other"}));
  EXPECT_EQ(map.to_target({"$Label1", "Urgent"}), FlagSet{"Important"}) << "two become one";
  EXPECT_EQ(map.to_target({"$Label2"}), FlagSet{"$Label1"}) << "what comes out is not put in again";
  EXPECT_EQ(map.to_target({"$Label1", "$Label2"}), (FlagSet{"Important", "$Label1"}));
  EXPECT_EQ(map.to_target({"nonjunk", "\\Flagged"}), FlagSet{"\\Flagged"}) << "becomes nothing";
}

TEST(KeywordMap, ASpellingIsMappedToo) { EXPECT_EQ(KeywordMap(kRules).to_target({"$WORK"}).to_string(), "$work"); }

TEST(KeywordMap, WithoutRulesEverythingStays) {
  const KeywordMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.to_target({"\\Seen", "$A"}), (FlagSet{"\\Seen", "$A"}));
  EXPECT_EQ(map.to_source(FlagSet{"\\Seen", "$A"}), (FlagSet{"\\Seen", "$A"}));
  EXPECT_EQ(map.canonical(), "");
}

TEST(KeywordMap, SystemFlagsAndWhatIsNoKeywordAreNotMapped) {
  const KeywordMap map(
      {{"\\Seen", "Read"}, {"Read", "\\Seen"}, {"a b", "c"}, {"c", "a(b"}, {"", "x"}, {"same", "same"}});
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.to_target({"\\Seen", "Read"}), (FlagSet{"\\Seen", "Read"}));
}

TEST(KeywordMap, OfTwoRulesForOneKeywordTheFirstCounts) {
  EXPECT_EQ(KeywordMap({{"a", "x"}, {"A", "y"}}).to_target({"A"}), FlagSet{"x"});
}

TEST(KeywordMap, TheTargetsKeywordsBecomeTheSources) {
  const KeywordMap map(kRules);
  EXPECT_EQ(map.to_source(FlagSet{"\\Seen", "IMPORTANT", "Other"}), (FlagSet{"\\Seen", "$Label1", "Other"}))
      << "the first rule's";
  EXPECT_EQ(map.to_source(FlagSet{"$Label1"}), FlagSet{"$Label2"});
  EXPECT_TRUE(map.to_source(FlagSet{"$Label2", "NonJunk"}).empty()) << "the source has no word for these";
  EXPECT_EQ(map.to_source(FlagSet{"$Work"}), FlagSet{"$Work"});
}

TEST(KeywordMap, WhatTheTargetSetsComesBackAsItself) {
  const KeywordMap map(kRules);
  for (const std::string_view flag : {"Important", "$Label1", "Other", "\\Seen", "$work"}) {
    EXPECT_EQ(map.to_target(map.to_source(FlagSet{flag})), FlagSet{flag}) << flag;
  }
}

TEST(KeywordMap, WhatTheTargetTakesAwayGoesInAllItsWords) {
  const KeywordMap map(kRules);
  const FlagDelta told = map.to_source(FlagDelta{{"Other"}, {"Important", "\\Seen"}});
  EXPECT_EQ(told.add, FlagSet{"Other"});
  EXPECT_EQ(told.remove, (FlagSet{"$Label1", "urgent", "Important", "\\Seen"}));
  EXPECT_EQ(map.to_source(FlagDelta{{}, {"$Label1"}}).remove, FlagSet{"$Label2"})
      << "the source's own $Label1 is another keyword on the target";
}

TEST(KeywordMap, OneTextForMapsThatDoTheSame) {
  const KeywordMap map({{"B", "y"}, {"a", "x"}, {"c", ""}});
  EXPECT_EQ(map.canonical(), KeywordMap({{"A", "x"}, {"c", ""}, {"b", "y"}, {"a", "z"}}).canonical());
  EXPECT_NE(map.canonical(), KeywordMap({{"a", "y"}, {"b", "x"}, {"c", ""}}).canonical());
  EXPECT_NE(map.canonical(), KeywordMap({{"a", "x"}, {"b", "y"}}).canonical());
}

}  // namespace
}  // namespace postern::sync
