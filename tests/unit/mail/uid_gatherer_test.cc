#include "core/mail/uid_gatherer.h"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(UidGathererTest, PartsInAnyOrderMakeOneSet) {
  UidGatherer gatherer;
  for (const std::uint32_t uid : {9u, 3u, 4u, 9u, 1u}) gatherer.add(UidSet{uid});
  gatherer.add(UidSet::range(100, 200));
  EXPECT_EQ(gatherer.take().to_string(), "1,3:4,9,100:200");
  EXPECT_TRUE(gatherer.take().empty());
}

/// Uniting each part with all before it took minutes for this.
TEST(UidGathererTest, ManySmallPartsDescendingAreNotQuadratic) {
  UidGatherer gatherer;
  for (std::uint32_t uid = 1'000'000; uid > 0; --uid) gatherer.add(UidSet{2 * uid});
  const UidSet all = gatherer.take();
  EXPECT_EQ(all.size(), 1'000'000U);
  EXPECT_EQ(all.max(), Uid(2'000'000));
}

}  // namespace
}  // namespace postern
