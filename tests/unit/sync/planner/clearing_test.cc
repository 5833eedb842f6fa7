#include "core/sync/planner/clearing.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using std::chrono::hours;

constexpr WallTime kRead{std::chrono::milliseconds(1'000'000'000)};

Binding bound(WallTime verified, bool altered = false) {
  Binding binding{{}, UidValidity(7), Uid(1), {}};
  binding.verified = verified;
  binding.altered = altered;
  return binding;
}

TEST(ClearanceTest, NeedsAnEqualReadBackAndTheGraceSince) {
  const struct {
    const char* what;
    Binding binding;
    WallTime now;
    Clearance expected;
  } cases[] = {
      {"never read back", bound(WallTime()), kRead, Clearance::unverified},
      {"altered", bound(WallTime(), true), kRead, Clearance::altered},
      {"altered since it was once equal", bound(kRead, true), kRead + hours(9), Clearance::altered},
      {"within the grace", bound(kRead), kRead + hours(1) - std::chrono::milliseconds(1), Clearance::too_early},
      {"at its end", bound(kRead), kRead + hours(1), Clearance::cleared},
      {"read back in the future", bound(kRead), kRead - hours(100), Clearance::too_early},
  };
  for (const auto& c : cases) EXPECT_EQ(clearance(c.binding, UidValidity(7), c.now, hours(1)), c.expected) << c.what;
  EXPECT_EQ(clearance(bound(kRead), UidValidity(8), kRead + hours(9), hours(1)), Clearance::elsewhere);
}

TEST(CompareTest, SizeAndFlagsHaveToBeThoseThatWerePulled) {
  Entry entry;
  entry.size = 100;
  entry.flags = {"\\Seen"};
  const auto listed = [](std::uint64_t size, FlagSet flags) {
    ListedMessage message{};
    message.stated_size = size;
    message.flags = std::move(flags);
    return message;
  };
  EXPECT_EQ(compare(entry, listed(100, {"\\Seen"})), Listed::as_held);
  EXPECT_EQ(compare(entry, listed(100, {"\\Seen", "\\Recent", "\\Deleted"})), Listed::as_held);
  EXPECT_EQ(compare(entry, listed(101, {"\\Seen"})), Listed::another_size);
  EXPECT_EQ(compare(entry, listed(100, {})), Listed::another_flags);
  EXPECT_EQ(compare(entry, listed(100, {"\\Seen", "$Work"})), Listed::another_flags);
}

}  // namespace
}  // namespace postern::sync
