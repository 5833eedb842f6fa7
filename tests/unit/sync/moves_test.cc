// Moves at the source, followed on the target: once there, nowhere twice, and never sent again where it can be moved.

#include <algorithm>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

class MovesTest : public PassTest {
 protected:
  /// `count` messages in INBOX, and an empty Archive, in step.
  void begin(int count) {
    options.deletes = sync::Deletes::mirror;
    source.create("Archive");
    for (int i = 0; i < count; ++i) source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
    sync();
    restart_counts();
  }
  void move_all() {
    while (!source.box("INBOX").messages.empty()) {
      source.move("INBOX", source.box("INBOX").messages.begin()->first, "Archive");
    }
  }
  std::size_t recorded(AuditRecord::Action action) const {
    return static_cast<std::size_t>(std::count_if(vault.audit.begin(), vault.audit.end(),
                                                  [&](const AuditRecord& one) { return one.action == action; }));
  }
};

TEST_F(MovesTest, AMassMoveIsOneMoveAndNoDeletion) {
  begin(600);
  move_all();
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(report.target->moved, 600u);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(report.target->deleted, 0u);
  EXPECT_EQ(faults.calls_of("target.move"), 2) << "500 a command";
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  EXPECT_EQ(faults.calls_of("target.expunge"), 0);
  EXPECT_EQ(recorded(AuditRecord::Action::moved), 600u);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, FlagsThatChangedOnTheWayAreStored) {
  begin(3);
  source.box("INBOX").store(Uid(2), {"\\Flagged"});
  source.move("INBOX", Uid(2), "Archive");
  sync();
  EXPECT_EQ(target_flags("Archive", 1), FlagSet({"\\Flagged"}));
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
}

TEST_F(MovesTest, WithTrashAMoveIsAMove) {
  begin(3);
  options.deletes = sync::Deletes::trash;
  source.move("INBOX", Uid(2), "Archive");
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 1u);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
}

TEST_F(MovesTest, WithKeepTheOldPlaceStaysAndTheNewOneIsSent) {
  begin(3);
  options.deletes = sync::Deletes::keep;
  source.move("INBOX", Uid(2), "Archive");
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 0u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 3u);
  EXPECT_EQ(target.box("Archive").messages.size(), 1u);
  EXPECT_TRUE(vault.audit.empty());
}

TEST_F(MovesTest, OfIdenticalCopiesAsManyMoveAsCame) {
  begin(0);
  for (int i = 0; i < 3; ++i) source.append("INBOX", mail("same"));
  sync();
  source.move("INBOX", Uid(1), "Archive");
  source.box("INBOX").expunge(Uid(2));
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 1u);
  EXPECT_EQ(report.target->deleted, 1u);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, ACopyIsSentAndTakesNothingAway) {
  begin(3);
  source.copy("INBOX", Uid(2), "Archive");
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 0u);
  expect_in_step();
}

TEST_F(MovesTest, WithoutMoveItIsCopiedAndExpunged) {
  target.quirks.move = false;
  begin(10);
  move_all();
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 10u);
  EXPECT_EQ(faults.calls_of("target.copy"), 1);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, WithoutCopyuidWhatCameIsLookedFor) {
  target.quirks.silent_move = true;
  begin(10);
  move_all();
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 10u);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, WithoutMoveAndUidplusTheOldPlaceIsMarkedOnly) {
  target.quirks.move = target.quirks.uidplus = false;
  begin(2);
  source.move("INBOX", Uid(1), "Archive");
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(target.box("Archive").messages.size(), 1u);
  EXPECT_TRUE(target_flags("INBOX", 1).contains("\\Deleted"));
  expect_quiet();
}

TEST_F(MovesTest, AnOkThatMovedNothingLosesNothing) {
  target.quirks.lost_move = true;
  begin(10);
  move_all();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, WhatTheTargetDoesNotMoveIsSent) {
  target.quirks.refuses_move = "Archive";
  begin(10);
  move_all();
  const auto report = sync();
  EXPECT_EQ(report.target->appended, 10u);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, AnOldMailboxThatIsBusyIsWaitedFor) {
  begin(10);
  move_all();
  target.quirks.busy_mailbox = "INBOX";
  EXPECT_EQ(sync().state, sync::PassReport::State::attention);
  EXPECT_EQ(target.box("INBOX").messages.size(), 10u);
  target.quirks.busy_mailbox.clear();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, AnOldMailboxThatBecomesBusyBeforeItIsLeftIsLeftInTheNextPass) {
  begin(10);
  move_all();
  target.quirks.refuses_move = "Archive";
  faults.choose([&](std::string_view call) {
    if (call == "target.append") target.quirks.busy_mailbox = "INBOX";
    return Fault::none;
  });
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 10u);
  faults.clear();
  target.quirks.busy_mailbox.clear();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, AnOldMailboxThatIsClosedKeepsItsCopiesAndThatIsSaid) {
  begin(10);
  move_all();
  target.quirks.closed_mailbox = "INBOX";
  source.append("Archive", mail("new"));
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::attention);
  EXPECT_EQ(target.box("INBOX").messages.size(), 10u);
  EXPECT_EQ(target.box("Archive").messages.size(), 11u);
  EXPECT_TRUE(std::any_of(report.problems.begin(), report.problems.end(), [](const Error& one) {
    return one.to_string().find("10 messages that were moved at the source stay") != std::string::npos;
  }));
}

TEST_F(MovesTest, WhatIsNoLongerAtItsOldPlaceOnTheTargetIsSent) {
  begin(10);
  target.box("INBOX").expunge(Uid(4));
  move_all();
  const auto report = sync();
  EXPECT_EQ(report.target->appended, 1u);
  expect_in_step();
  expect_quiet();
}

TEST_F(MovesTest, ALostAnswerNeitherLosesNorDoubles) {
  for (const bool move : {true, false}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
      for (const char* call : {"target.move", "target.copy", "target.store", "target.expunge"}) {
        SCOPED_TRACE(std::string(call) + (move ? " with MOVE, fault " : " without MOVE, fault ") +
                     std::to_string(static_cast<int>(fault)));
        World world;
        world.target.quirks.move = move;
        world.options.deletes = sync::Deletes::mirror;
        world.source.create("Archive");
        for (int i = 0; i < 7; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
        world.sync();
        for (std::uint32_t uid = 1; uid <= 7; ++uid) world.source.move("INBOX", Uid(uid), "Archive");
        world.faults.at(call, 1, fault);
        world.sync_or_die();
        world.faults.clear();
        world.sync();
        EXPECT_EQ(difference(world), "");
      }
    }
  }
}

TEST_F(MovesTest, ARenamedMailboxWithoutItsIdIsMovedWhole) {
  begin(0);
  source.create("Old");
  for (int i = 0; i < 50; ++i) source.append("Old", mail("m" + std::to_string(i)));
  sync();
  restart_counts();
  source.rename("Old", "New");
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(report.target->held, 0u);
  EXPECT_EQ(report.target->deleted, 0u);
  expect_in_step();
  expect_quiet();
}

}  // namespace
}  // namespace postern::testing
