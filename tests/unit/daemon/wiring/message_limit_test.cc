// A source with MESSAGELIMIT (RFC 9738), with and without PARTIAL (RFC 9394) and UIDONLY (RFC 9586): what is asked, and
// that no answer that was cut short is taken for the whole.

#include <gmock/gmock.h>

#include "daemon/wiring/imap_source.h"
#include "tests/unit/client/fixture.h"
#include "tests/unit/daemon/wiring/recording_sink.h"

namespace postern::daemon {
namespace {

using Uids = std::vector<std::uint32_t>;

class MessageLimitTest : public client::ClientTest {
 protected:
  /// A script up to the opened INBOX with `exists` messages, under `capabilities`.
  testing::ImapScript& examined(int exists, const std::string& capabilities) {
    server.login(capabilities);
    if (capabilities.find("UIDONLY") != std::string::npos) {
      server.expect("ENABLE UIDONLY").reply("* ENABLED UIDONLY\r\n$ OK done\r\n");
    }
    return server.expect("EXAMINE INBOX")
        .reply("* " + std::to_string(exists) + " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$ OK [READ-ONLY] x\r\n");
  }
  void examine() {
    log_in();
    source = std::make_unique<ImapSource>(std::move(client));
    const auto opened = loop.run(source->open(MailboxName::from_wire("INBOX", '/'), std::nullopt, {}, Wait{}));
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  std::string uids() {
    const auto listed = loop.run(source->uids(Wait{}));
    return listed ? listed->to_string() : "! " + listed.error().to_string();
  }
  Uids flags(UidRange range, std::optional<ModSeq> since = std::nullopt) {
    const auto reports = loop.run(source->flags(range, since, Wait{}));
    EXPECT_TRUE(reports.has_value()) << reports.error().to_string();
    Uids uids;
    for (const auto& report : reports.value_or(std::vector<sync::FlagReport>{})) uids.push_back(report.uid.value());
    return uids;
  }

  std::unique_ptr<ImapSource> source;
  RecordingSink sink;
};

TEST_F(MessageLimitTest, FeaturesTellTheLimitAndWhetherTheViewMayBeCut) {
  examined(3, "MESSAGELIMIT=1000");
  examine();
  EXPECT_EQ(source->features().message_limit, 1'000U);
  EXPECT_EQ(source->features().view_limit, 1'000U);
}

TEST_F(MessageLimitTest, UnderUidonlyEverythingIsInView) {
  examined(3, "ENABLE UIDONLY MESSAGELIMIT=1000");
  examine();
  EXPECT_EQ(source->features().message_limit, 1'000U);
  EXPECT_EQ(source->features().view_limit, std::nullopt);
}

TEST_F(MessageLimitTest, AMailboxIsListedInPagesEachBehindTheLastUidOfTheOneBefore) {
  examined(5, "ESEARCH PARTIAL MESSAGELIMIT=2");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 1:4294967295");
  server.reply("* ESEARCH UID PARTIAL (1:2 3,9)\r\n$ OK done\r\n");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 10:4294967295");
  server.reply("* VANISHED 3\r\n* ESEARCH UID PARTIAL (1:2 12:13)\r\n$ OK done\r\n");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 14:4294967295");
  server.reply("* ESEARCH UID PARTIAL (1:2 40)\r\n$ OK done\r\n");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 41:4294967295");
  server.reply("* ESEARCH UID PARTIAL (1:2 NIL)\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(uids(), "3,9,12:13,40");
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, WithoutPartialItGoesOnBelowTheUidThatTheServerCameTo) {
  examined(5, "ESEARCH MESSAGELIMIT=2");
  server.expect("UID SEARCH RETURN (ALL) ALL").reply("* ESEARCH UID ALL 13,40\r\n$ OK [MESSAGELIMIT 2 13] partial\r\n");
  server.expect("UID SEARCH RETURN (ALL) UID 1:12")
      .reply("* ESEARCH UID ALL 9,12\r\n$ OK [MESSAGELIMIT 2 9] partial\r\n");
  server.expect("UID SEARCH RETURN (ALL) UID 1:8").reply("* ESEARCH UID ALL 3\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(uids(), "3,9,12:13,40");
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, ALimitThatWasNeverAnnouncedIsHonouredToo) {
  examined(3, "");
  server.expect("UID SEARCH ALL").reply("* SEARCH 40 13\r\n$ OK [MESSAGELIMIT 2 13] partial\r\n");
  server.expect("UID SEARCH UID 1:12").reply("* SEARCH 9\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(uids(), "9,13,40");
}

TEST_F(MessageLimitTest, ARefusalForTheNumberIsAskedForInHalves) {
  examined(3, "MESSAGELIMIT=2");
  server.expect("UID SEARCH ALL").reply("$ NO [MESSAGELIMIT 2] too many\r\n");
  server.expect("UID SEARCH UID 2147483649:4294967295").reply("* SEARCH\r\n$ OK done\r\n");
  server.expect("UID SEARCH UID 1:2147483648").reply("* SEARCH 1 2 3\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(uids(), "1:3");
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, M044BadToPartialIsAskedWithoutIt) {
  examined(3, "ESEARCH PARTIAL MESSAGELIMIT=2");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 1:4294967295").reply("$ BAD what?\r\n");
  server.expect("UID SEARCH RETURN (ALL) ALL").reply("* ESEARCH UID ALL 1:3\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(uids(), "1:3");
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, AServerThatDoesNotGetOnIsAnErrorAndNotAnEmptyMailbox) {
  examined(3, "MESSAGELIMIT=2");
  server.expect("UID SEARCH ALL").reply("* SEARCH 9\r\n$ OK [MESSAGELIMIT 2 9] partial\r\n");
  server.expect("UID SEARCH UID 1:8").reply("* SEARCH 9\r\n$ OK [MESSAGELIMIT 2 9] partial\r\n");
  examine();
  EXPECT_THAT(uids(), ::testing::HasSubstr("does not get on"));
}

TEST_F(MessageLimitTest, ACutInTheMiddleOfThePagesListsNothing) {
  examined(5, "ESEARCH PARTIAL MESSAGELIMIT=2");
  server.expect("UID SEARCH RETURN (PARTIAL 1:2) UID 1:4294967295");
  server.reply("* ESEARCH UID PARTIAL (1:2 3,9)\r\n$ OK done\r\n").expect("UID SEARCH *").cut();
  examine();
  EXPECT_THAT(uids(), ::testing::StartsWith("! "));
}

TEST_F(MessageLimitTest, FlagsAreReadInPages) {
  examined(3, "PARTIAL MESSAGELIMIT=2");
  server.expect("UID FETCH 1:100 (UID FLAGS) (PARTIAL 1:2)");
  server.reply("* 1 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 9 FLAGS ())\r\n$ OK done\r\n");
  server.expect("UID FETCH 10:100 (UID FLAGS) (PARTIAL 1:2)").reply("* 3 FETCH (UID 40 FLAGS ())\r\n$ OK done\r\n");
  server.expect("UID FETCH 41:100 (UID FLAGS) (PARTIAL 1:2)").reply("$ OK done\r\n");
  examine();
  EXPECT_EQ(flags({1, 100}), (Uids{3, 9, 40}));
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, AFlagThatAnotherClientChangesMeanwhileSkipsNoPage) {
  for (const bool uid_only : {false, true}) {
    const auto told = [uid_only](int place, int uid, const std::string& flags = "") {
      return uid_only
                 ? "* UIDFETCH " + std::to_string(uid) + " (FLAGS (" + flags + "))\r\n"
                 : "* " + std::to_string(place) + " FETCH (UID " + std::to_string(uid) + " FLAGS (" + flags + "))\r\n";
    };
    const auto asked = [](const char* set) { return "UID FETCH " + std::string(set) + " (UID FLAGS) (PARTIAL 1:2)"; };
    examined(5, uid_only ? "ENABLE UIDONLY PARTIAL MESSAGELIMIT=2" : "PARTIAL MESSAGELIMIT=2");
    server.expect(asked("1:100")).reply(told(5, 77, "\\Seen") + told(1, 3) + told(2, 9) + "$ OK done\r\n");
    server.expect(asked("10:100")).reply(told(3, 40) + told(4, 50) + "$ OK done\r\n");
    server.expect(asked("51:100")).reply(told(5, 77, "\\Seen") + "$ OK done\r\n");
    server.expect(asked("78:100")).reply("$ OK done\r\n");
    examine();
    EXPECT_EQ(flags({1, 100}), (Uids{77, 3, 9, 40, 50, 77}));
    EXPECT_TRUE(server.played());
  }
}

TEST_F(MessageLimitTest, ChangedFlagsGoOnBelowTheUidThatTheServerCameTo) {
  server.login("CONDSTORE PARTIAL MESSAGELIMIT=2").expect("EXAMINE INBOX (CONDSTORE)");
  server.reply("* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 50] x\r\n$ OK [READ-ONLY] x\r\n");
  server.expect("UID FETCH 1:4294967295 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)");
  server.reply("* 9 FETCH (UID 40 FLAGS () MODSEQ (45))\r\n$ OK [MESSAGELIMIT 2 38] partial\r\n");
  server.expect("UID FETCH 1:37 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)").reply("$ OK [MESSAGELIMIT 2 30] partial\r\n");
  server.expect("UID FETCH 1:29 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)");
  server.reply("* 1 FETCH (UID 3 FLAGS () MODSEQ (46))\r\n$ OK done\r\n");
  examine();
  EXPECT_EQ(flags({1, 0xffffffff}, ModSeq(44)), (Uids{40, 3}));
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, ChangesThatExamineCutShortAreNotBelieved) {
  server.login("ENABLE QRESYNC UIDONLY MESSAGELIMIT=2").expect("ENABLE QRESYNC UIDONLY");
  server.reply("* ENABLED QRESYNC UIDONLY\r\n$ OK done\r\n").expect("EXAMINE INBOX (QRESYNC (7 44 1:4294967295))");
  server.reply(
      "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 50] x\r\n* VANISHED (EARLIER) 3\r\n"
      "* UIDFETCH 9 (FLAGS () MODSEQ (49))\r\n$ OK [MESSAGELIMIT 2 9] partial\r\n");
  log_in();
  source = std::make_unique<ImapSource>(std::move(client));
  SourceCursor cursor;
  cursor.uidvalidity = UidValidity(7);
  cursor.highestmodseq = ModSeq(44);
  const auto opened = loop.run(source->open(MailboxName::from_wire("INBOX", '/'), cursor, UidSet::range(1, 3), Wait{}));
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  EXPECT_FALSE(opened->changes.has_value()) << "the mailbox is enumerated instead";
}

TEST_F(MessageLimitTest, BodiesAreAskedForWithinTheLimit) {
  examined(5, "ENABLE UIDONLY MESSAGELIMIT=2");
  for (const char* set : {"1:2", "3:4", "5"}) {
    server.expect("UID FETCH " + std::string(set) + " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
  }
  std::string all;
  for (int uid = 1; uid <= 5; ++uid) {
    all += "* UIDFETCH " + std::to_string(uid) +
           " (FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 1 " + "BODY[] {1}\r\nx)\r\n" +
           (uid % 2 == 0 || uid == 5 ? "$ OK done\r\n" : "");
  }
  server.reply(all);
  examine();
  const auto outcome = loop.run(source->fetch(UidSet::range(1, 5), sink, Wait{}));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(sink.uids(), (Uids{1, 2, 3, 4, 5}));
  EXPECT_TRUE(server.played());
}

std::string body(int uid) {
  return "* 1 FETCH (UID " + std::to_string(uid) +
         " FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 1 " + "BODY[] {1}\r\nx)\r\n";
}

TEST_F(MessageLimitTest, AFetchCutShortHasItsRestAskedForAgain) {
  examined(5, "");
  server.expect("UID FETCH 1:5 *").reply(body(5) + body(4) + "$ OK [MESSAGELIMIT 2 4] partial\r\n");
  server.expect("UID FETCH 1:3 *").reply(body(2) + "$ OK [MESSAGELIMIT 2 2] partial\r\n");
  server.expect("UID FETCH 1 *").reply(body(1) + "$ OK done\r\n");
  examine();
  const auto outcome = loop.run(source->fetch(UidSet::range(1, 5), sink, Wait{}));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(sink.uids(), (Uids{1, 2, 4, 5})) << "3 was dealt with and did not come: that is a silence";
  EXPECT_TRUE(outcome->refused.empty());
  EXPECT_TRUE(server.played());
}

TEST_F(MessageLimitTest, AFetchThatComesToNothingIsNotAskedForWithoutEnd) {
  examined(5, "");
  server.expect("UID FETCH 1:5 *").reply("$ OK [MESSAGELIMIT 2 9] partial\r\n");
  examine();
  const auto outcome = loop.run(source->fetch(UidSet::range(1, 5), sink, Wait{}));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_TRUE(sink.uids().empty());
  EXPECT_TRUE(server.played());
}

}  // namespace
}  // namespace postern::daemon
