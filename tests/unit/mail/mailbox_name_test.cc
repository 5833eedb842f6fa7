#include "core/mail/mailbox_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;

TEST(MailboxNameTest, DecodesModifiedUtf7) {
  const auto name = MailboxName::from_wire("Archiv/Entw&APw-rfe", '/');
  EXPECT_EQ(name.wire(), "Archiv/Entw&APw-rfe");
  EXPECT_EQ(name.display(), "Archiv/Entwürfe");
  EXPECT_EQ(name.delimiter(), '/');
  EXPECT_THAT(name.components(), ElementsAre("Archiv", "Entwürfe"));
}

TEST(MailboxNameTest, InASessionWithUtf8AnAmpersandIsAnAmpersand) {
  const auto name = MailboxName::from_wire("R&D-Entwürfe", '/', true);
  EXPECT_EQ(name.wire(), "R&D-Entwürfe");
  EXPECT_EQ(name.display(), "R&D-Entwürfe");
  EXPECT_EQ(MailboxName::from_wire("&AOQ-", '/', true).display(), "&AOQ-");
}

TEST(MailboxNameTest, RawUtf8IsReadWhereNothingElseIsMeant) {
  const auto name = MailboxName::from_wire("Entwürfe", '.');
  EXPECT_EQ(name.wire(), "Entwürfe");
  EXPECT_EQ(name.display(), "Entwürfe");
}

TEST(MailboxNameTest, AnUndecodableNameIsKeptByItsOctets) {
  const struct {
    std::string_view wire, display;
  } cases[] = {
      {"&", "\\x26"},
      {"&AA", "\\x26AA"},
      {"a/&AGE-", "a/\\x26AGE-"},
      {"Entw\xfcrfe", "Entw\\xfcrfe"},
      {"&AOQ-\xc3\xbc", "\\x26AOQ-\\xc3\\xbc"},
      {"a\\b\x80", "a\\x5cb\\x80"},
      {"&AAA-", "\\x26AAA-"},  // NUL, CR, LF may not come in by the back door
      {"x&AA0ACg-y", "x\\x26AA0ACg-y"},
      {"a\r\nA9 DELETE INBOX", "a\\x0d\\x0aA9 DELETE INBOX"},
  };
  for (const auto& c : cases) {
    const auto name = MailboxName::from_wire(c.wire, '/');
    EXPECT_EQ(name.wire(), c.wire);
    EXPECT_EQ(name.display(), c.display);
  }
  EXPECT_EQ(MailboxName::from_wire("a\0b"sv, '/').display(), "a\\x00b");
  EXPECT_EQ(MailboxName::from_wire("a\xff", '/', true).display(), "a\\xff");
  EXPECT_EQ(MailboxName::from_wire("a\nb", '/', true).display(), "a\\x0ab");
}

TEST(MailboxNameTest, TwoSpellingsNeverLookAlike) {
  const std::string_view wires[] = {"&", "&-", "&AGE-", "a", "&-AGE-", "\xe4", "&AOQ-", "&AOQ-&AOQ-", "&AOQA5A-"};
  for (const auto a : wires) {
    for (const auto b : wires) {
      if (a == b) continue;
      EXPECT_NE(MailboxName::from_wire(a, '/').display(), MailboxName::from_wire(b, '/').display()) << a << ' ' << b;
    }
  }
}

TEST(MailboxNameTest, InboxIsOneMailboxInAnyCase) {
  for (const std::string_view spelling : {"INBOX", "inbox", "Inbox"}) {
    EXPECT_EQ(MailboxName::from_wire(spelling, '/').wire(), "INBOX");
    EXPECT_TRUE(MailboxName::from_wire(spelling, '/').is_inbox());
    EXPECT_EQ(MailboxName::from_utf8(spelling, '/')->wire(), "INBOX");
    EXPECT_TRUE(MailboxName::from_utf8(spelling, '\0', true)->is_inbox());
  }
  EXPECT_FALSE(MailboxName::from_wire("Inbox/a", '/').is_inbox());
  EXPECT_EQ(MailboxName::from_wire("Inbox/a", '/').wire(), "Inbox/a");
  EXPECT_FALSE(MailboxName::from_wire("INBOX ", '/').is_inbox());
}

TEST(MailboxNameTest, TheWireDecidesIdentity) {
  EXPECT_EQ(MailboxName::from_wire("a", '/'), MailboxName::from_wire("a", '.'));
  EXPECT_NE(MailboxName::from_wire("a", '/'), MailboxName::from_wire("A", '/'));
  EXPECT_NE(MailboxName::from_wire("a", '/'), MailboxName::from_wire("a ", '/'));
  EXPECT_NE(*MailboxName::from_utf8("\u00e9", '/'), *MailboxName::from_utf8("e\u0301", '/'));
  EXPECT_LT(MailboxName::from_wire("a", '/'), MailboxName::from_wire("b", '/'));
}

TEST(MailboxNameTest, FromUtf8EncodesForTheWire) {
  EXPECT_EQ(MailboxName::from_utf8("R&D/Entwürfe", '/')->wire(), "R&-D/Entw&APw-rfe");
  EXPECT_EQ(MailboxName::from_utf8("R&D/Entwürfe", '/', true)->wire(), "R&D/Entwürfe");
}

TEST(MailboxNameTest, FromUtf8RefusesWhatCannotBeSaid) {
  for (const std::string_view name : {""sv, "a\0b"sv, "a\rb"sv, "a\nb"sv, "a\xff"sv, "\xed\xa0\x80"sv}) {
    EXPECT_FALSE(MailboxName::from_utf8(name, '/')) << name;
    EXPECT_FALSE(MailboxName::from_utf8(name, '/', true)) << name;
  }
}

TEST(MailboxNameTest, WireAndDisplayAgreeBothWays) {
  for (const std::string_view text :
       {"a", "a/b", "..", "../../etc/cron.d/x", "/abs", "`$(id)`;", "a\"b\\c", "%*", "日本語/R&D"}) {
    for (const bool utf8 : {false, true}) {
      const auto made = MailboxName::from_utf8(text, '/', utf8);
      ASSERT_TRUE(made) << text;
      const auto read = MailboxName::from_wire(made->wire(), '/', utf8);
      EXPECT_EQ(read, *made);
      EXPECT_EQ(read.display(), text);
    }
  }
}

TEST(MailboxNameTest, ComponentsFollowTheDelimiter) {
  EXPECT_THAT(MailboxName::from_wire("a/b", '\0').components(), ElementsAre("a/b"));
  EXPECT_THAT(MailboxName::from_wire("a/b", '.').components(), ElementsAre("a/b"));
  EXPECT_THAT(MailboxName::from_wire("a.b.c", '.').components(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(MailboxName::from_wire("a//b/", '/').components(), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(MailboxName::from_wire("a\\b\xff", '\\').components(), ElementsAre("a", "b=xff"));
  EXPECT_THAT(MailboxName::from_wire("a\\b", '\\').components(), ElementsAre("a", "b"));
  EXPECT_THAT(MailboxName().components(), ElementsAre(""));
}

}  // namespace
}  // namespace postern
