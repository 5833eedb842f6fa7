#include "core/sync/planner/flag_look.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'000h};

FlagLook look(std::optional<FlagCursor> read, std::uint64_t stated, std::uint32_t uidnext = 5) {
  return flag_look(read, {ModSeq(stated), uidnext}, kNow, 1h);
}

TEST(FlagLookTest, WithModSequences) {
  const FlagCursor read{ModSeq(20), 5, kNow - 50h};
  EXPECT_EQ(look(std::nullopt, 20), FlagLook::all) << "never read";
  EXPECT_EQ(look(read, 20), FlagLook::none);
  EXPECT_EQ(look(read, 21), FlagLook::changed);
  EXPECT_EQ(look(read, 19), FlagLook::all) << "they went back";
  EXPECT_EQ(look(FlagCursor{ModSeq(), 5, kNow}, 20), FlagLook::all) << "they are new";
}

TEST(FlagLookTest, WithoutThemAtIntervals) {
  EXPECT_EQ(look(FlagCursor{ModSeq(), 5, kNow - 59min}, 0), FlagLook::none);
  EXPECT_EQ(look(FlagCursor{ModSeq(), 5, kNow - 60min}, 0), FlagLook::all);
  EXPECT_EQ(look(FlagCursor{ModSeq(), 5, kNow + 1min}, 0), FlagLook::all) << "the clock went back";
  EXPECT_EQ(look(FlagCursor{ModSeq(20), 5, kNow}, 0), FlagLook::none) << "they are gone";
}

TEST(FlagLookTest, AMailboxThatWentBackIsReadAsAWhole) {
  const FlagCursor read{ModSeq(20), 5, kNow};
  EXPECT_TRUE(went_back(read, {ModSeq(19), 5}));
  EXPECT_TRUE(went_back(read, {ModSeq(25), 4})) << "and went on in another way";
  EXPECT_TRUE(went_back(FlagCursor{ModSeq(), 5, kNow}, {ModSeq(), 4}));
  EXPECT_FALSE(went_back(read, {ModSeq(20), 5}));
  EXPECT_FALSE(went_back(read, {ModSeq(21), 6}));
  EXPECT_FALSE(went_back(read, {ModSeq(), 0})) << "neither is stated";
  EXPECT_FALSE(went_back(std::nullopt, {ModSeq(1), 1}));
  for (const std::uint64_t modseq : {std::uint64_t{20}, std::uint64_t{25}}) {
    EXPECT_EQ(look(read, modseq, 4), FlagLook::all);
  }
  EXPECT_EQ(look(FlagCursor{ModSeq(), 5, kNow}, 0, 4), FlagLook::all) << "before the sweep is due";
}

}  // namespace
}  // namespace postern::sync
