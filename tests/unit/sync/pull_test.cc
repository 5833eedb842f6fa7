#include "tests/unit/sync/pull_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

TEST_F(PullTest, NewMailArrivesAndANextPassHasNothingToDo) {
  source.append("INBOX", mail("one"), {"\\Seen"});
  source.append("INBOX", mail("two"));
  source.create("Work/Plans");
  source.append("Work/Plans", mail("three"), {"$Work"});

  const auto report = sync();

  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.mailboxes, 2u);
  EXPECT_EQ(report.source.messages_fetched, 3u);
  ASSERT_TRUE(report.snapshot);
  EXPECT_EQ(report.target, std::nullopt);
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, IdenticalBodiesAreCountedAsReused) {
  source.append("INBOX", mail("same"));
  source.append("INBOX", mail("same"));
  EXPECT_EQ(sync().source.bodies_reused, 1u);
  EXPECT_EQ(vault.objects.size(), 1u);
}

TEST_F(PullTest, EverythingWantedIsAskedForInOneGo) {
  for (int i = 0; i < 2'500; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  EXPECT_EQ(sync().source.messages_fetched, 2'500u);
  EXPECT_EQ(faults.calls_of("source.fetch"), 1) << "between two the line would idle for a round trip";
  expect_in_step();
}

TEST_F(PullTest, AUidThatComesBackForAnotherMessageIsReportedAndBothStayInTheHistory) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  sync();
  ModelMailbox& inbox = source.box("INBOX");
  const ModelMessage first = inbox.messages.at(Uid(1));
  inbox.expunge(Uid(1));
  sync();
  for (const bool same : {true, false}) {
    inbox.messages[Uid(1)] = same ? first : ModelMessage{mail("another"), {}, first.date, {}};
    inbox.messages[Uid(1)].modseq = inbox.highestmodseq = ModSeq(inbox.highestmodseq.value() + 1);
    inbox.expunged.clear();
    const auto report = sync();
    EXPECT_EQ(report.source.messages_fetched, 1u);
    expect_in_step();
    if (same) {
      EXPECT_EQ(report.state, PassReport::State::ok);
      inbox.expunge(Uid(1));
      sync();
      continue;
    }
    EXPECT_EQ(report.state, PassReport::State::attention);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().to_string(), HasSubstr("UID reuse): 1"));
    EXPECT_TRUE(vault.objects.contains(digest_of(first.octets)));
  }
  expect_quiet();
}

TEST_F(PullTest, M061ABodySentTwiceIsKeptOnceAndReported) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  source.quirks.sent_twice = UidSet{2};
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(),
              HasSubstr("INBOX: the server sent a body for the same UID twice: 2"));
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, WhereNoSessionEverStoodThePassEndsWithinSeconds) {
  source.append("INBOX", mail("one"));
  faults.choose([](std::string_view call) { return call == "source.connect" ? Fault::cut_before : Fault::none; });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(faults.calls_of("source.connect"), 3);
  EXPECT_LE(report.took, std::chrono::seconds(3));
}

TEST_F(PullTest, AfterASessionStoodTheServerMayBeAwayForLonger) {
  source.append("INBOX", mail("one"));
  faults.choose([this](std::string_view call) {
    if (call == "source.list" && faults.calls_of("source.list") == 1) return Fault::cut_before;
    const bool away = call == "source.connect" && faults.calls_of("source.connect") > 1;
    return away && faults.calls_of("source.connect") <= 5 ? Fault::cut_before : Fault::none;
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("source.connect"), 6);
  expect_in_step();
}

TEST_F(PullTest, AServerThatIsAwayFailsThePassAfterTheAgreedTries) {
  options.reconnects = 3;
  faults.choose([](std::string_view call) { return call == "source.list" ? Fault::cut_before : Fault::none; });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(faults.calls_of("source.connect"), 4);
  ASSERT_TRUE(report.error);
  EXPECT_THAT(report.error->to_string(), HasSubstr("alice"));
}

TEST_F(PullTest, AMailboxNoLongerListedKeepsItsEntries) {
  source.create("Old");
  source.append("Old", mail("one"));
  sync();
  source.remove("Old");
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 0u);
  EXPECT_FALSE(vault.mailbox("Old")->present);
  EXPECT_EQ(held("Old"), 1u);
  expect_quiet();
}

TEST_F(PullTest, AnEmptyListSaysNothing) {
  source.append("INBOX", mail("one"));
  sync();
  source.quirks.list_empty = true;
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_TRUE(vault.mailbox("INBOX")->present);
}

TEST_F(PullTest, ANewUidValidityIsANewGenerationAndDeletesNothing) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  sync();
  source.renumber("INBOX");
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 0u);
  EXPECT_EQ(report.source.bodies_reused, 2u);
  EXPECT_EQ(vault.entries.size(), 4u) << "the old generation's entries stay";
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, AMailboxWhoseUidValidityWentBackIsHeld) {
  source.append("INBOX", mail("one"));
  sync();
  source.box("INBOX").uidvalidity = UidValidity(3);
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("UIDVALIDITY went back"));
  EXPECT_EQ(held("INBOX"), 1u);
}

TEST_F(PullTest, AMailboxThatChangesUidValidityAThirdTimeInADayIsHeldUntilItMayAgain) {
  source.append("INBOX", mail("one"));
  sync();
  for (int change = 1; change <= 2; ++change) {
    loop.jump_wall(std::chrono::hours(1));
    source.renumber("INBOX");
    EXPECT_EQ(sync().state, PassReport::State::ok) << change;
  }
  loop.jump_wall(std::chrono::hours(1));
  source.renumber("INBOX");
  source.create("Work");
  source.append("Work", mail("two"));
  const std::uint64_t entries = vault.entries.size();

  const auto report = sync();

  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("alice: INBOX: UIDVALIDITY changed a third time"));
  EXPECT_THAT(report.problems.front().remedy(), HasSubstr("looked at again after 2026-01-02T01:00:"));
  EXPECT_EQ(held("INBOX"), 1u) << "what was there stays";
  EXPECT_EQ(vault.entries.size(), entries + 1) << "other mailboxes go on";

  loop.jump_wall(std::chrono::hours(22) + std::chrono::minutes(5));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, AMailboxWhoseUidNextWentBackIsComparedAndThatIsSaidOnce) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").expunge(Uid(4));
  source.box("INBOX").uidnext = 4;
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(held("INBOX"), 3u);
  EXPECT_TRUE(vault.objects.contains(digest_of(mail("m3")))) << "what the server forgot stays in the vault";
  EXPECT_EQ(sync().state, PassReport::State::ok);
  source.append("INBOX", mail("under the UID of the forgotten one"));
  sync();
  EXPECT_EQ(held("INBOX"), 4u);
  EXPECT_TRUE(vault.objects.contains(digest_of(mail("under the UID of the forgotten one"))));
}

TEST_F(PullTest, ReadingPausesWhileTheVaultIsBehind) {
  options.octets_in_flight = 64'000;
  for (int i = 0; i < 200; ++i) source.append("INBOX", mail("m" + std::to_string(i), std::string(10'000, 'x')));
  sync();
  EXPECT_LT(most_in_flight, 64'000u + 10'100u);
  expect_in_step();
}

TEST_F(PullTest, SeveralCommitsAreUnderWay) {
  commit_turns = 2'000;
  for (int i = 0; i < 3'000; ++i) source.append("INBOX", mail("m" + std::to_string(i), std::string(3'000, 'x')));
  sync();
  EXPECT_GE(most_commits, 4);
  expect_in_step();
}

TEST_F(PullTest, OnlyWantedMailboxesAreOpened) {
  source.create("Spam");
  source.append("Spam", mail("x"));
  source.append("INBOX", mail("one"));
  options.selects = [](const MailboxName& name) { return name.display() != "Spam"; };
  EXPECT_EQ(sync().source.mailboxes, 1u);
  EXPECT_EQ(held("Spam"), 0u);
}

TEST_F(PullTest, AVaultThatCannotBeWrittenEndsThePass) {
  source.append("INBOX", mail("one"));
  store_fails = true;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(report.error->kind(), ErrorKind::store);
  EXPECT_EQ(faults.calls_of("source.connect"), 1) << "no new connection";
}

TEST_F(PullTest, AStopEndsTheWaitForANewConnection) {
  faults.choose([](std::string_view) { return Fault::cut_before; });
  options.backoff_base = std::chrono::hours(10);
  options.backoff_cap = std::chrono::hours(10);
  StopSource stop;
  loop.call_at(loop.now() + std::chrono::milliseconds(1), [&] { stop.request_stop(); });
  const auto report = sync(Wait{MonotonicTime::max(), stop.token()});
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->kind(), ErrorKind::cancelled);
}

}  // namespace
}  // namespace postern::testing
