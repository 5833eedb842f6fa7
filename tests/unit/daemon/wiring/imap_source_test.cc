#include "daemon/wiring/imap_source.h"

#include "core/crypto/sha256.h"
#include "core/protocol/mime/stable_header.h"
#include "tests/unit/client/fixture.h"
#include "tests/unit/daemon/wiring/recording_sink.h"

namespace postern::daemon {
namespace {

using Uids = std::vector<std::uint32_t>;

class ImapSourceTest : public client::ClientTest {
 protected:
  void log_in() {
    ClientTest::log_in();
    source = std::make_unique<ImapSource>(std::move(client));
  }
  auto list() { return loop.run(source->list(Wait{})); }
  auto open(std::string_view name, std::optional<SourceCursor> resume = std::nullopt, UidSet known = {}) {
    return loop.run(source->open(MailboxName::from_wire(name, '/'), std::move(resume), std::move(known), Wait{}));
  }
  auto fetch(UidSet uids) { return loop.run(source->fetch(std::move(uids), sink, Wait{})); }
  /// A script up to the opened INBOX with `exists` messages.
  testing::ImapScript& examined(int exists = 3, const std::string& capabilities = "") {
    return server.login(capabilities)
        .expect(capabilities.find("CONDSTORE") == std::string::npos ? "EXAMINE INBOX" : "EXAMINE INBOX (CONDSTORE)")
        .reply("* " + std::to_string(exists) +
               " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n$ OK [READ-ONLY] x\r\n");
  }
  void examine() {
    log_in();
    const auto opened = open("INBOX");
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  static std::string item(int seq, int uid, const std::string& body) {
    return "* " + std::to_string(seq) + " FETCH (UID " + std::to_string(uid) +
           " FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE " + std::to_string(body.size()) +
           " BODY[] {" + std::to_string(body.size()) + "}\r\n" + body + ")\r\n";
  }

  std::unique_ptr<ImapSource> source;
  RecordingSink sink;
};

// --------------------------------------------------------------------------------------------------------- listing

TEST_F(ImapSourceTest, OneListWithStatusesWhereTheServerCan) {
  server.login("LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE");
  server.expect("LIST \"\" \"*\" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))");
  server.reply(
      "* LIST (\\Subscribed \\HasNoChildren) \"/\" INBOX\r\n"
      "* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 44)\r\n"
      "* LIST (\\Noselect \\HasChildren) \"/\" Archive\r\n"
      "* LIST (\\Sent) \"/\" \"Archive/Sent &AOk-\"\r\n"
      "* STATUS \"Archive/Sent &AOk-\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\n$ OK done\r\n");
  log_in();
  EXPECT_TRUE(source->features().list_status);
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 3U);
  const auto& inbox = (*listed)[0];
  EXPECT_TRUE(inbox.subscribed);
  ASSERT_TRUE(inbox.status.has_value());
  EXPECT_EQ(inbox.status->uidvalidity, UidValidity(7));
  EXPECT_EQ(inbox.status->uidnext, 9U);
  EXPECT_EQ(inbox.status->messages, 3U);
  EXPECT_EQ(inbox.status->highestmodseq, ModSeq(44));
  EXPECT_FALSE((*listed)[1].selectable);
  EXPECT_FALSE((*listed)[1].status.has_value());
  EXPECT_EQ((*listed)[2].name.display(), "Archive/Sent \xc3\xa9");
  EXPECT_EQ((*listed)[2].name.wire(), "Archive/Sent &AOk-");
  EXPECT_TRUE((*listed)[2].status.has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, ListStatusAloneIsNotEnough) {
  server.login("LIST-STATUS").expect("LIST \"\" *").expect("LSUB \"\" *");
  server.reply("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Work\r\n$ OK\r\n* LSUB () \"/\" Work\r\n$ OK\r\n");
  server.expect("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)").expect("STATUS Work (MESSAGES UIDNEXT UIDVALIDITY)");
  server.reply("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  server.reply("* STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_FALSE((*listed)[0].subscribed);
  EXPECT_TRUE((*listed)[1].subscribed);
  EXPECT_EQ((*listed)[1].status->uidvalidity, UidValidity(8));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, AMailboxThatRefusesStatusDoesNotFailTheOthers) {
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *");
  server.reply("* LIST () \"/\" Gone\r\n* LIST () \"/\" INBOX\r\n$ OK\r\n$ NO no LSUB here\r\n");
  server.expect("STATUS Gone *").expect("STATUS INBOX *");
  server.reply("$ NO Mailbox doesn't exist: Gone\r\n* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_FALSE((*listed)[0].status.has_value());
  ASSERT_TRUE((*listed)[0].status_error.has_value());
  EXPECT_EQ((*listed)[0].status_error->scope(), Scope::mailbox);
  EXPECT_TRUE((*listed)[1].status.has_value());
}

TEST_F(ImapSourceTest, ThrottledStatusEndsTheListing) {
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *").reply("* LIST () \"/\" INBOX\r\n$ OK\r\n$ OK\r\n");
  server.expect("STATUS INBOX *").reply("$ NO [THROTTLED] slow down\r\n");
  log_in();
  const auto listed = list();
  ASSERT_FALSE(listed.has_value());
  EXPECT_EQ(listed.error().kind(), ErrorKind::throttle);
}

TEST_F(ImapSourceTest, M044BadToTheExtendedListFallsBackToThePlainOne) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST \"\" \"*\" RETURN *").reply("$ BAD what?\r\n");
  server.expect("LIST \"\" *").expect("LSUB \"\" *").reply("* LIST () \"/\" INBOX\r\n$ OK\r\n$ OK\r\n");
  server.expect("STATUS INBOX *").reply("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_EQ(listed->size(), 1U);
}

TEST_F(ImapSourceTest, M052InboxOnceInWhateverCase) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *");
  server.reply(
      "* LIST () \"/\" Inbox\r\n* STATUS inbox (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\n* LIST () \"/\" INBOX\r\n$ "
      "OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].name.wire(), "INBOX");
  EXPECT_TRUE((*listed)[0].status.has_value());
}

TEST_F(ImapSourceTest, StatusesThatListLeftOutAreAskedFor) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *").reply("* LIST () \"/\" Work\r\n$ OK\r\n");
  server.expect("STATUS Work *").reply("$ NO [NOPERM] no\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ((*listed)[0].status_error->kind(), ErrorKind::permission);
}

TEST_F(ImapSourceTest, M054ATruncatedListIsAnError) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *").reply("* LIST () \"/\" INBOX\r\n* BYE see you\r\n").cut();
  log_in();
  EXPECT_FALSE(list().has_value());
}

TEST_F(ImapSourceTest, FourHundredStatusesArePipelined) {
  std::string lines;
  for (int i = 0; i < 400; ++i) lines += "* LIST () \"/\" M" + std::to_string(i) + "\r\n";
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *").reply(lines + "$ OK\r\n$ OK\r\n");
  for (int i = 0; i < 400; ++i) server.expect("STATUS M" + std::to_string(i) + " *");
  std::string answers;
  for (int i = 0; i < 400; ++i) {
    answers += "* STATUS M" + std::to_string(i) + " (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n";
  }
  server.reply(answers);
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  for (const auto& mailbox : *listed) EXPECT_TRUE(mailbox.status.has_value()) << mailbox.name.display();
  EXPECT_TRUE(server.played());
}

// --------------------------------------------------------------------------------------------------------- opening

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

// ---------------------------------------------------------------------------------------------------- uids and flags

TEST_F(ImapSourceTest, UidsBySearch) {
  examined().expect("UID SEARCH ALL").reply("* SEARCH 5 3 9\r\n$ OK\r\n");
  examine();
  EXPECT_EQ(loop.run(source->uids(Wait{}))->to_string(), "3,5,9");
}

TEST_F(ImapSourceTest, UidsByEsearch) {
  examined(3, "ESEARCH").expect("UID SEARCH RETURN (ALL) ALL");
  server.reply("* ESEARCH UID ALL 3:5\r\n$ OK\r\n");
  examine();
  EXPECT_EQ(loop.run(source->uids(Wait{}))->to_string(), "3:5");
}

TEST_F(ImapSourceTest, M037AListOfFourBillionIsNotBelieved) {
  examined(3, "ESEARCH").expect("UID SEARCH *").reply("* ESEARCH UID ALL 1:4294967295\r\n$ OK\r\n");
  examine();
  const auto uids = loop.run(source->uids(Wait{}));
  ASSERT_FALSE(uids.has_value());
  EXPECT_EQ(uids.error().kind(), ErrorKind::protocol);
}

TEST_F(ImapSourceTest, FlagsOfARangeLeaveOutWhatIsBelowIt) {
  examined().expect("UID FETCH 50:4294967295 (UID FLAGS)");
  server.reply(
      "* 3 FETCH (UID 40 FLAGS (\\Seen))\r\n* 4 FETCH (UID 60 FLAGS ($Work))\r\n* 4 FETCH (FLAGS ())\r\n$ OK\r\n");
  examine();
  const auto flags = loop.run(source->flags({50, 4294967295U}, ModSeq(9), Wait{}));
  ASSERT_TRUE(flags.has_value());
  ASSERT_EQ(flags->size(), 1U);
  EXPECT_EQ((*flags)[0].uid, Uid(60));
}

// -------------------------------------------------------------------------------------------------------- identities

TEST_F(ImapSourceTest, IdentitiesWithoutBodies) {
  examined(3, "CONDSTORE OBJECTID");
  server.expect("UID FETCH 4:9 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ EMAILID)");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812 MODSEQ (50) EMAILID "
      "(M-1_a))\r\n"
      "* 2 FETCH (UID 5 FLAGS ())\r\n"  // changed by another client meanwhile: no answer to what was asked
      "* 3 FETCH (UID 44 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 1 MODSEQ (1) EMAILID (x))\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:26 -0700\" RFC822.SIZE 813 MODSEQ (51) EMAILID "
      "(M-2))\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:26 -0700\" RFC822.SIZE 99 MODSEQ (51) EMAILID "
      "(M-3))\r\n$ OK\r\n");
  examine();
  EXPECT_TRUE(source->features().email_ids);
  const auto listed = loop.run(source->identities({4, 5, 6, 7, 8, 9}, false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].uid, Uid(4));
  EXPECT_EQ((*listed)[0].flags, (FlagSet{"\\Seen"}));
  EXPECT_EQ((*listed)[0].internaldate, (InternalDate{837'596'665, -420}));
  EXPECT_EQ((*listed)[0].modseq, ModSeq(50));
  EXPECT_EQ((*listed)[0].stated_size, 812U);
  EXPECT_EQ((*listed)[0].email_id, "M-1_a");
  EXPECT_FALSE((*listed)[0].header.has_value());
  EXPECT_EQ((*listed)[1].email_id, "M-2");
}

TEST_F(ImapSourceTest, IdentitiesWithTheDigestOfTheStableHeader) {
  const std::string header = "Subject: hi\r\nFrom: a\r\n\r\n";
  examined(3, "X-GM-EXT-1");
  server.expect(
      "UID FETCH 4:5 (UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID BODY.PEEK[HEADER.FIELDS (Message-ID Date From To "
      "Cc "
      "Subject)])");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812 X-GM-MSGID "
      "1278455344230334865 "
      "BODY[HEADER.FIELDS (\"MESSAGE-ID\" \"DATE\" FROM TO CC SUBJECT)] {" +
      std::to_string(header.size()) + "}\r\n" + header +
      ")\r\n* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 3 BODY[HEADER.FIELDS "
      "(X)] "
      "NIL)\r\n$ OK\r\n");
  examine();
  EXPECT_TRUE(source->features().email_ids);
  const auto listed = loop.run(source->identities({4, 5}, true, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].email_id, "gm:1278455344230334865");
  EXPECT_EQ((*listed)[0].header,
            Digest(crypto::sha256(mime::stable_header("From: a\r\nX-Other: b\r\nSubject:  hi\r\n\r\nbody"))));
}

TEST_F(ImapSourceTest, AMessageWithoutAStatedDateIsLeftToItsBody) {
  examined(3).expect("UID FETCH 4:6 *");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS () RFC822.SIZE 812)\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" RFC822.SIZE 812)\r\n"
      "* 3 FETCH (UID 6 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812)\r\n$ OK\r\n");
  examine();
  const auto listed = loop.run(source->identities({4, 5, 6}, false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].uid, Uid(6));
}

TEST_F(ImapSourceTest, IdentitiesOfManyAreAskedInPartsInOneGo) {
  examined(3).expect("UID FETCH 1:1000 *").expect("UID FETCH 1001:2000 *").expect("UID FETCH 2001:2500 *");
  server.reply("$ OK\r\n$ OK\r\n$ OK\r\n");
  examine();
  const auto listed = loop.run(source->identities(UidSet::range(1, 2'500), false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_TRUE(listed->empty());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, ARefusalOfIdentitiesIsSaid) {
  examined(3).expect("UID FETCH 4 *").reply("$ NO not now\r\n");
  examine();
  EXPECT_FALSE(loop.run(source->identities({4}, false, Wait{})).has_value());
}

TEST_F(ImapSourceTest, MaskedExtensionsAreNotAskedFor) {
  settings.disabled = {"OBJECTID", "X-GM-EXT-1"};
  examined(3, "OBJECTID X-GM-EXT-1").expect("UID FETCH 4 (UID FLAGS INTERNALDATE RFC822.SIZE)").reply("$ OK\r\n");
  examine();
  EXPECT_FALSE(source->features().email_ids);
  EXPECT_TRUE(loop.run(source->identities({4}, false, Wait{})).has_value());
}

TEST_F(ImapSourceTest, MailboxIdsWhereTheServerHasThem) {
  server.login("LIST-EXTENDED LIST-STATUS OBJECTID");
  server.expect("LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID))");
  server.reply(
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 MAILBOXID (F-1))\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_EQ(listed->at(0).status->mailbox_id, "F-1");
}

// Cyrus 3.6 mixes MAILBOXID up when STATUS asks for another item with it.
TEST_F(ImapSourceTest, ACyrusIsAskedForMailboxIdsApartInTheSameRoundTrip) {
  server.login("LIST-EXTENDED LIST-STATUS OBJECTID X-CREATEDMODSEQ");
  server.expect("LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY))");
  server.expect("LIST \"\" \"*\" RETURN (STATUS (MAILBOXID))");
  server.reply(
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\n$ OK\r\n"
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MAILBOXID (F-1))\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).status->messages, 3u);
  EXPECT_EQ(listed->at(0).status->mailbox_id, "F-1");
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

TEST_F(ImapSourceTest, ChangedSinceWithCondstore) {
  examined(3, "CONDSTORE").expect("UID FETCH 1:9 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)");
  server.reply("* 3 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (50))\r\n$ OK\r\n");
  examine();
  const auto flags = loop.run(source->flags({1, 9}, ModSeq(44), Wait{}));
  ASSERT_TRUE(flags.has_value()) << flags.error().to_string();
  EXPECT_EQ((*flags)[0].modseq, ModSeq(50));
}

// ---------------------------------------------------------------------------------------------------------- fetching

TEST_F(ImapSourceTest, BodiesArrive) {
  examined().expect("UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
  server.reply(item(1, 1, "one") + item(2, 2, "") + item(3, 3, "three\r\n)\r\nA1 OK\r\n") + "$ OK\r\n");
  examine();
  const auto outcome = fetch({1, 2, 3});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_TRUE(outcome->refused.empty());
  EXPECT_EQ(sink.uids(), (Uids{1, 2, 3}));
  EXPECT_EQ(sink.messages[1].octets, "one");
  EXPECT_EQ(sink.messages[2].octets, "");
  EXPECT_EQ(sink.messages[3].octets, "three\r\n)\r\nA1 OK\r\n");
  EXPECT_EQ(sink.messages[1].arrived.flags, (FlagSet{"\\Seen"}));
  EXPECT_EQ(sink.messages[1].arrived.internaldate.to_imap(), "17-Jul-1996 02:44:25 -0700");
  EXPECT_EQ(sink.messages[1].arrived.stated_size, 3U);
  EXPECT_EQ(sink.abandoned, 0);
}

TEST_F(ImapSourceTest, CommandsArePipelinedSoThatTheLineDoesNotIdle) {
  examined(1000);
  for (int i = 0; i < 4; ++i)
    server.expect("UID FETCH " + std::to_string(i * 500 + 1) + ":" + std::to_string(i * 500 + 500) + " *");
  server.reply("$ OK\r\n").expect("UID FETCH 2001:2100 *").reply("$ OK\r\n$ OK\r\n$ OK\r\n$ OK\r\n");
  examine();
  EXPECT_TRUE(fetch(UidSet::range(1, 2100)).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, M062BodiesNobodyAskedForAreDiscarded) {
  examined().expect("UID FETCH 2 *");
  server.reply(item(9, 9, "evil") + item(2, 2, "two") + "* 2 FETCH (BODY[] {6}\r\nno uid)\r\n" + item(2, 2, "again") +
               "$ OK\r\n");
  examine();
  const auto outcome = fetch({2});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->repeated, (UidSet{2})) << "M061";
  EXPECT_EQ(sink.uids(), (Uids{2}));
  EXPECT_EQ(sink.messages[2].octets, "two");
  EXPECT_FALSE(sink.open());
}

TEST_F(ImapSourceTest, TheUidMayComeBehindTheBody) {
  examined().expect("UID FETCH 2:3 *");
  server.reply(
      "* 2 FETCH (BODY[] {3}\r\ntwo FLAGS () UID 2)\r\n* 3 FETCH (BODY[] {4}\r\nevil FLAGS () UID 9)\r\n$ OK\r\n");
  examine();
  ASSERT_TRUE(fetch({2, 3}).has_value());
  EXPECT_EQ(sink.uids(), (Uids{2}));
  EXPECT_EQ(sink.abandoned, 1);
}

TEST_F(ImapSourceTest, NilIsNotAnEmptyMessage) {
  examined().expect("UID FETCH 2 *").reply("* 2 FETCH (UID 2 FLAGS () BODY[] NIL)\r\n$ OK\r\n");
  examine();
  ASSERT_TRUE(fetch({2}).has_value());
  EXPECT_TRUE(sink.messages.empty());
}

TEST_F(ImapSourceTest, M071TheOctetsCountNotTheStatedSize) {
  examined().expect("UID FETCH 2 *").reply("* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 999 BODY[] {3}\r\ntwo)\r\n$ OK\r\n");
  examine();
  ASSERT_TRUE(fetch({2}).has_value());
  EXPECT_EQ(sink.messages[2].arrived.size, 3U);
  EXPECT_EQ(sink.messages[2].arrived.stated_size, 999U);
}

TEST_F(ImapSourceTest, AMessageWithoutAnInternaldateIsDatedByItsHeader) {
  const std::string received = "Received: from a by b;\r\n Thu, 22 Aug 2002 12:36:23 +0200\r\n";
  const std::string date = "Date: Wed, 21 Aug 2002 10:00:00 -0700\r\n";
  const std::string text = "\r\n" + std::string(300'000, 'x');
  const std::string late = "X-Filler: " + std::string(70'000, 'x') + "\r\n" + date + "\r\n";
  struct Case {
    const char* name;
    std::string items;  // in front of the body
    std::string behind;
    std::string body;
    std::string internaldate;
  };
  const Case cases[] = {
      {"absent", "", "", date + received + text, "22-Aug-2002 12:36:23 +0200"},
      {"absent, no Received", "", "", date + text, "21-Aug-2002 10:00:00 -0700"},
      {"nothing at all, and not the date of the one before", "", "", "Subject: x\r\n\r\n" + date,
       "01-Jan-1970 00:00:00 +0000"},
      {"NIL", "INTERNALDATE NIL ", "", received + text, "22-Aug-2002 12:36:23 +0200"},
      {"no date", "INTERNALDATE \"yesterday\" ", "", received + text, "22-Aug-2002 12:36:23 +0200"},
      {"1899", "INTERNALDATE \"30-Dec-1899 00:00:00 +0000\" ", "", received + text, "22-Aug-2002 12:36:23 +0200"},
      {"1970, behind", "", " INTERNALDATE \"01-Jan-1970 01:00:00 +0100\"", received + text,
       "22-Aug-2002 12:36:23 +0200"},
      {"1970 and nothing else", "INTERNALDATE \"01-Jan-1970 01:00:00 +0100\" ", "", "\r\n" + received,
       "01-Jan-1970 01:00:00 +0100"},
      {"stated behind", "", " INTERNALDATE \"17-Jul-1996 02:44:25 -0700\"", received + text,
       "17-Jul-1996 02:44:25 -0700"},
      {"a Date that is not among the first octets", "", "", late, "01-Jan-1970 00:00:00 +0000"},
  };
  std::string reply;
  int uid = 0;
  for (const Case& one : cases) {
    ++uid;
    reply += "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) + " FLAGS () " + one.items + "BODY[] {" +
             std::to_string(one.body.size()) + "}\r\n" + one.body + one.behind + ")\r\n";
  }
  examined(uid).expect("UID FETCH 1:10 *").reply(reply + "$ OK\r\n");
  examine();
  const auto fetched = fetch({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  ASSERT_TRUE(fetched.has_value()) << fetched.error().to_string();
  uid = 0;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const auto& message = sink.messages[static_cast<std::uint32_t>(++uid)];
    EXPECT_EQ(message.octets, one.body);
    EXPECT_EQ(message.arrived.internaldate.to_imap(), one.internaldate);
  }
}

TEST_F(ImapSourceTest, ARefusedCommandIsReportedAndTheRestGoesOn) {
  examined(1000).expect("UID FETCH 1:500 *").expect("UID FETCH 501:502 *");
  server.reply(item(1, 1, "one") + "$ NO Server error - please try again later\r\n" + item(501, 501, "x") +
               item(502, 502, "y") + "$ OK\r\n");
  examine();
  const auto outcome = fetch(UidSet::range(1, 502));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  ASSERT_EQ(outcome->refused.size(), 1U);
  EXPECT_EQ(outcome->refused[0].uids.to_string(), "2:500");
  EXPECT_EQ(outcome->refused[0].error.server_text(), "Server error - please try again later");
  EXPECT_EQ(sink.uids(), (Uids{1, 501, 502}));
}

TEST_F(ImapSourceTest, M091ThrottlingEndsTheFetchWithTheServersTime) {
  examined()
      .expect("UID FETCH 1 *")
      .reply("$ BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds\r\n");
  examine();
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::throttle);
  EXPECT_EQ(outcome.error().retry_after(), std::chrono::milliseconds(299961));
}

TEST_F(ImapSourceTest, NoRoomInTheVaultEndsTheConnection) {
  examined().expect("UID FETCH 1 *").hang();
  examine();
  sink.no_room = Error(ErrorKind::store_full, "no space left");
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::store_full);
}

TEST_F(ImapSourceTest, M028CutAtEveryOffsetNothingHalfIsEverComplete) {
  const std::string answer = item(1, 1, "first message") + item(2, 2, "the second one") + "$ OK\r\n";
  const std::size_t first = item(1, 1, "first message").size();
  const std::size_t both = first + item(2, 2, "the second one").size();
  for (std::size_t cut = 0; cut < answer.size() - 5; ++cut) {
    testing::ImapScript script(loop);
    script.login().expect("EXAMINE INBOX").reply("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$ OK x\r\n");
    script.expect("UID FETCH 1:2 *").reply(answer.substr(0, cut)).cut();
    dialer.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    examine();
    RecordingSink cut_sink;
    const auto outcome = loop.run(source->fetch({1, 2}, cut_sink, Wait{}));
    ASSERT_FALSE(outcome.has_value()) << cut;
    EXPECT_EQ(outcome.error().kind(), ErrorKind::transient) << cut << outcome.error().to_string();
    EXPECT_EQ(cut_sink.messages.size(), cut >= both ? 2U : cut >= first ? 1U : 0U) << cut;
    EXPECT_FALSE(cut_sink.open()) << cut;
    source.reset();
    loop.run_ready();
  }
}

TEST_F(ImapSourceTest, M029ABodyLongerThanAnnouncedStoresNothing) {
  examined().expect("UID FETCH 1 *").reply("* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\nfour)\r\n$ OK\r\n");
  examine();
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::protocol);
  EXPECT_TRUE(sink.messages.empty());
  EXPECT_FALSE(sink.open());
}

TEST_F(ImapSourceTest, M027ADrippingBodyIsThrottling) {
  examined().expect("UID FETCH 1 *").reply("* 1 FETCH (UID 1 FLAGS () BODY[] {1000}\r\n");
  for (int i = 0; i < 30; ++i) server.pause(std::chrono::seconds(10)).reply("x");
  examine();
  const auto before = loop.elapsed();
  const auto outcome = fetch({1});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::throttle);
  EXPECT_LE(loop.elapsed() - before, std::chrono::seconds(70));
  source.reset();
  loop.run_ready();
}

}  // namespace
}  // namespace postern::daemon
