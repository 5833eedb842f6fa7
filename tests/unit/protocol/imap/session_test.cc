#include "core/protocol/imap/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

using testing::box;
using testing::fetch_bodies;
using ::testing::HasSubstr;
using testing::plain_options;
using testing::Script;
using ::testing::StartsWith;

TEST(SessionTest, NothingIsWrittenBeforeTheGreeting) {
  Script script(plain_options());
  script.send(Capability{});
  EXPECT_EQ(script.written(), "");
  script.server("* OK ready\r\n");
  EXPECT_EQ(script.written(), "$1 CAPABILITY\r\n");
}

TEST(SessionTest, LogsInAndForgetsWhatWasOfferedBefore) {
  Script script(plain_options());
  script.server("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n");
  EXPECT_TRUE(script.session.capabilities().has("AUTH=PLAIN"));
  script.send(Login{"user", Secret("pass\"word")});
  EXPECT_EQ(script.written(), "$1 LOGIN \"user\" \"pass\\\"word\"\r\n");
  script.server("$1 OK in\r\n");
  EXPECT_FALSE(script.session.capabilities().known());
  EXPECT_EQ(script.session.state(), State::authenticated);
}

TEST(SessionTest, CapabilitiesFromTheAuthenticationReplyAreKept) {
  Script script(plain_options());
  script.server("* OK ready\r\n");
  script.send(Authenticate{"PLAIN", std::nullopt});
  script.server("+ \r\n");
  EXPECT_THAT(script.told(), HasSubstr("challenge "));
  ASSERT_TRUE(script.session.respond(Secret(std::string("\0user\0secret", 12))));
  script.drain();
  EXPECT_EQ(script.written(), "$1 AUTHENTICATE PLAIN\r\nAHVzZXIAc2VjcmV0\r\n");
  script.server("* CAPABILITY IMAP4rev1 LITERAL+\r\n$1 OK in\r\n");
  EXPECT_TRUE(script.session.capabilities().has("LITERAL+"));
}

TEST(SessionTest, DisabledCapabilitiesAreNeverSeen) {
  auto options = plain_options();
  options.disabled = {"CONDSTORE"};
  Script script(options);
  script.log_in("IMAP4rev1 CONDSTORE ESEARCH");
  EXPECT_FALSE(script.session.capabilities().has("CONDSTORE"));
  EXPECT_TRUE(script.session.capabilities().has("ESEARCH"));
}

TEST(SessionTest, CancelledAuthentication) {
  Script script(plain_options());
  script.server("* OK ready\r\n");
  script.send(Authenticate{"XOAUTH2", Secret("token")});
  EXPECT_EQ(script.written(), "$1 AUTHENTICATE XOAUTH2 dG9rZW4=\r\n");
  script.server("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n");
  EXPECT_EQ(script.told(), "greeting ready\nchallenge {\"status\":\"400\"}");
  ASSERT_TRUE(script.session.cancel_authentication());
  script.drain();
  EXPECT_EQ(script.written(), "*\r\n");
  script.server("$1 NO [AUTHENTICATIONFAILED] Invalid credentials\r\n");
  EXPECT_EQ(script.told(), "done #1 NO [AUTHENTICATIONFAILED] Invalid credentials -> auth");
}

TEST(SessionTest, SelectedMailboxIsLearnt) {
  Script script(plain_options());
  script.log_in();
  script.send(Select{box("INBOX"), false, false, std::nullopt});
  script.server(
      "* 172 EXISTS\r\n* 1 RECENT\r\n* OK [UNSEEN 12] x\r\n* OK [UIDVALIDITY 3857529045] v\r\n* OK [UIDNEXT 4392] n\r\n"
      "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] l\r\n"
      "* OK [HIGHESTMODSEQ 715194045007] m\r\n$2 OK [READ-WRITE] SELECT completed\r\n");
  const SelectedMailbox* mailbox = script.session.selected();
  ASSERT_NE(mailbox, nullptr);
  EXPECT_EQ(mailbox->exists, 172u);
  EXPECT_EQ(mailbox->uidvalidity, UidValidity(3857529045u));
  EXPECT_EQ(mailbox->uidnext, 4392u);
  EXPECT_EQ(mailbox->highestmodseq, ModSeq(715194045007u));
  EXPECT_TRUE(mailbox->permanent_flags->any_keyword);
  EXPECT_FALSE(mailbox->read_only);
  script.server("* 173 EXISTS\r\n* 4 EXPUNGE\r\n");
  EXPECT_EQ(script.session.selected()->exists, 172u);
}

TEST(SessionTest, FailedSelectLeavesNoMailbox) {
  Script script(plain_options());
  script.select();
  script.send(Select{box("Gone"), true, false, std::nullopt});
  script.server("$3 NO [NONEXISTENT] no such mailbox\r\n");
  EXPECT_EQ(script.session.selected(), nullptr);
  EXPECT_EQ(script.session.state(), State::authenticated);
  EXPECT_EQ(script.told(), "done #3 NO [NONEXISTENT] no such mailbox -> not_found");
}

TEST(SessionTest, CommandsArePipelined) {
  Script script(plain_options());
  script.select();
  script.send(fetch_bodies({1, 2}));
  script.send(fetch_bodies({3, 4}));
  EXPECT_EQ(script.written(),
            "$3 UID FETCH 1:2 (UID FLAGS BODY.PEEK[])\r\n$4 UID FETCH 3:4 (UID FLAGS BODY.PEEK[])\r\n");
  script.server(
      "* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\none)\r\n* 3 FETCH (UID 3 FLAGS (\\Seen) BODY[] {5}\r\nthree)\r\n");
  EXPECT_EQ(script.told(),
            "#3 body [] one\n#3 1 FETCH uid=1 flags=() []=3\n#4 body [] three\n#4 3 FETCH uid=3 flags=(\\Seen) []=5");
  script.server("$4 OK b\r\n$3 OK a\r\n");
  EXPECT_EQ(script.told(), "done #4 OK b\ndone #3 OK a");
}

TEST(SessionTest, LoginHoldsLaterCommandsBack) {
  Script script(plain_options());
  script.server("* OK ready\r\n");
  script.send(Login{"u", Secret("p")});
  script.send(Capability{});
  EXPECT_EQ(script.written(), "$1 LOGIN \"u\" \"p\"\r\n");
  script.server("$1 OK in\r\n");
  EXPECT_EQ(script.written(), "$2 CAPABILITY\r\n");
}

TEST(SessionTest, SynchronisingLiteralWaitsForPermission) {
  Script script(plain_options());
  script.log_in();
  script.send(Create{MailboxName::from_wire("a\r\nA9 DELETE INBOX", '/')});
  script.send(Noop{});
  EXPECT_EQ(script.written(), "$2 CREATE {18}\r\n");
  script.server("+ go\r\n");
  EXPECT_EQ(script.written(), "a\r\nA9 DELETE INBOX\r\n$3 NOOP\r\n");
}

TEST(SessionTest, RefusedLiteralLetsTheNextCommandGo) {
  Script script(plain_options());
  script.log_in();
  script.send(Append{box("INBOX"), {{5, {}, std::nullopt}}});
  script.send(Noop{});
  EXPECT_EQ(script.written(), "$2 APPEND INBOX {5}\r\n");
  script.server("$2 NO [OVERQUOTA] full\r\n");
  EXPECT_EQ(script.told(), "done #2 NO [OVERQUOTA] full -> quota");
  EXPECT_EQ(script.written(), "$3 NOOP\r\n");
}

TEST(SessionTest, AppendStreamsExactlyWhatWasAnnounced) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND");
  const auto id = script.send(Append{box("INBOX"), {{5, {"\\Seen"}, InternalDate{0, 0}}, {0, {}, std::nullopt}}});
  EXPECT_EQ(script.told(), "wants body 0 of #2: 5");
  ASSERT_TRUE(script.session.supply("he"));
  ASSERT_TRUE(script.session.supply("llo"));
  EXPECT_FALSE(script.session.fully_written(id));
  ASSERT_TRUE(script.session.end_body());
  script.drain();
  EXPECT_EQ(script.told(), "wants body 1 of #2: 0");
  ASSERT_TRUE(script.session.end_body());
  EXPECT_FALSE(script.session.fully_written(id));  // produced, but still in output()
  script.drain();
  EXPECT_TRUE(script.session.fully_written(id));
  EXPECT_EQ(script.written(), "$2 APPEND INBOX (\\Seen) \"01-Jan-1970 00:00:00 +0000\" {5+}\r\nhello {0+}\r\n\r\n");
  script.server("$2 OK [APPENDUID 7 10:11] done\r\n");
  EXPECT_EQ(script.told(), "done #2 OK [APPENDUID 7 2] done");
}

TEST(SessionTest, EarlyRefusalIsToldWhenTheLiteralIsComplete) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 LITERAL+");
  script.send(Append{box("INBOX"), {{5, {}, std::nullopt}, {9, {}, std::nullopt}}});
  script.events();
  ASSERT_TRUE(script.session.supply("he"));
  script.server("$2 NO [TOOBIG] too big\r\n");
  EXPECT_EQ(script.told(), "");
  ASSERT_TRUE(script.session.supply("llo"));
  ASSERT_TRUE(script.session.end_body());
  script.drain();
  EXPECT_EQ(script.told(), "done #2 NO [TOOBIG] too big -> message");
  EXPECT_EQ(script.written(), "$2 APPEND INBOX {5+}\r\nhello\r\n");
}

TEST(SessionTest, SecondLiteralOfMultiAppendMayBeRefused) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 MULTIAPPEND");
  script.send(Append{box("INBOX"), {{2, {}, std::nullopt}, {2, {}, std::nullopt}}});
  script.server("+ ok\r\n");
  ASSERT_TRUE(script.session.supply("ab"));
  ASSERT_TRUE(script.session.end_body());
  script.drain();
  script.events();
  script.server("$2 NO [TOOBIG] no\r\n");
  EXPECT_EQ(script.told(), "done #2 NO [TOOBIG] no -> message");
}

TEST(SessionTest, IdleEndsWithDone) {
  Script script(plain_options());
  script.select();
  script.send(Idle{});
  script.send(Noop{});
  EXPECT_EQ(script.written(), "$3 IDLE\r\n");
  script.server("+ idling\r\n* 11 EXISTS\r\n");
  EXPECT_EQ(script.told(), "idling\n#3 11 EXISTS");
  ASSERT_TRUE(script.session.done());
  script.drain();
  EXPECT_EQ(script.written(), "DONE\r\n");
  script.server("$3 OK done\r\n");
  EXPECT_EQ(script.written(), "$4 NOOP\r\n");
}

TEST(SessionTest, DoneBeforeTheServerIdlesIsSentWhenItDoes) {
  Script script(plain_options());
  script.select();
  script.send(Idle{});
  ASSERT_TRUE(script.session.done());
  script.drain();
  EXPECT_EQ(script.written(), "$3 IDLE\r\n");
  script.server("+ idling\r\n");
  EXPECT_EQ(script.written(), "DONE\r\n");
}

TEST(SessionTest, LogoutIsAnOrderlyEnd) {
  Script script(plain_options());
  script.log_in();
  script.send(Logout{});
  script.server("* BYE bye\r\n$2 OK out\r\n");
  script.session.end_of_input();
  script.drain();
  EXPECT_EQ(script.told(), "bye bye\ndone #2 OK out\nclosed");
  EXPECT_FALSE(script.session.enqueue(Noop{}));
}

TEST(SessionTest, StatusRepliesFindTheirCommands) {
  Script script(plain_options());
  script.log_in();
  script.send(StatusCommand{box("a"), {}});
  script.send(StatusCommand{box("b"), {}});
  script.server("* STATUS b (MESSAGES 2)\r\n* STATUS \"a\" (MESSAGES 1)\r\n$2 OK\r\n$3 OK\r\n");
  EXPECT_EQ(script.told(), "#3 STATUS b messages=2\n#2 STATUS a messages=1\ndone #2 OK \ndone #3 OK ");
}

TEST(SessionTest, QuotasBelongToTheCommandThatAskedForThem) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 QUOTA");
  script.send(GetQuotaRoot{box("a")});
  EXPECT_EQ(script.written(), "$2 GETQUOTAROOT a\r\n");
  script.server("* QUOTAROOT a \"\"\r\n* QUOTA \"\" (STORAGE 1 2)\r\n$2 OK\r\n* QUOTA \"\" (STORAGE 1 2)\r\n");
  EXPECT_EQ(script.told(), "#2 QUOTAROOT a:\n#2 QUOTA  STORAGE=1/2\ndone #2 OK \n#0 QUOTA  STORAGE=1/2");
}

TEST(SessionTest, EsearchFindsItsCommandByTag) {
  Script script(plain_options());
  script.select("IMAP4rev1 ESEARCH");
  script.send(UidSearch{});
  UidSearch extended;
  extended.return_all = true;
  script.send(extended);
  EXPECT_EQ(script.written(), "$3 UID SEARCH ALL\r\n$4 UID SEARCH RETURN (ALL) ALL\r\n");
  script.server("* ESEARCH (TAG \"$4\") UID ALL 1:3,9\r\n");
  EXPECT_EQ(script.told(), "#4 ESEARCH uid 1:3,9");
}

TEST(SessionTest, QresyncChangesBelongToTheSelect) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 ENABLE CONDSTORE QRESYNC");
  script.send(Enable{{"QRESYNC"}});
  script.server("* ENABLED QRESYNC\r\n$2 OK\r\n");
  EXPECT_TRUE(script.session.enabled("QRESYNC"));
  script.send(Select{box("INBOX"), true, false, Select::Qresync{UidValidity(7), ModSeq(90), UidSet::range(1, 9)}});
  EXPECT_THAT(script.written(), HasSubstr("EXAMINE INBOX (QRESYNC (7 90 1:9))"));
  script.events();
  script.server(
      "* 3 EXISTS\r\n* VANISHED (EARLIER) 2,5:8\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (95))\r\n$3 OK ok\r\n");
  EXPECT_EQ(script.told(),
            "#3 3 EXISTS\n#3 VANISHED earlier 2,5:8\n#3 1 FETCH uid=1 flags=(\\Seen) modseq=95\ndone #3 OK ok");
  EXPECT_EQ(script.session.selected()->exists, 3u);
}

/// RFC 7162 §3.2.11: up to CLOSED the responses are of the mailbox that was open.
TEST(SessionTest, WhatComesBeforeClosedIsNotOfTheNewMailbox) {
  Script script(plain_options());
  script.select();
  script.send(Select{box("Other"), true, false, std::nullopt});
  script.server("* 4 EXPUNGE\r\n* 70 EXISTS\r\n* OK [HIGHESTMODSEQ 99] x\r\n* OK [CLOSED] x\r\n");
  script.server("* 2 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n$3 OK done\r\n");
  ASSERT_NE(script.session.selected(), nullptr);
  EXPECT_EQ(script.session.selected()->exists, 2u);
  EXPECT_EQ(script.session.selected()->highestmodseq, ModSeq());
}

TEST(SessionTest, StatedModseqOfATaggedReplyIsTaken) {
  Script script(plain_options());
  script.select();
  script.send(Expunge{});
  script.server("$3 OK [HIGHESTMODSEQ 77] done\r\n");
  EXPECT_EQ(script.session.selected()->highestmodseq, ModSeq(77));
}

TEST(SessionTest, MovedUidsComeInAnUntaggedOk) {
  Script script(plain_options());
  script.select("IMAP4rev1 MOVE UIDPLUS");
  script.send(UidMove{{4, 5}, box("Trash")});
  script.server("* OK [COPYUID 9 4:5 11:12] moved\r\n* 4 EXPUNGE\r\n* 4 EXPUNGE\r\n$3 OK done\r\n");
  EXPECT_THAT(script.told(), StartsWith("#0 OK [COPYUID] moved"));
  EXPECT_EQ(script.session.selected()->exists, 8u);
}

TEST(SessionTest, CompressHandsTheRestOver) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 COMPRESS=DEFLATE");
  script.send(CompressDeflate{});
  script.send(Noop{});
  script.server("");
  const std::string reply = script.tag(2) + " OK go\r\n\x01\x02\x03";
  script.session.feed(reply);
  script.drain();
  EXPECT_EQ(script.told(), "done #2 OK go\nhand over to deflate");
  EXPECT_EQ(script.session.take_unread(), "\x01\x02\x03");
  script.written();
  script.session.handed_over();
  script.drain();
  EXPECT_EQ(script.written(), "$3 NOOP\r\n");
}

TEST(SessionTest, TagsCannotBeGuessedAndDifferBySeed) {
  auto one = plain_options();
  auto two = plain_options();
  two.tag_seed = 8;
  Script a(one);
  Script b(two);
  a.log_in();
  b.log_in();
  EXPECT_NE(a.tag(1), b.tag(1));
}

}  // namespace
}  // namespace postern::imap
