#include "daemon/cli/moment.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using namespace std::chrono;

constexpr WallTime kNow = sys_days(year(2026) / 3 / 1) + hours(12) + milliseconds(250);

std::string read(std::string_view text) {
  const auto moment = parse_moment(text, kNow);
  return moment ? format_moment(*moment) : "error";
}

TEST(MomentTest, ReadsWhatItWrites) {
  EXPECT_EQ(format_moment(kNow), "2026-03-01T12:00:00.250Z");
  EXPECT_EQ(parse_moment("now", kNow).value(), kNow);
  EXPECT_EQ(parse_moment("2026-03-01T12:00:00.250Z", kNow).value(), kNow);
}

TEST(MomentTest, ReadsEveryForm) {
  EXPECT_EQ(read("2026-02-28T23:59:59Z"), "2026-02-28T23:59:59.000Z");
  EXPECT_EQ(read("2026-03-01T12:00:00+01:00"), "2026-03-01T11:00:00.000Z");
  EXPECT_EQ(read("2026-03-01T12:00:00.5-05:30"), "2026-03-01T17:30:00.500Z");
  EXPECT_EQ(read("2026-03-01 12:34"), "2026-03-01T12:34:00.000Z");
  EXPECT_EQ(read("2026-03-01"), "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(read("2024-02-29"), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(read("yesterday 18:00"), "2026-02-28T18:00:00.000Z");
  EXPECT_EQ(read("today"), "2026-03-01T00:00:00.000Z");
}

TEST(MomentTest, RefusesWhatIsNone) {
  for (const char* bad : {"", "2026-02-30", "2026-13-01", "2026-03-01T", "2026-03-01 25:00", "2026-03-01 12:60",
                          "2026-3-1", "2026-03-01x", "yesterdays", "2026-03-01T12:00:00+1", "20260301", "-1-01-01"}) {
    const auto moment = parse_moment(bad, kNow);
    ASSERT_FALSE(moment.has_value()) << bad;
    EXPECT_EQ(moment.error().kind(), ErrorKind::usage);
  }
}

}  // namespace
}  // namespace postern::daemon
