// Several connections of one pass.

#include "tests/unit/sync/pull_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

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

}  // namespace
}  // namespace postern::testing
