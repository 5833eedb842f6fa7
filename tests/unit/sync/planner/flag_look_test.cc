#include "core/sync/planner/flag_look.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'000h};

FlagLook look(std::optional<FlagCursor> read, std::uint64_t stated) {
  return flag_look(read, ModSeq(stated), kNow, 1h);
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

}  // namespace
}  // namespace postern::sync
