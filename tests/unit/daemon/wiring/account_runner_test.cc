#include "daemon/wiring/account_runner.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

constexpr std::uint64_t kMemory = 64u << 20;

TEST(ShareOfMemory, IsEvenAndAllTogetherStayWithinTheLimit) {
  EXPECT_EQ(share_of_memory(kMemory, 16), 4u << 20);
  for (const std::size_t passes : {8u, 16u, 100u, 200u, 500u}) {
    EXPECT_LE(share_of_memory(kMemory, passes) * passes, kMemory) << passes;
  }
}

TEST(ShareOfMemory, IsNoMoreThanHelpsAndNeverTooLittleToGoOn) {
  EXPECT_EQ(share_of_memory(kMemory, 0), kMostOctetsInFlight);
  EXPECT_EQ(share_of_memory(kMemory, 1), kMostOctetsInFlight);
  EXPECT_EQ(share_of_memory(kMemory, 10'000), kLeastOctetsInFlight);
  EXPECT_EQ(share_of_memory(1u << 20, 200), kLeastOctetsInFlight);
}

}  // namespace
}  // namespace postern::daemon
