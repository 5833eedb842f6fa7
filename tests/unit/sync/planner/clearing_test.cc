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

Digest header(char filled) { return *Digest::from_octets(Bytes(Digest::kOctets, filled)); }

TEST(CompareTest, ItHasToBeTheMessageThatWasPulledWithItsFlags) {
  const Identity held{header('h'), 100};
  Entry entry;
  entry.size = 100;
  entry.flags = {"\\Seen"};
  entry.internaldate = {1'000, 0};
  const auto listed = [](std::uint64_t size, FlagSet flags) {
    ListedMessage message{};
    message.stated_size = size;
    message.flags = std::move(flags);
    message.internaldate = {1'000, 60};
    message.header = header('h');
    return message;
  };
  EXPECT_EQ(compare(entry, held, listed(100, {"\\Seen"})), Listed::as_held);
  EXPECT_EQ(compare(entry, held, listed(100, {"\\Seen", "\\Recent", "\\Deleted"})), Listed::as_held);
  EXPECT_EQ(compare(entry, held, listed(101, {"\\Seen"})), Listed::another_size);
  EXPECT_EQ(compare(entry, held, listed(100, {})), Listed::another_flags);
  EXPECT_EQ(compare(entry, held, listed(100, {"\\Seen", "$Work"})), Listed::another_flags);
  ListedMessage other = listed(100, {"\\Seen"});
  other.internaldate = {1'001, 0};
  EXPECT_EQ(compare(entry, held, other), Listed::unlike);
  EXPECT_EQ(compare(entry, Identity(), other), Listed::unlike) << "the vault cannot read it";
  other.header = header('o');
  EXPECT_EQ(compare(entry, held, other), Listed::another_message);
  other.internaldate = entry.internaldate;
  EXPECT_EQ(compare(entry, held, other), Listed::unlike);
  EXPECT_EQ(compare(entry, Identity(), other), Listed::as_held) << "reading it will tell";
  other.stated_size = 101;
  EXPECT_EQ(compare(entry, held, other), Listed::another_message);
  other = listed(100, {"\\Seen"});
  other.header.reset();
  EXPECT_EQ(compare(entry, held, other), Listed::unlike) << "not stated";
}

}  // namespace
}  // namespace postern::sync
