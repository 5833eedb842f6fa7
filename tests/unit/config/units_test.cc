#include "core/config/units.h"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

using std::chrono::seconds;

TEST(DurationTest, ReadsUnitsAndTheirCombinations) {
  EXPECT_EQ(parse_duration("90s").value(), seconds(90));
  EXPECT_EQ(parse_duration("15m").value(), seconds(900));
  EXPECT_EQ(parse_duration("1h30m").value(), seconds(5'400));
  EXPECT_EQ(parse_duration("7d").value(), seconds(604'800));
  EXPECT_EQ(parse_duration("2w").value(), seconds(1'209'600));
}

TEST(DurationTest, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "15", "m", "15x", "1m1h", "1m1m", "-1m", "1.5h", "1 m", "15m ", "99999999999999999999s", "36601d"}) {
    const auto duration = parse_duration(bad);
    ASSERT_FALSE(duration.has_value()) << bad;
    EXPECT_EQ(duration.error().kind(), ErrorKind::config);
  }
}

}  // namespace
}  // namespace postern::config
