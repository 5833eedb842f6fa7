// Messages that do not come, are refused, or break the connection.

#include "tests/unit/sync/pull_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

TEST_F(PullTest, AMessageLeftOutOfAReplyIsAskedForAlone) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.left_out_once = {2, 3};
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, AMessageThatNeverComesIsQuarantinedAndAskedForLater) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.ghosts = {2};
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 3u);

  restart_counts();
  sync();
  EXPECT_EQ(faults.calls_of("source.fetch"), 0) << "not due yet";
  EXPECT_EQ(vault.writes, 0u);

  source.quirks.ghosts = {};
  loop.advance(std::chrono::minutes(61));
  EXPECT_EQ(sync().quarantined, 0u);
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, AQuarantinedMessageIsOnlyForgottenWhenItIsDurable) {
  for (const Fault fault : {Fault::killed_before, Fault::killed_after}) {
    source.append("INBOX", mail("one"));
    const Uid uid = source.append("INBOX", mail("late"));
    source.quirks.ghosts = UidSet{uid.value()};
    EXPECT_EQ(sync().quarantined, 1u);
    source.quirks.ghosts = {};
    loop.advance(std::chrono::minutes(61));
    faults.at("vault.commit", 1, fault);
    EXPECT_FALSE(sync_or_die());
    faults.clear();
    EXPECT_EQ(sync().quarantined, 0u);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(PullTest, AQuarantinedMessageThatIsGoneLeavesTheQuarantine) {
  for (int i = 0; i < 3; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.ghosts = {2};
  sync();
  source.box("INBOX").expunge(Uid(2));
  EXPECT_EQ(sync().quarantined, 0u);
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, ARefusedFetchIsBisectedToTheGuiltyMessage) {
  for (int i = 0; i < 20; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.refused = {13};
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 19u);
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("UID 13"));
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("Internal error"));
}

TEST_F(PullTest, ACutInAMessageFetchesNothingTwice) {
  for (int i = 0; i < 30; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  faults.at("source.body", 20, Fault::cut_before);
  const auto report = sync();  // the model vault ends the test when a held message is fetched again
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.messages_fetched, 30u);
  expect_in_step();
}

TEST_F(PullTest, OneMailboxThatCannotBeOpenedWithoutACutDoesNotFailTheOthers) {
  source.quirks.no_status = true;  // pulled by itself
  source.append("INBOX", mail("one"));
  source.create("Bad");
  source.append("Bad", mail("poison"));
  source.create("Good");
  source.append("Good", mail("two"));
  source.append("Good", mail("three"));
  faults.choose([opened = 0](std::string_view call) mutable {
    if (call != "source.open") return Fault::none;
    ++opened;  // 1: INBOX; 2, 3, 4: Good, each time
    return opened >= 2 && opened <= 4 ? Fault::cut_before : Fault::none;
  });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("connection reset"));
  EXPECT_EQ(held("Good") + held("Bad"), held("Good") == 0 ? 1u : 2u);
  EXPECT_EQ(held("INBOX"), 1u);
  faults.clear();
  sync();
  expect_in_step();
}

TEST_F(PullTest, TheMessageThatCutsTheConnectionIsFoundAndTheRestArrives) {
  for (int i = 0; i < 3'000; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.cuts = {1'234};
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 2'999u);
  EXPECT_EQ(report.source.messages_fetched, 2'999u);
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("UID 1234"));
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("the connection breaks whenever"));
  EXPECT_LE(faults.calls_of("source.connect"), 4) << "a server that answers in order shows it at once";
}

TEST_F(PullTest, TheMessageThatCutsIsFoundInAFewConnectionsWhereverTheCutComes) {
  for (int i = 0; i < 3'000; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.cuts_at_once = {2'999};
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 2'999u);
  EXPECT_LE(faults.calls_of("source.connect"), 16);
}

TEST_F(PullTest, ASmallMailboxWithAMessageThatCutsIsTakenOffTheTour) {
  for (const char* name : {"A", "B", "C", "D"}) {
    source.create(name);
    for (int i = 0; i < 5; ++i) source.append(name, mail(std::string(name) + std::to_string(i)));
  }
  source.quirks.cuts = {4};
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 4u);
  for (const char* name : {"A", "B", "C", "D"}) EXPECT_EQ(held(name), 4u) << name;
}

TEST_F(PullTest, OneCutAccusesNobody) {
  for (int i = 0; i < 50; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.no_status = true;
  faults.at("source.body", 20, Fault::cut_before);
  EXPECT_EQ(sync().quarantined, 0u);
  expect_in_step();
}

TEST_F(PullTest, ANewMessageThatCutsOfTheLineMeetAloneIsAskedForLater) {
  source.append("INBOX", mail("one"));
  sync();
  source.append("INBOX", mail("two"));
  source.append("INBOX", mail("three"));  // comes: the line is not to blame
  int cuts = 0;                           // on the tour, beside the other, and twice alone
  faults.choose(
      [&](std::string_view call) { return call == "source.body" && ++cuts <= 4 ? Fault::cut_before : Fault::none; });
  EXPECT_EQ(sync().quarantined, 1u);
  faults.clear();
  EXPECT_EQ(held("INBOX"), 2u);
  EXPECT_EQ(vault.mailbox("INBOX")->cursor->uidnext, 4u) << "the record in quarantine stands for it";

  loop.advance(std::chrono::minutes(61));
  EXPECT_EQ(sync().quarantined, 0u) << "nothing else has changed at the source";
  expect_in_step();
  expect_quiet();
}

TEST_F(PullTest, AMailboxThatCutsAtEveryMessageIsLeft) {
  for (std::uint32_t i = 1; i <= 100; ++i) {
    source.append("INBOX", mail("m" + std::to_string(i)));
    source.quirks.cuts.add(Uid(i));
  }
  source.create("Good");
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 0u) << "nothing tells the messages from the line";
  EXPECT_FALSE(report.problems.empty());
}

}  // namespace
}  // namespace postern::testing
