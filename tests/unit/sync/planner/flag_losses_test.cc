#include "core/sync/planner/flag_losses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

FlagLosses lost_by(std::uint32_t messages, const FlagSet& flags) {
  FlagLosses losses;
  for (std::uint32_t uid = 1; uid <= messages; ++uid) losses.add(Uid(uid), flags);
  return losses;
}

TEST(FlagLossesTest, MoreThanTwentyAndMoreThanAFifth) {
  EXPECT_THAT(lost_by(20, {"$Work"}).in_a_mass(20, {}), IsEmpty());
  EXPECT_THAT(lost_by(21, {"$Work"}).in_a_mass(105, {}), IsEmpty()) << "just a fifth";
  EXPECT_THAT(lost_by(21, {"$Work"}).in_a_mass(104, {}), ElementsAre(Pair("$work", UidSet::range(1, 21))));
}

TEST(FlagLossesTest, EachFlagByItself) {
  FlagLosses losses = lost_by(30, {"\\Seen"});
  losses.add(Uid(1), {"$Work"});
  losses.add(Uid(31), {"\\seen"});
  EXPECT_THAT(losses.in_a_mass(100, {}), ElementsAre(Pair("\\seen", UidSet::range(1, 31))));
  EXPECT_THAT(losses.in_a_mass(155, {}), IsEmpty());
}

}  // namespace
}  // namespace postern::sync
