#include "tests/unit/daemon/wiring/imap_source_fixture.h"

namespace postern::daemon {
namespace {

using Uids = std::vector<std::uint32_t>;

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
