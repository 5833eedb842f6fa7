#include "core/mail/internal_date.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace postern {
namespace {

InternalDate parsed(std::string_view text) {
  const auto date = InternalDate::parse(text);
  EXPECT_TRUE(date) << text;
  return date.value_or(InternalDate{});
}

TEST(InternalDateTest, KeepsInstantAndZone) {
  const struct {
    std::string_view imap;
    std::int64_t unix_seconds;
    int zone;
    std::string_view rfc3339;
  } cases[] = {
      {"01-Jan-1970 00:00:00 +0000", 0, 0, "1970-01-01T00:00:00+00:00"},
      {"17-Jul-1996 02:44:25 -0700", 837596665, -420, "1996-07-17T02:44:25-07:00"},
      {"22-Aug-2002 12:36:23 +0100", 1030016183, 60, "2002-08-22T12:36:23+01:00"},
      {"31-Dec-1969 23:59:59 +0000", -1, 0, "1969-12-31T23:59:59+00:00"},
      {"30-Dec-1899 00:00:00 +0000", -2209161600, 0, "1899-12-30T00:00:00+00:00"},
      {"29-Feb-2000 00:00:00 +0545", 951761700, 345, "2000-02-29T00:00:00+05:45"},
      {"19-Jan-2038 03:14:08 +0000", 2147483648, 0, "2038-01-19T03:14:08+00:00"},
      {"01-Jan-0001 00:00:00 +0000", -62135596800, 0, "0001-01-01T00:00:00+00:00"},
      {"31-Dec-9999 23:59:59 -2359", 253402300799 + 86340, -1439, "9999-12-31T23:59:59-23:59"},
      {"01-Jan-0001 00:00:00 +2359", -62135596800 - 86340, 1439, "0001-01-01T00:00:00+23:59"},
  };
  for (const auto& c : cases) {
    const InternalDate date = parsed(c.imap);
    EXPECT_EQ(date.unix_seconds, c.unix_seconds) << c.imap;
    EXPECT_EQ(date.zone_minutes, c.zone) << c.imap;
    EXPECT_EQ(date.to_imap(), c.imap);
    EXPECT_EQ(date.to_rfc3339(), c.rfc3339);
  }
}

TEST(InternalDateTest, TakesABlankForTheZeroAndAnyCaseOfTheMonth) {
  EXPECT_EQ(parsed(" 7-Jul-1996 02:44:25 -0700"), parsed("07-Jul-1996 02:44:25 -0700"));
  EXPECT_EQ(parsed("07-JUL-1996 02:44:25 -0700").to_imap(), "07-Jul-1996 02:44:25 -0700");
  EXPECT_EQ(parsed("07-jul-1996 02:44:25 -0700"), parsed("07-Jul-1996 02:44:25 -0700"));
}

TEST(InternalDateTest, ALeapSecondReadsAsTheOneBefore) {
  EXPECT_EQ(parsed("31-Dec-2016 23:59:60 +0000"), parsed("31-Dec-2016 23:59:59 +0000"));
}

TEST(InternalDateTest, SameInstantInAnotherZoneIsAnotherDate) {
  const InternalDate rome = parsed("22-Aug-2002 12:36:23 +0200");
  const InternalDate utc = parsed("22-Aug-2002 10:36:23 +0000");
  EXPECT_TRUE(rome.same_instant(utc));
  EXPECT_NE(rome, utc);
  EXPECT_FALSE(rome.same_instant(parsed("22-Aug-2002 12:36:23 +0000")));
}

TEST(InternalDateTest, RefusesWhatIsNoDate) {
  for (const std::string_view text : {"",
                                      "17-Jul-1996",
                                      "31-Feb-2001 00:00:00 +0000",
                                      "29-Feb-1900 00:00:00 +0000",
                                      "31-Apr-2001 00:00:00 +0000",
                                      "00-Jan-2001 00:00:00 +0000",
                                      " 0-Jan-2001 00:00:00 +0000",
                                      "32-Jan-2001 00:00:00 +0000",
                                      "01-Foo-2001 00:00:00 +0000",
                                      "01-Jan-0000 00:00:00 +0000",
                                      "01-Jan-2001 24:00:00 +0000",
                                      "01-Jan-2001 00:60:00 +0000",
                                      "01-Jan-2001 00:00:61 +0000",
                                      "01-Jan-2001 00:00:00 +2400",
                                      "01-Jan-2001 00:00:00 +9999",
                                      "01-Jan-2001 00:00:00 +0060",
                                      "01-Jan-2001 00:00:00 00000",
                                      "01-Jan-2001 00:00:00  0000",
                                      "01 Jan 2001 00:00:00 +0000",
                                      "01-Jan-2001T00:00:00 +0000",
                                      "1-Jan-2001 00:00:00 +0000",
                                      "01-Jan-2001 00:00:00 +000",
                                      "01-Jan-2001 00:00:00 +00000",
                                      "01-Jan-20o1 00:00:00 +0000",
                                      "-1-Jan-2001 00:00:00 +0000",
                                      "01-Jan- 001 00:00:00 +0000",
                                      "01-Jan-2001 +1:00:00 +0000",
                                      "\"1-Jan-2001 00:00:00 +000\"",
                                      "NIL"}) {
    const auto date = InternalDate::parse(text);
    ASSERT_FALSE(date) << text;
    EXPECT_EQ(date.error().kind(), ErrorKind::protocol);
  }
}

TEST(InternalDateTest, AnErrorQuotesNoMoreThanItMust) {
  const auto date = InternalDate::parse(std::string(1'000'000, 'x'));
  ASSERT_FALSE(date);
  EXPECT_LE(date.error().server_text().size(), 64u);
}

TEST(InternalDateTest, OutOfRangeValuesPrintAsTheNearestDate) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ((InternalDate{Limits::max(), 0}.to_imap()), "31-Dec-9999 23:59:59 +0000");
  EXPECT_EQ((InternalDate{Limits::min(), 0}.to_imap()), "01-Jan-0001 00:00:00 +0000");
  EXPECT_EQ((InternalDate{Limits::max(), 1439}.to_rfc3339()), "9999-12-31T23:59:59+23:59");
  EXPECT_EQ((InternalDate{Limits::min(), -1439}.to_rfc3339()), "0001-01-01T00:00:00-23:59");
  EXPECT_EQ((InternalDate{0, std::numeric_limits<std::int16_t>::max()}.to_imap()), "01-Jan-1970 23:59:00 +2359");
  EXPECT_EQ((InternalDate{0, std::numeric_limits<std::int16_t>::min()}.to_imap()), "31-Dec-1969 00:01:00 -2359");
}

TEST(InternalDateTest, PrintingLosesNothing) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const InternalDate date{-62'135'510'000 + static_cast<std::int64_t>(random() % 315'537'700'000),
                            static_cast<std::int16_t>(static_cast<int>(random() % 2'879) - 1'439)};
    ASSERT_EQ(parsed(date.to_imap()), date) << date.to_imap();
  }
}

}  // namespace
}  // namespace postern
