#include "daemon/wiring/storable_flags.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(StorableFlagsTest, WithoutAsteriskOnlyTheListedOnesPass) {
  EXPECT_EQ(storable_flags({"\\Seen", "\\Flagged", "$Work"}, {"\\Seen", "$Junk"}, false), (FlagSet{"\\Seen"}));
  EXPECT_EQ(storable_flags({"\\seen", "$JUNK"}, {"\\Seen", "$Junk"}, false), (FlagSet{"\\Seen", "$JUNK"}));
}

TEST(StorableFlagsTest, WithAsteriskEveryKeywordPassesButNoUnknownSystemFlag) {
  EXPECT_EQ(storable_flags({"\\Seen", "\\Indexed", "$Work"}, {"\\Seen"}, true), (FlagSet{"\\Seen", "$Work"}));
}

TEST(StorableFlagsTest, M065WhatIsNoAtomNeverPasses) {
  for (const char* flag :
       {"two words", "a)b", "\\", "\\*", "caf\xc3\xa9", "a\r\nA1 DELETE INBOX", "{3+}", "", "q\"q"}) {
    FlagSet wanted{"$Fine"};
    wanted.insert(flag);
    EXPECT_EQ(storable_flags(wanted, {"\\Seen", "\\*"}, true), (FlagSet{"$Fine"})) << flag;
  }
}

TEST(StorableFlagsTest, UnknownMailboxTakesTheStandardSystemFlags) {
  EXPECT_EQ(storable_flags({"\\Seen", "\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\X-Odd", "$Forwarded"}),
            (FlagSet{"\\Seen", "\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "$Forwarded"}));
}

}  // namespace
}  // namespace postern::daemon
