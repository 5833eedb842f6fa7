// How changes are learnt, rung by rung, and what is not believed.

#include "tests/unit/sync/pull_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

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

}  // namespace
}  // namespace postern::testing
