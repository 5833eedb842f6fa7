#include "core/mail/flag_set.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace postern {
namespace {

TEST(FlagSetTest, IsSortedWithoutDuplicates) {
  const FlagSet flags{"$Work", "\\Seen", "$Alpha", "\\Flagged", "\\Seen"};
  EXPECT_EQ(flags.to_string(), "$Alpha $Work \\Flagged \\Seen");
  EXPECT_EQ(flags.size(), 4u);
}

TEST(FlagSetTest, SystemFlagsGetTheirCanonicalCase) {
  EXPECT_EQ((FlagSet{"\\SEEN", "\\answered", "\\fLaGgEd", "\\DELETED", "\\draft"}.to_string()),
            "\\Answered \\Deleted \\Draft \\Flagged \\Seen");
}

TEST(FlagSetTest, AKeywordKeepsTheCaseItCameWithFirst) {
  FlagSet flags{"$Forwarded"};
  flags.insert("$FORWARDED");
  EXPECT_EQ(flags.to_string(), "$Forwarded");
  EXPECT_TRUE(flags.contains("$forwarded"));
  EXPECT_EQ(flags, FlagSet{"$fOrWaRdEd"});
}

TEST(FlagSetTest, RecentIsDroppedInAnyCase) {
  EXPECT_TRUE((FlagSet{"\\Recent", "\\RECENT", "\\recent"}.empty()));
  EXPECT_EQ(FlagSet{"Recent"}.to_string(), "Recent");  // a keyword of that name is the user's
}

TEST(FlagSetTest, NoFlagIsEmpty) { EXPECT_TRUE(FlagSet{""}.empty()); }

TEST(FlagSetTest, UnknownSystemFlagsAreKeptAsTheyAre) { EXPECT_EQ(FlagSet{"\\Indexed"}.to_string(), "\\Indexed"); }

TEST(FlagSetTest, ErasesWithoutRegardToCase) {
  FlagSet flags{"\\Seen", "$Work"};
  flags.erase("$WORK");
  flags.erase("$nothing");
  EXPECT_EQ(flags, FlagSet{"\\Seen"});
}

TEST(FlagSetTest, TheDeltaTurnsOneIntoTheOther) {
  const FlagSet sets[] = {{},
                          {"\\Seen"},
                          {"\\Seen", "$Work"},
                          {"$work", "\\Flagged"},
                          {"$A", "$B", "$C", "\\Answered"},
                          {"$c", "$d", "\\ANSWERED"}};
  for (const FlagSet& from : sets) {
    for (const FlagSet& to : sets) {
      const FlagDelta delta = from.delta_to(to);
      EXPECT_EQ(from.applied(delta), to) << from.to_string() << " -> " << to.to_string();
      EXPECT_EQ(delta.empty(), from == to);
      for (const std::string& flag : delta.add) EXPECT_FALSE(delta.remove.contains(flag));
    }
  }
}

TEST(FlagSetTest, CaseAloneIsNoDelta) { EXPECT_TRUE(FlagSet{"$work"}.delta_to({"$WORK"}).empty()); }

TEST(FlagSetTest, ADeltaAppliesToOtherSetsToo) {
  const FlagDelta delta = FlagSet{"\\Seen", "$Old"}.delta_to({"\\Seen", "$New"});
  EXPECT_EQ((FlagSet{"\\Flagged", "$OLD"}.applied(delta)), (FlagSet{"\\Flagged", "$New"}));
  EXPECT_EQ(FlagSet{"$new"}.applied(delta).to_string(), "$new");
}

TEST(FlagSetTest, OrderIsTotalAndAgreesWithEquality) {
  const FlagSet sets[] = {{}, {"$a"}, {"$A", "$b"}, {"$B"}, {"\\Seen"}, {"$b", "\\SEEN"}};
  for (const FlagSet& a : sets) {
    for (const FlagSet& b : sets) EXPECT_EQ((a < b) + (b < a) + (a == b), 1);
  }
}

TEST(FlagSetTest, DeltasGroupByValue) {
  const FlagDelta add{{"$a"}, {}}, also_add{{"$A"}, {}}, remove{{}, {"$a"}};
  EXPECT_EQ(add, also_add);
  EXPECT_FALSE(add < also_add || also_add < add);
  EXPECT_TRUE((add < remove) != (remove < add));
}

TEST(FlagSetTest, CollectsLikeInsertingOneByOne) {
  const std::vector<std::string> flags = {"\\seen", "$b", "$B", "", "\\RECENT", "$A", "\\SEEN", "\\Custom", "$a"};
  FlagSet inserted;
  for (const std::string& flag : flags) inserted.insert(flag);
  EXPECT_EQ(FlagSet::collect(flags).to_string(), inserted.to_string());
  EXPECT_EQ(inserted.to_string(), "$A $b \\Custom \\Seen");
  EXPECT_TRUE(FlagSet::collect({}).empty());
}

TEST(FlagSetTest, AHostileListOfKeywordsStaysCheap) {
  std::vector<std::string> flags;
  for (int i = 0; i < 500'000; ++i) flags.push_back("k" + std::to_string(500'000 - i));
  EXPECT_EQ(FlagSet::collect(std::move(flags)).size(), 500'000u);  // quadratic work would take minutes
}

TEST(IsValidFlagTest, FollowsTheGrammar) {
  for (const std::string_view good :
       {"\\Seen", "$Work", "a", "NonJunk", "\\X-Custom", "TEST:FLAG", "a[b", "+", "a/b.c"}) {
    EXPECT_TRUE(is_valid_flag(good)) << good;
  }
  using namespace std::string_view_literals;
  for (const std::string_view bad :
       {""sv, "\\"sv, "\\*"sv, "\\\\Seen"sv, "a b"sv, "a(b"sv, "a)b"sv, "a{b"sv, "a%"sv, "a*"sv, "a\"b"sv, "a\\b"sv,
        "a]"sv, "a\rb"sv, "a\nb"sv, "a\0b"sv, "a\x7f"sv, "caf\xc3\xa9"sv, "\t"sv}) {
    EXPECT_FALSE(is_valid_flag(bad)) << bad;
  }
}

}  // namespace
}  // namespace postern
