#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

class PullTest : public PassTest {
 protected:
  PullTest() { with_target = false; }
  std::size_t held(std::string_view name) const { return vault.present(name).size(); }
};

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

struct Rungs {
  const char* name;
  bool condstore, qresync;
};

class EveryRung : public PullTest, public ::testing::WithParamInterface<Rungs> {
 protected:
  EveryRung() {
    source.quirks.condstore = GetParam().condstore;
    source.quirks.qresync = GetParam().qresync;
    options.flag_sweep = std::chrono::seconds(0);
  }
};

TEST_P(EveryRung, ArrivalsDeletionsAndFlagsAreFollowed) {
  for (int i = 0; i < 9; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").expunge(Uid(3));
  source.box("INBOX").expunge(Uid(9));
  source.box("INBOX").store(Uid(5), {"\\Flagged"});
  source.append("INBOX", mail("late"), {"\\Draft"});
  source.append("INBOX", mail("later"));

  const auto report = sync();

  EXPECT_EQ(report.source.messages_fetched, 2u);
  EXPECT_EQ(report.source.vanished, 2u);
  EXPECT_EQ(report.source.flag_changes, 1u);
  expect_in_step();
}

TEST_P(EveryRung, AFlagAloneIsFollowed) {
  source.append("INBOX", mail("one"));
  sync();
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  EXPECT_EQ(sync().source.flag_changes, 1u);
  expect_in_step();
}

TEST_P(EveryRung, AnExchangeOfOneMessageForAnotherIsSeen) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  sync();
  source.box("INBOX").expunge(Uid(1));
  source.append("INBOX", mail("three"));
  sync();
  expect_in_step();
}

INSTANTIATE_TEST_SUITE_P(Servers, EveryRung,
                         ::testing::Values(Rungs{"Qresync", true, true}, Rungs{"Condstore", true, false},
                                           Rungs{"Plain", false, false}),
                         [](const auto& info) { return info.param.name; });

TEST_F(PullTest, WithoutModSequencesFlagsAreSweptAtIntervals) {
  source.quirks.condstore = source.quirks.qresync = false;
  options.flag_sweep = std::chrono::hours(1);
  source.append("INBOX", mail("one"));
  sync();
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  loop.advance(std::chrono::minutes(59));
  EXPECT_EQ(sync().source.flag_changes, 0u);
  loop.advance(std::chrono::minutes(2));
  EXPECT_EQ(sync().source.flag_changes, 1u);
}

TEST_F(PullTest, ASweepOfAMailboxFullOfGapsReadsTheVaultInPages) {
  source.quirks.condstore = source.quirks.qresync = false;
  options.flag_sweep = std::chrono::hours(1);
  for (int i = 0; i < 600; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  for (std::uint32_t uid = 2; uid <= 600; uid += 2) source.box("INBOX").expunge(Uid(uid));
  sync();
  source.box("INBOX").store(Uid(599), {"\\Seen"});
  loop.advance(std::chrono::hours(2));
  vault.entry_reads = 0;
  EXPECT_EQ(sync().source.flag_changes, 1u);
  EXPECT_LE(vault.entry_reads, 10u) << "not one for each of 300 runs of UIDs";
  expect_in_step();
}

TEST_F(PullTest, WithoutModSequencesNewMailIsFoundFromUidnextOnAndFlagsWaitForTheSweep) {
  source.quirks.condstore = source.quirks.qresync = false;
  options.flag_sweep = std::chrono::hours(1);
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  source.append("INBOX", mail("new"));
  faults.forget_counts();
  const auto report = sync();
  EXPECT_EQ(report.source.messages_fetched, 1u);
  EXPECT_EQ(report.source.flag_changes, 0u);
  EXPECT_EQ(report.source.rungs[sync::Rung::uidnext], 1u);
  EXPECT_EQ(faults.calls_of("source.uids"), 0);
  loop.advance(std::chrono::hours(1));
  EXPECT_EQ(sync().source.flag_changes, 1u);
  expect_in_step();
}

TEST_F(PullTest, WithoutModSequencesAnExchangeThatTheCountsHideIsSeenByUidnext) {
  source.quirks.condstore = source.quirks.qresync = false;
  options.flag_sweep = std::chrono::hours(1);
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").expunge(Uid(2));
  source.append("INBOX", mail("new"));
  const auto report = sync();
  EXPECT_EQ(report.source.rungs[sync::Rung::enumerate], 1u);
  EXPECT_EQ(report.source.vanished, 1u);
  EXPECT_EQ(report.source.messages_fetched, 1u);
  expect_in_step();
}

TEST_F(PullTest, CondstoreAloneFindsNewMailWithoutAnEnumeration) {
  source.quirks.qresync = false;
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.append("INBOX", mail("new"));
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  faults.forget_counts();
  const auto report = sync();
  EXPECT_EQ(report.source.rungs[sync::Rung::condstore], 1u);
  EXPECT_EQ(report.source.flag_changes, 1u);
  EXPECT_EQ(report.source.messages_fetched, 1u);
  EXPECT_EQ(faults.calls_of("source.uids"), 0);
  expect_in_step();
}

TEST_F(PullTest, ALowerHighestModSeqMeansThatEveryFlagIsCompared) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  sync();
  source.box("INBOX").messages.at(Uid(1)).flags = {"\\Seen"};  // changed, with its trace lost
  source.box("INBOX").highestmodseq = ModSeq(1);
  EXPECT_EQ(sync().source.flag_changes, 1u);
  expect_in_step();
}

TEST_F(PullTest, ATruncatedEnumerationDeletesNothing) {
  source.quirks.condstore = source.quirks.qresync = false;
  source.quirks.no_status = true;  // pulled by itself
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").expunge(Uid(2));
  source.append("INBOX", mail("new"));
  source.quirks.uids_cut = 3;
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 0u);
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(held("INBOX"), 5u);
  source.quirks.uids_cut = 0;
  sync();
  expect_in_step();
}

TEST_F(PullTest, AMailboxMadeAnewWhileItIsEnumeratedIsNotMixedWithTheOldOne) {
  source.quirks.condstore = source.quirks.qresync = false;
  source.quirks.no_status = true;  // pulled by itself
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("old" + std::to_string(i)));
  const UidValidity old = source.box("INBOX").uidvalidity;
  source.quirks.uids_cut = 1;
  int opened = 0;
  faults.choose([&](std::string_view call) {
    if (call == "source.open" && ++opened == 2) {
      source.box("INBOX").uidvalidity = UidValidity(old.value() + 1);
      for (auto& [uid, message] : source.box("INBOX").messages) message.octets = mail("new");
      source.quirks.uids_cut = 0;
    }
    return Fault::none;
  });
  sync();
  for (const auto& [place, entry] : vault.entries)
    EXPECT_NE(place.uidvalidity, old) << "a new message under an old UID";
  expect_in_step();
}

TEST_F(PullTest, ALieInExistsDeletesNothingAndStoresNoCursor) {
  source.append("INBOX", mail("one"));
  source.quirks.exists_lie = 2;
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(held("INBOX"), 1u);
  EXPECT_EQ(vault.mailbox("INBOX")->cursor, std::nullopt);
}

TEST_F(PullTest, VanishedThatTheCountContradictsIsNotBelieved) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.append("INBOX", mail("new"));
  for (std::uint32_t uid = 1; uid <= 4; ++uid) source.box("INBOX").expunged[Uid(uid)] = ModSeq(99);
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 0u);
  EXPECT_EQ(held("INBOX"), 5u);
}

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

// ----------------------------------------------------------------------------------------------- several connections

class SeveralConnections : public PullTest {
 protected:
  SeveralConnections() {
    options.connections = 3;
    for (int box = 0; box < 40; ++box) {
      const std::string name = "Box" + std::to_string(box);
      source.create(name);
      for (int i = 0; i < 3; ++i) source.append(name, mail(name + std::to_string(i)));
    }
    source.quirks.no_status = true;  // each is pulled by itself
  }
};

TEST_F(SeveralConnections, TheMailboxesAreSharedOut) {
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.messages_fetched, 120u);
  EXPECT_EQ(source.most_sessions, 3);
  EXPECT_EQ(faults.calls_of("source.list"), 1);
  expect_in_step();
}

TEST_F(SeveralConnections, ALittleWorkIsNotWorthASecondLogin) {
  for (int box = 2; box < 40; ++box) source.remove("Box" + std::to_string(box));
  sync();
  EXPECT_EQ(source.most_sessions, 1);
}

TEST_F(SeveralConnections, ARefusedFurtherOneIsDoneWithout) {
  source.quirks.connections = 2;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(source.most_sessions, 2);
  expect_in_step();
}

TEST_F(SeveralConnections, WhatACutSessionLeftIsTakenUp) {
  for (const int call : {1, 2, 3, 5, 20, 60, 120}) {
    SCOPED_TRACE(call);
    vault = VaultState();
    faults.at("source.body", call, Fault::cut_before);
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.source.messages_fetched, 120u);
    expect_in_step();
  }
}

TEST_F(SeveralConnections, WhatATourCouldNotProveIsNotFetchedTwiceByAnother) {
  source.quirks.no_status = false;
  sync();
  for (int box = 0; box < 40; ++box) {
    const std::string name = "Box" + std::to_string(box);
    box < 10 ? source.renumber(name) : void(source.append(name, mail(name + " later")));  // by itself, and on tour
  }
  commit_turns = 30;
  faults.choose([&, first = true](std::string_view call) mutable {
    if (call == "source.tour" && std::exchange(first, false)) {
      for (int box = 10; box < 40; ++box) source.append("Box" + std::to_string(box), mail("in the middle"));
    }
    return Fault::none;
  });
  sync();  // the model ends the test where one is fetched twice
  EXPECT_GE(source.most_sessions, 2);
  expect_in_step();
}

TEST_F(SeveralConnections, WhatATourLeftWhenItBrokeIsNotFetchedTwiceByAnother) {
  source.quirks.no_status = false;
  sync();
  const VaultState before = vault;
  for (int box = 0; box < 40; ++box) {
    const std::string name = "Box" + std::to_string(box);
    if (box < 10) {
      source.renumber(name);
      continue;
    }
    for (int i = 0; i < 3; ++i) source.append(name, mail(name + " later " + std::to_string(i)));
  }
  commit_turns = 30;
  for (int call = 1; call <= 90; ++call) {
    SCOPED_TRACE(call);
    vault = before;
    faults.at("source.body", call, Fault::cut_before);
    sync();
    expect_in_step();
  }
}

TEST_F(SeveralConnections, AVaultThatCannotBeWrittenEndsAllOfThem) {
  store_fails = true;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(source.sessions, 0);
}

class OneLargeMailbox : public PullTest {
 protected:
  static constexpr std::size_t kMessages = 9'000;
  OneLargeMailbox() {
    options.connections = 3;
    for (std::size_t i = 0; i < kMessages; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  }
};

TEST_F(OneLargeMailbox, IsFetchedByAllSessions) {
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.messages_fetched, kMessages);  // the model ends the test where one is fetched twice
  EXPECT_EQ(faults.calls_of("source.fetch"), 3);
  EXPECT_EQ(faults.calls_of("source.uids"), 1);
  expect_in_step();
  expect_quiet();
}

TEST_F(OneLargeMailbox, IsFetchedByOneWhereOnlyOneIsLetIn) {
  source.quirks.connections = 1;
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("source.fetch"), 1);
  expect_in_step();
}

TEST_F(OneLargeMailbox, WhatABrokenSessionLeftBehindIsFetchedAllTheSame) {
  for (const int call : {1, 2, 3, 50, 700, 3'000, 7'000, 8'990}) {
    SCOPED_TRACE(call);
    vault = VaultState();
    faults.at("source.body", call, Fault::cut_before);
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.source.messages_fetched, kMessages);
    expect_in_step();
  }
}

TEST_F(OneLargeMailbox, TheMessageThatCutsIsFoundWhoeverMeetsIt) {
  source.quirks.cuts = {1, 4'000, 8'999};
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 3u);
  EXPECT_EQ(held("INBOX"), kMessages - 3);
  EXPECT_LE(faults.calls_of("source.connect"), 20);
}

TEST_F(OneLargeMailbox, MessagesLeftOutInAnySessionAreAskedForAlone) {
  source.quirks.left_out_once = {3, 2'500, 8'000};
  source.quirks.refused = {5'555};
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(held("INBOX"), kMessages - 1);
}

TEST_F(OneLargeMailbox, KilledAnywhereNothingIsLostAndNothingFetchedTwice) {
  for (const int call : {1, 1'000, 4'000, 8'000}) {
    SCOPED_TRACE(call);
    vault = VaultState();
    faults.at("source.body", call, Fault::killed_before);
    EXPECT_FALSE(sync_or_die());
    faults.clear();
    sync();
    expect_in_step();
  }
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

TEST_F(PullTest, AMailboxWhoseUidNextWentBackIsHeld) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.box("INBOX").expunge(Uid(4));
  source.box("INBOX").uidnext = 4;
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(held("INBOX"), 4u);
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
