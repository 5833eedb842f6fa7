#include "core/protocol/mime/message_date.h"

#include <gtest/gtest.h>

#include <string>

namespace postern::mime {
namespace {

/// "-" for no date.
std::string found(const Bytes& message) {
  const auto date = date_of_message(message);
  return date ? date->to_imap() : "-";
}

TEST(MessageDate, ReadsWhatIsWrittenAsADate) {
  struct Case {
    const char *text, *date;
  };
  for (const Case& one : {
           Case{"Thu, 22 Aug 2002 12:36:23 +0200", "22-Aug-2002 12:36:23 +0200"},
           Case{"22 Aug 2002 12:36 -0730", "22-Aug-2002 12:36:00 -0730"},
           Case{"Thu,2 aug 2002 1:36:03 GMT", "02-Aug-2002 01:36:03 +0000"},
           Case{"Thu, 22 Aug 2002 12:36:23", "22-Aug-2002 12:36:23 +0000"},
           Case{"Thu, 22 Aug 2002 12:36:23+0200", "22-Aug-2002 12:36:23 +0200"},
           Case{"Thu, 22 August 2002 12:36:23 +0200 (CEST)", "22-Aug-2002 12:36:23 +0200"},
           Case{"(a (nested \\) one)) Thu\r\n\t, 22\r\n Aug (x) 2002 12 : 36 : 23 (y)\r\n +0200",
                "22-Aug-2002 12:36:23 +0200"},
           Case{"22 Aug 02 12:36:23 EDT", "22-Aug-2002 12:36:23 -0400"},
           Case{"22 Aug 99 12:36:23 pst", "22-Aug-1999 12:36:23 -0800"},
           Case{"22 Aug 102 12:36:23 UT", "22-Aug-2002 12:36:23 +0000"},
           Case{"22 Aug 2002 12:36:23 Q", "22-Aug-2002 12:36:23 +0000"},
           Case{"22 Aug 2002 12:36:23 +0200 and more words than any date has got", "22-Aug-2002 12:36:23 +0200"},
           Case{"31 Dec 1998 23:59:60 +0000", "31-Dec-1998 23:59:59 +0000"},
           Case{"31 Feb 2002 12:36:23 +0200", "-"},
           Case{"22 Aug 2002 24:00:00 +0200", "-"},
           Case{"22 Aug 2002 12:36:23 +9900", "-"},
           Case{"22 Aug 2002 12:36:23 +02", "-"},
           Case{"22 Aug 20021 12:36:23 +0200", "-"},
           Case{"22 Foo 2002 12:36:23 +0200", "-"},
           Case{"22 A 2002 12:36:23 +0200", "-"},
           Case{"22 Aug 2002 12", "-"},
           Case{"(never closed 22 Aug 2002 12:36:23 +0200", "-"},
           Case{"1 Jan 1970 00:00:00 +0000", "-"},
           Case{"30 Dec 1899 00:00:00 +0000", "-"},
           Case{"yesterday", "-"},
           Case{"", "-"},
       }) {
    SCOPED_TRACE(one.text);
    EXPECT_EQ(found("Date: " + std::string(one.text) + "\r\n\r\n"), one.date);
    EXPECT_EQ(found("Received: from x by y; " + std::string(one.text) + "\r\n\r\n"), one.date);
    EXPECT_EQ(found("dAtE : " + std::string(one.text)), one.date);
  }
}

TEST(MessageDate, TakesTheTopmostReceivedThenTheDate) {
  const std::string date = "Date: Thu, 1 Aug 2002 01:00:00 +0000\r\n";
  const std::string first = "Received: from a\r\n\tby b;\r\n\tFri, 2 Aug 2002 02:00:00 +0000\r\n";
  const std::string second = "Received: from b by c; Sat, 3 Aug 2002 03:00:00 +0000 (x; y)\r\n";
  EXPECT_EQ(found("Subject: x\r\n" + date + second + first + "\r\n"), "03-Aug-2002 03:00:00 +0000");
  EXPECT_EQ(found(date + first + "\r\n"), "02-Aug-2002 02:00:00 +0000");
  EXPECT_EQ(found(date + "\r\n" + first), "01-Aug-2002 01:00:00 +0000") << "the text is no header";
  EXPECT_EQ(found("\r\n" + date), "-");
  EXPECT_EQ(found("Received: from a by b\r\n" + date + "\r\n"), "01-Aug-2002 01:00:00 +0000") << "no semicolon";
  EXPECT_EQ(found("Received: by b; soon\r\n" + date + first + "\r\n"), "01-Aug-2002 01:00:00 +0000");
  EXPECT_EQ(found("Received: (half by b; 3 Aug 2002 03:00:00 +0000\n" + date + "\n"), "03-Aug-2002 03:00:00 +0000");
  EXPECT_EQ(found("Received: from \"a;b(\" by c; 3 Aug 2002 03:00:00 +0000\n\n"), "03-Aug-2002 03:00:00 +0000");
  EXPECT_EQ(found("X-Date: 3 Aug 2002 03:00:00 +0000\r\nno field\r\n\r\n"), "-");
}

TEST(MessageDate, IsLinear) {
  const Bytes parentheses = "Received: " + Bytes(4'000'000, '(') + ";\r\n" + Bytes(4'000'000, ')') + "\r\n\r\n";
  EXPECT_EQ(found(parentheses), "-");
  EXPECT_EQ(found("Date: " + Bytes(4'000'000, '1')), "-");
  Bytes folds = "Date:";
  for (int i = 0; i < 1'000'000; ++i) folds += "\n ;";
  EXPECT_EQ(found(folds), "-");
}

TEST(MessageDate, KnowsTheDatesThatStandForNone) {
  for (const char* lost : {"01-Jan-1970 00:00:00 +0000", "01-Jan-1970 00:00:00 +0200", "31-Dec-1969 16:00:00 -0800",
                           "30-Dec-1899 00:00:00 +0000", "30-Dec-1899 00:00:00 -0500"}) {
    EXPECT_FALSE(is_stated(*InternalDate::parse(lost))) << lost;
  }
  for (const char* meant : {"17-Jul-1996 02:44:25 -0700", "03-Jan-1970 00:00:00 +0000", "20-Jul-1969 20:17:00 +0000"}) {
    EXPECT_TRUE(is_stated(*InternalDate::parse(meant))) << meant;
  }
}

}  // namespace
}  // namespace postern::mime
