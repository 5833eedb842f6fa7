// Source::tour() by bytes.

#include <deque>

#include "daemon/wiring/imap_source.h"
#include "tests/unit/client/fixture.h"
#include "tests/unit/daemon/wiring/recording_sink.h"

namespace postern::daemon {
namespace {

using Uids = std::vector<std::uint32_t>;

/// Leads to the mailboxes it was told of, and keeps what was found in each.
class RecordingGuide final : public sync::TourGuide {
 public:
  struct Visit {
    RecordingSink sink;
    sync::TourFindings findings;
  };

  void lead_to(sync::TourStop stop) { stops.push_back(std::move(stop)); }
  std::optional<sync::TourStop> next() override {
    if (stops.empty()) return std::nullopt;
    sync::TourStop stop = std::move(stops.front());
    stops.pop_front();
    return stop;
  }
  void visited(sync::TourFindings findings) override {
    EXPECT_FALSE(here.sink.open());
    here.findings = std::move(findings);
    visits.push_back(std::exchange(here, Visit()));
  }
  void begin(std::uint64_t size) override { here.sink.begin(size); }
  void body(ByteView octets) override { here.sink.body(octets); }
  void end(const sync::ArrivedMessage& message) override { here.sink.end(message); }
  void abandon() override { here.sink.abandon(); }
  Task<Result<void>> ready(Wait) override { co_return Result<void>(); }

  std::deque<sync::TourStop> stops;
  std::vector<Visit> visits;
  Visit here;
};

class MailboxTourTest : public client::ClientTest {
 protected:
  void log_in() {
    ClientTest::log_in();
    source = std::make_unique<ImapSource>(std::move(client));
  }
  static sync::TourStop stop(std::string_view name, UidSet bodies) {
    sync::TourStop stop;
    stop.name = MailboxName::from_wire(name, '/');
    stop.uidvalidity = UidValidity(7);
    stop.expected = bodies.size();
    stop.bodies = std::move(bodies);
    return stop;
  }
  auto tour() { return loop.run(source->tour(guide, Wait{})); }
  static std::string opened(int exists, int uidvalidity = 7) {
    return "* " + std::to_string(exists) + " EXISTS\r\n* OK [UIDVALIDITY " + std::to_string(uidvalidity) +
           "] x\r\n* OK [UIDNEXT 100] x\r\n$ OK [READ-ONLY] x\r\n";
  }
  static std::string item(int seq, int uid, const std::string& body) {
    return "* " + std::to_string(seq) + " FETCH (UID " + std::to_string(uid) +
           " FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE " + std::to_string(body.size()) +
           " BODY[] {" + std::to_string(body.size()) + "}\r\n" + body + ")\r\n";
  }
  std::unique_ptr<ImapSource> source;
  RecordingGuide guide;
};

TEST_F(MailboxTourTest, TheCommandsOfAllAreWrittenBeforeTheFirstAnswers) {
  server.login().expect("EXAMINE One").expect("UID FETCH 1:2 *").expect("EXAMINE Two").expect("UID FETCH 5 *");
  server.expect("EXAMINE Empty");
  server.reply(opened(2)).reply(item(1, 1, "one") + item(2, 2, "two") + "$ OK\r\n");
  server.reply(opened(1)).reply(item(1, 5, "five") + "$ OK\r\n").reply(opened(0));
  log_in();
  guide.lead_to(stop("One", {1, 2}));
  guide.lead_to(stop("Two", {5}));
  guide.lead_to(stop("Empty", {}));
  const auto toured = tour();
  ASSERT_TRUE(toured.has_value()) << toured.error().to_string();
  ASSERT_EQ(guide.visits.size(), 3U);
  EXPECT_EQ(guide.visits[0].sink.uids(), (Uids{1, 2}));
  EXPECT_EQ(guide.visits[0].sink.messages[2].octets, "two");
  EXPECT_EQ(guide.visits[1].sink.uids(), (Uids{5}));
  for (const auto& visit : guide.visits) EXPECT_TRUE(visit.findings.complete);
  EXPECT_EQ(guide.visits[0].findings.opened->status.messages, 2U);
  EXPECT_EQ(guide.visits[1].findings.opened->status.messages, 1U);
  EXPECT_EQ(guide.visits[2].findings.opened->status.messages, 0U);
  EXPECT_TRUE(server.played());
}

TEST_F(MailboxTourTest, ChangesFlagsAndTheListComeToTheirMailbox) {
  server.login("CONDSTORE ESEARCH");
  server.expect("EXAMINE One (CONDSTORE)").expect("UID SEARCH RETURN (ALL) ALL");
  server.expect("UID FETCH 1:4 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)");
  server.expect("UID FETCH 5:6 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ BODY.PEEK[])").expect("EXAMINE Two *");
  server.reply("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n$ OK x\r\n");
  server.reply("* ESEARCH UID ALL 2,4:5\r\n$ OK\r\n");
  server.reply("* 1 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (50))\r\n$ OK\r\n").reply(item(3, 5, "five") + "$ OK\r\n");
  server.reply("* 1 FETCH (UID 2 FLAGS (\\Deleted))\r\n").reply(opened(1));
  log_in();
  auto one = stop("One", {5, 6});
  one.list = true;
  one.flags = {1, 2, 3, 4};
  one.since = ModSeq(44);
  guide.lead_to(std::move(one));
  guide.lead_to(stop("Two", {}));
  ASSERT_TRUE(tour().has_value());
  const auto& found = guide.visits[0].findings;
  EXPECT_EQ(found.listed->to_string(), "2,4:5");
  ASSERT_EQ(found.flags.size(), 1U);
  EXPECT_EQ(found.flags[0].flags, (FlagSet{"\\Flagged"}));
  EXPECT_EQ(found.opened->status.highestmodseq, ModSeq(60));
  EXPECT_EQ(guide.visits[0].sink.uids(), (Uids{5}));
  EXPECT_TRUE(guide.visits[1].findings.flags.empty()) << "told of the mailbox before";
}

TEST_F(MailboxTourTest, WithQresyncEachExamineTellsItsOwnChanges) {
  server.login("ENABLE CONDSTORE QRESYNC").expect("ENABLE QRESYNC").reply("* ENABLED QRESYNC\r\n$ OK\r\n");
  server.expect("EXAMINE One (QRESYNC (7 44 1:4294967295))").expect("UID FETCH 4 *");
  server.expect("EXAMINE Two (QRESYNC (7 44 1:4294967295))").expect("UID FETCH 4 *");
  server.reply(
      "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 60] x\r\n* VANISHED (EARLIER) 2\r\n"
      "* 3 FETCH (UID 4 FLAGS () MODSEQ (60))\r\n$ OK x\r\n");
  server.reply(item(3, 4, "four") + "$ OK\r\n");
  server.reply(
      "* 2 FETCH (UID 3 FLAGS (\\Deleted) MODSEQ (61))\r\n* VANISHED 1\r\n* OK [CLOSED] x\r\n"
      "* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 50] x\r\n"
      "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (50))\r\n$ OK x\r\n");
  server.reply(item(4, 4, "vier") + "$ OK\r\n");
  log_in();
  for (const char* name : {"One", "Two"}) {
    auto one = stop(name, {4});
    one.resume.emplace();
    one.resume->uidvalidity = UidValidity(7);
    one.resume->highestmodseq = ModSeq(44);
    one.known = {1, 2, 3};
    guide.lead_to(std::move(one));
  }
  const auto toured = tour();
  ASSERT_TRUE(toured.has_value()) << toured.error().to_string();
  const auto& first = guide.visits[0].findings.opened;
  const auto& second = guide.visits[1].findings.opened;
  EXPECT_EQ(first->changes->vanished.to_string(), "2");
  ASSERT_EQ(first->changes->changed.size(), 1U);
  EXPECT_EQ(first->changes->changed[0].uid, Uid(4));
  EXPECT_TRUE(second->changes->vanished.empty());
  ASSERT_EQ(second->changes->changed.size(), 1U);
  EXPECT_EQ(second->changes->changed[0].uid, Uid(1));
  EXPECT_EQ(second->status.messages, 4U);
  EXPECT_EQ(guide.visits[0].sink.messages[4].octets, "four");
  EXPECT_EQ(guide.visits[1].sink.messages[4].octets, "vier");
}

TEST_F(MailboxTourTest, ARefusedMailboxNeitherEndsTheTourNorCostsAnExtension) {
  server.login("CONDSTORE").expect("EXAMINE Gone *").expect("UID FETCH 1 *").expect("EXAMINE Two *");
  server.expect("UID FETCH 1 *");
  server.reply("$ NO [NONEXISTENT] Mailbox doesn't exist\r\n$ BAD No mailbox selected\r\n");
  server.reply(opened(1)).reply(item(1, 1, "one") + "$ OK\r\n");
  log_in();
  guide.lead_to(stop("Gone", {1}));
  guide.lead_to(stop("Two", {1}));
  ASSERT_TRUE(tour().has_value());
  EXPECT_FALSE(guide.visits[0].findings.complete);
  EXPECT_FALSE(guide.visits[0].findings.opened.has_value());
  EXPECT_TRUE(guide.visits[1].findings.complete);
  EXPECT_EQ(guide.visits[1].sink.uids(), (Uids{1}));
  EXPECT_TRUE(source->features().condstore);
}

TEST_F(MailboxTourTest, BodiesUnderAnotherUidValidityAreNotHandedOn) {
  server.login().expect("EXAMINE One").expect("UID FETCH 1 *").reply(opened(1, 8));
  server.reply(item(1, 1, "another") + "$ OK\r\n");
  log_in();
  guide.lead_to(stop("One", {1}));
  ASSERT_TRUE(tour().has_value());
  EXPECT_TRUE(guide.visits[0].sink.messages.empty());
  EXPECT_EQ(guide.visits[0].findings.opened->status.uidvalidity, UidValidity(8));
}

TEST_F(MailboxTourTest, ARefusedFetchLeavesTheMailboxIncomplete) {
  server.login().expect("EXAMINE One").expect("UID FETCH 1:2 *").expect("EXAMINE Two");
  server.reply(opened(2)).reply(item(1, 1, "one") + "$ NO [SERVERBUG] cannot read it\r\n").reply(opened(0));
  log_in();
  guide.lead_to(stop("One", {1, 2}));
  guide.lead_to(stop("Two", {}));
  ASSERT_TRUE(tour().has_value());
  EXPECT_FALSE(guide.visits[0].findings.complete);
  EXPECT_EQ(guide.visits[0].sink.uids(), (Uids{1}));
  EXPECT_TRUE(guide.visits[1].findings.complete);
}

TEST_F(MailboxTourTest, ThrottlingEndsTheTour) {
  server.login().expect("EXAMINE One").expect("EXAMINE Two").reply("$ NO [THROTTLED] slow down\r\n");
  server.reply(opened(0));
  log_in();
  guide.lead_to(stop("One", {}));
  guide.lead_to(stop("Two", {}));
  const auto toured = tour();
  ASSERT_FALSE(toured.has_value());
  EXPECT_EQ(toured.error().kind(), ErrorKind::throttle);
}

TEST_F(MailboxTourTest, NoMoreIsAskedForThanALongLineNeeds) {
  server.login();
  for (int i = 0; i < 4; ++i) server.expect("EXAMINE B" + std::to_string(i)).expect("UID FETCH 1:1000 *");
  server.reply(opened(0) + "$ OK\r\n").expect("EXAMINE B4").expect("UID FETCH 1:1000 *");
  for (int i = 1; i < 5; ++i) server.reply(opened(0) + "$ OK\r\n");
  log_in();
  for (int i = 0; i < 5; ++i) guide.lead_to(stop("B" + std::to_string(i), UidSet::range(1, 1'000)));
  const auto toured = tour();
  ASSERT_TRUE(toured.has_value()) << toured.error().to_string();
  EXPECT_EQ(guide.visits.size(), 5U);
  EXPECT_TRUE(server.played());
}

TEST_F(MailboxTourTest, CutAtEveryOffsetNothingHalfIsEverComplete) {
  const std::string one = opened(2) + item(1, 1, "one");
  const std::string both = one + item(2, 2, "two");
  const std::string first = both + "$ OK\r\n";
  const std::string second = opened(1) + item(1, 5, "five");
  for (std::size_t cut = 0; cut < first.size() + second.size(); ++cut) {
    testing::ImapScript script(loop);
    script.login().expect("EXAMINE One").expect("UID FETCH 1:2 *").expect("EXAMINE Two").expect("UID FETCH 5 *");
    script.reply((first + second).substr(0, cut)).cut();
    dialer.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    log_in();
    guide = RecordingGuide();
    guide.lead_to(stop("One", {1, 2}));
    guide.lead_to(stop("Two", {5}));
    const auto toured = tour();
    ASSERT_FALSE(toured.has_value()) << cut;
    EXPECT_EQ(toured.error().kind(), ErrorKind::transient) << cut << toured.error().to_string();
    EXPECT_EQ(guide.visits.size(), cut >= first.size() ? 1U : 0U) << cut;
    const RecordingSink& sink = guide.visits.empty() ? guide.here.sink : guide.visits[0].sink;
    EXPECT_EQ(sink.messages.size(), cut >= both.size() ? 2U : cut >= one.size() ? 1U : 0U) << cut;
    EXPECT_FALSE(guide.here.sink.open()) << cut;
    source.reset();
    loop.run_ready();
  }
}

}  // namespace
}  // namespace postern::daemon
