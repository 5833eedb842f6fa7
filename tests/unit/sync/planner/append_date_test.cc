#include "core/sync/planner/append_date.h"

#include <gtest/gtest.h>

#include <limits>

namespace postern::sync {
namespace {

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(AppendDate, WhatIsOrdinaryHasNoOther) {
  EXPECT_FALSE(nearest_ordinary_date({1'000'000'000, 120}, at(1'700'000'000)));
  EXPECT_FALSE(nearest_ordinary_date({86'400, -600}, at(1'700'000'000)));
  EXPECT_FALSE(nearest_ordinary_date({1'700'000'000, 0}, at(1'700'000'000)));
}

TEST(AppendDate, WhatIsBeforeOrBehindTakesTheNearest) {
  using Limits = std::numeric_limits<std::int64_t>;
  const InternalDate first{86'400, 0}, now{1'700'000'000, 0};
  for (const std::int64_t before : {Limits::min(), std::int64_t{-2'209'161'600}, std::int64_t{0}, std::int64_t{86'399}})
    EXPECT_EQ(nearest_ordinary_date({before, 345}, at(1'700'000'000)), first) << before;
  for (const std::int64_t behind : {std::int64_t{1'700'000'001}, std::int64_t{4'000'000'000}, Limits::max()})
    EXPECT_EQ(nearest_ordinary_date({behind, 345}, at(1'700'000'000)), now) << behind;
  EXPECT_EQ(nearest_ordinary_date({500'000, 0}, at(-5)), first) << "a clock that is wrong";
}

}  // namespace
}  // namespace postern::sync
