#include <set>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// Mailboxes with so many messages each, worth several connections to the target.
class TargetSessions : public PassTest {
 protected:
  TargetSessions() {
    options.target_connections = 4;
    for (int box = 0; box < 40; ++box) fill("Box" + std::to_string(box), 3);
  }
  void fill(const std::string& name, int messages) {
    if (!source.has(name)) source.create(name);
    for (int i = 0; i < messages; ++i) source.append(name, mail(name + " " + std::to_string(i)));
  }
  bool all_once() {
    for (const auto& [name, box] : source.boxes()) {
      if (target.box(name).messages.size() != box.messages.size()) return false;
    }
    return true;
  }
};

TEST_F(TargetSessions, SeveralShareTheMailboxesAndEachIsWorkedOnOnce) {
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(target.most_sessions, 4);
  EXPECT_EQ(report.target->appended, 120u);
  EXPECT_EQ(faults.calls_of("target.list"), 1) << "planned once";
  EXPECT_EQ(target.targets_opened.size(), 81u) << "each once, and once more where something was appended";
  EXPECT_EQ(std::set<std::string>(target.targets_opened.begin(), target.targets_opened.end()).size(), 41u);
  expect_in_step();
  expect_quiet();
}

TEST_F(TargetSessions, ManyMailboxesAreNotReadForEachOfThem) {
  sync();
  for (int box = 0; box < 40; ++box) fill("Box" + std::to_string(box), 1);
  vault.records_read = 0;
  EXPECT_EQ(sync().target->appended, 40u);
  EXPECT_LE(vault.records_read, 4u * 41);
}

TEST_F(TargetSessions, AFurtherOneIsOpenedOnlyWhereThereIsWorkForIt) {
  sync();
  target.most_sessions = 0;
  source.append("Box1", mail("later"));
  source.append("Box2", mail("later still"));
  EXPECT_EQ(sync().target->appended, 2u);
  EXPECT_EQ(target.most_sessions, 1);
  expect_in_step();
}

TEST_F(TargetSessions, NeverMoreThanMailboxesWithSomethingToDo) {
  sync();
  target.most_sessions = 0;
  for (const std::string name : {"Box1", "Box2"}) fill(name, 3'000);
  sync();
  EXPECT_EQ(target.most_sessions, 2);
  expect_in_step();
}

TEST_F(TargetSessions, ALargeMailboxKeepsNobodyWaitingAndIsNotLeftForTheEnd) {
  options.target_connections = 2;
  fill("Large", 500);
  fill("INBOX", 10);
  sync();
  ASSERT_GE(target.targets_opened.size(), 2u);
  EXPECT_EQ(target.targets_opened[0], "INBOX");
  EXPECT_EQ(target.targets_opened[1], "Large");
  expect_in_step();
}

TEST_F(TargetSessions, ARefusedFurtherConnectionIsDoneWithout) {
  target.quirks.connections = 1;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(target.most_sessions, 1);
  EXPECT_EQ(faults.calls_of("target.connect"), 4) << "each was tried once";
  expect_in_step();
}

TEST_F(TargetSessions, OneThatAlwaysBreaksIsDoneWithoutAndNoMailboxIsLeftForIt) {
  options.backoff_base = options.backoff_cap = std::chrono::seconds(0);
  target.quirks.stable = 1;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_TRUE(report.problems.empty());
  EXPECT_LE(faults.calls_of("target.connect"), 1 + 3 * 2);
  expect_in_step();
}

TEST_F(TargetSessions, WhicheverBreaksWhereverNothingIsLostOrDoubled) {
  options.backoff_base = options.backoff_cap = std::chrono::seconds(1);
  options.settle = std::chrono::seconds(60);
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::cut_undone, Fault::cut_late}) {
    for (int nth = 1; nth <= 40; nth += 3) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at append " + std::to_string(nth));
      for (auto& [name, box] : source.boxes()) {
        if (nth == 1 || name.ends_with('7'))
          source.append(name, mail(name + std::to_string(nth + 100 * static_cast<int>(fault))));
      }
      faults.at("target.append", nth % 7 + 1, fault);
      const auto report = sync();
      faults.clear();
      EXPECT_EQ(report.state, PassReport::State::ok);
      EXPECT_TRUE(all_once());
    }
  }
  expect_in_step();
}

TEST_F(TargetSessions, AnOrderlyEndWaitsForWhatAnotherHasInHand) {
  // The first has nothing left to do and stays until the others have ended: the cursor moves behind all of them.
  fill("Large", 900);
  options.target_connections = 2;
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(TargetSessions, AFullTargetIsHeldHoweverManyMeetIt) {
  target.quirks.over_quota = true;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.problems.size(), 1u);
  target.quirks.over_quota = false;
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

TEST_F(TargetSessions, AVaultThatFailsEndsAllOfThem) {
  options.replay = false;
  sync();
  options.replay = true;
  options.pull = false;
  store_fails = true;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->kind(), ErrorKind::store);
  EXPECT_EQ(target.sessions, 0);
}

TEST_F(TargetSessions, KilledAnywhereItGoesOnWhereItWas) {
  for (int call = 60; call < 700; call += 37) {
    SCOPED_TRACE(call);
    World world;
    world.options.target_connections = 4;
    world.options.settle = std::chrono::seconds(30);
    for (int box = 0; box < 40; ++box) {
      world.source.create("Box" + std::to_string(box));
      world.source.append("Box" + std::to_string(box), mail("m" + std::to_string(box)));
    }
    world.faults.at(static_cast<std::uint64_t>(call), call % 2 == 0 ? Fault::killed_before : Fault::killed_after);
    world.sync_or_die();
    world.faults.clear();
    world.sync();
    EXPECT_EQ(difference(world), "");
  }
}

}  // namespace
}  // namespace postern::testing
