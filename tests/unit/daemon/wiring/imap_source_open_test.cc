#include "tests/unit/daemon/wiring/imap_source_fixture.h"

namespace postern::daemon {
namespace {

TEST_F(ImapSourceTest, OpensReadOnly) {
  examined();
  log_in();
  const auto opened = open("INBOX");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->status.uidvalidity, UidValidity(7));
  EXPECT_EQ(opened->status.uidnext, 100U);
  EXPECT_EQ(opened->status.messages, 3U);
  EXPECT_FALSE(opened->changes.has_value());
}

TEST_F(ImapSourceTest, WithoutExistsAMailboxIsNotOpened) {
  server.login().expect("EXAMINE INBOX").reply("* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n$ OK x\r\n");
  log_in();
  const auto opened = open("INBOX");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().scope(), Scope::mailbox);
  EXPECT_NE(opened.error().to_string().find("without saying how many messages"), std::string::npos);
}

TEST_F(ImapSourceTest, M057UidsThatDoNotStick) {
  server.login()
      .expect("EXAMINE INBOX")
      .reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* NO [UIDNOTSTICKY] x\r\n$ OK x\r\n");
  log_in();
  EXPECT_TRUE(open("INBOX")->uid_not_sticky);
}

class QresyncTest : public ImapSourceTest {
 protected:
  QresyncTest() {
    server.login("ENABLE CONDSTORE QRESYNC").expect("ENABLE QRESYNC").reply("* ENABLED QRESYNC\r\n$ OK\r\n");
    cursor.uidvalidity = UidValidity(7);
    cursor.highestmodseq = ModSeq(44);
  }
  SourceCursor cursor;
};

TEST_F(QresyncTest, OpeningBringsWhatChanged) {
  // The UIDs held, without 10, and those that came since: with the former alone no new message would be reported.
  server.expect("EXAMINE INBOX (QRESYNC (7 44 1:9,11:4294967295))");
  cursor.uidnext = 11;
  server.reply(
      "* 8 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n"
      "* VANISHED (EARLIER) 3,5:6\r\n* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (50))\r\n"
      "* 8 FETCH (UID 11 FLAGS () MODSEQ (60))\r\n$ OK [READ-ONLY] x\r\n");
  log_in();
  EXPECT_TRUE(source->features().qresync);
  const auto opened = open("INBOX", cursor, UidSet::range(1, 9));
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  ASSERT_TRUE(opened->changes.has_value());
  EXPECT_EQ(opened->changes->vanished.to_string(), "3,5:6");
  ASSERT_EQ(opened->changes->changed.size(), 2U);
  EXPECT_EQ(opened->changes->changed[0].uid, Uid(2));
  EXPECT_EQ(opened->changes->changed[0].flags, (FlagSet{"\\Seen"}));
  EXPECT_EQ(opened->changes->changed[1].modseq, ModSeq(60));
  EXPECT_EQ(opened->status.highestmodseq, ModSeq(60));
}

TEST_F(QresyncTest, WhatComesBeforeClosedIsOfThePreviousMailbox) {
  server.expect("EXAMINE Old (QRESYNC *")
      .reply("* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n$ OK x\r\n");
  server.expect("EXAMINE INBOX (QRESYNC *");
  server.reply(
      "* 2 FETCH (UID 2 FLAGS (\\Deleted) MODSEQ (61))\r\n* VANISHED 3\r\n* 3 EXPUNGE\r\n* OK [HIGHESTMODSEQ 99] x\r\n"
      "* OK [CLOSED] x\r\n* 8 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n"
      "* 4 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (50))\r\n$ OK x\r\n");
  log_in();
  ASSERT_TRUE(open("Old", cursor, {1}).has_value());
  const auto opened = open("INBOX", cursor, {1});
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_EQ(opened->status.messages, 8U);
  EXPECT_EQ(opened->status.highestmodseq, ModSeq(60));
  ASSERT_EQ(opened->changes->changed.size(), 1U);
  EXPECT_EQ(opened->changes->changed[0].uid, Uid(4));
}

TEST_F(QresyncTest, KnownUidsTooLongForALineAreLeftOut) {
  server.expect("EXAMINE INBOX (QRESYNC (7 44))")
      .reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 44] x\r\n$ OK x\r\n");
  log_in();
  UidSet known;
  for (std::uint32_t uid = 1; uid < 20'000; uid += 2) known.add(Uid(uid));
  const auto opened = open("INBOX", cursor, known);
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_TRUE(opened->changes.has_value());
}

TEST_F(QresyncTest, AnotherGenerationHasNoChangesSinceTheCursor) {
  server.expect("EXAMINE INBOX (QRESYNC *")
      .reply("* 1 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [HIGHESTMODSEQ 2] x\r\n$ OK x\r\n");
  log_in();
  EXPECT_FALSE(open("INBOX", cursor, {1})->changes.has_value());
}

TEST_F(QresyncTest, M066NoModseqMeansNoChangesAreKnown) {
  server.expect("EXAMINE INBOX (QRESYNC *")
      .reply("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [NOMODSEQ] x\r\n$ OK x\r\n");
  log_in();
  EXPECT_FALSE(open("INBOX", cursor, {1})->changes.has_value());
}

TEST_F(QresyncTest, M037VanishedEverythingStaysARange) {
  server.expect("EXAMINE INBOX (QRESYNC *");
  server.reply(
      "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n* VANISHED (EARLIER) 1:4294967295\r\n$ OK "
      "x\r\n");
  log_in();
  const auto opened = open("INBOX", cursor, {1});
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->changes->vanished.ranges().size(), 1U);
}

TEST_F(ImapSourceTest, M053AMailboxThatIsGone) {
  server.login().expect("EXAMINE Gone").reply("$ NO [NONEXISTENT] Mailbox doesn't exist\r\n");
  server.expect("EXAMINE INBOX").reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$ OK x\r\n");
  log_in();
  const auto opened = open("Gone");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(opened.error().scope(), Scope::mailbox);
  EXPECT_EQ(opened.error().where().substr(0, 4), "Gone");
  EXPECT_TRUE(open("INBOX").has_value());
}

TEST_F(ImapSourceTest, AModSequenceThatMayNotBeUsedIsNotStated) {
  settings.disabled = {"CONDSTORE"};
  server.login("CONDSTORE").expect("EXAMINE INBOX");
  server.reply("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n$ OK x\r\n");
  log_in();
  const auto opened = open("INBOX");
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_EQ(opened->status.highestmodseq, ModSeq());
}

}  // namespace
}  // namespace postern::daemon
