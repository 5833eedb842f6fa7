// flags: two_way where a target lost flags that nobody took away: the source keeps them.

#include "tests/unit/sync/two_way_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// A target restored from a backup, or whose index was rebuilt: flags that it has no more were taken away by nobody.
class RestoredTwoWayTest : public TwoWayTest {
 protected:
  RestoredTwoWayTest() {
    fill(6);
    backup_ = target.box("INBOX");
    for (std::uint32_t uid = 1; uid <= 6; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen", "$Work"});
    settle();
    EXPECT_EQ(target_flags("INBOX", 6), (FlagSet{"\\Seen", "$Work"}));
  }
  void expect_nothing_lost(PassReport::State state = PassReport::State::ok) {
    target.box("INBOX").store(Uid(2), {"\\Flagged"});
    EXPECT_EQ(sync().state, state);
    for (std::uint32_t uid = 1; uid <= 6; ++uid) {
      EXPECT_EQ(source_flags(uid), uid == 2 ? (FlagSet{"\\Seen", "$Work", "\\Flagged"}) : (FlagSet{"\\Seen", "$Work"}));
    }
    sync();
    expect_silent();
    target.box("INBOX").store(Uid(2), {"\\Seen", "$Work"});
    sync();
    EXPECT_EQ(source_flags(2), (FlagSet{"\\Seen", "$Work"})) << "what a person takes away then is";
  }
  ModelMailbox backup_;
};

TEST_F(RestoredTwoWayTest, HighestModseqWentBack) {
  target.box("INBOX") = backup_;
  expect_nothing_lost();
}

TEST_F(RestoredTwoWayTest, HighestModseqWentBackAndIsPassedByWhatIsAppendedFirst) {
  target.box("INBOX") = backup_;
  target.box("INBOX").highestmodseq = ModSeq(backup_.highestmodseq.value() + 1);
  for (auto& [uid, message] : target.box("INBOX").messages) message.modseq = ModSeq(1'000);
  for (int i = 0; i < 30; ++i) source.append("INBOX", mail("new" + std::to_string(i)));
  expect_nothing_lost();
}

TEST_F(RestoredTwoWayTest, UidnextAloneWentBack) {
  source.append("INBOX", mail("new"));
  settle();
  target.box("INBOX") = backup_;
  target.box("INBOX").highestmodseq = ModSeq(10'000);
  for (auto& [uid, message] : target.box("INBOX").messages) message.modseq = ModSeq(9'000);
  expect_nothing_lost(PassReport::State::attention);
}

TEST_F(RestoredTwoWayTest, UidnextWentBackWhereThereAreNoModSequences) {
  target.quirks.condstore = false;
  source.append("INBOX", mail("new"));
  loop.advance(std::chrono::hours(2));
  settle();
  target.box("INBOX") = backup_;
  sync();
  sync();
  for (std::uint32_t uid = 1; uid <= 6; ++uid) EXPECT_EQ(source_flags(uid), (FlagSet{"\\Seen", "$Work"}));
}

/// Flags that many messages lose at once.
class MassTwoWayTest : public TwoWayTest {
 protected:
  void fill_seen(World& world) {
    world.options.flags = sync::FlagMode::two_way;
    for (int i = 0; i < 100; ++i) {
      world.source.append("INBOX", mail("m" + std::to_string(i)), i == 99 ? FlagSet{"\\Flagged"} : FlagSet{"\\Seen"});
    }
    world.sync();
    world.sync();
    world.restart_counts();
  }
  static void lose_seen(World& world, std::uint32_t messages) {
    for (std::uint32_t uid = 1; uid <= messages; ++uid) world.target.box("INBOX").store(Uid(uid), {});
  }
  static int seen(World& world) {
    int seen = 0;
    for (const auto& [uid, message] : world.source.box("INBOX").messages) seen += message.flags.contains("\\Seen");
    return seen;
  }
};

TEST_F(MassTwoWayTest, AreReportedAndStayAtTheSource) {
  fill_seen(*this);
  lose_seen(*this, 21);
  target.box("INBOX").store(Uid(3), {"\\Answered"});
  target.box("INBOX").store(Uid(100), {});
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  const std::string problem = report.problems.front().to_string();
  EXPECT_THAT(problem, ::testing::HasSubstr("21 messages lost \\seen on the target at once"));
  EXPECT_THAT(problem, ::testing::HasSubstr("INBOX"));
  EXPECT_EQ(seen(*this), 99);
  EXPECT_EQ(source_flags(3), (FlagSet{"\\Seen", "\\Answered"}));
  EXPECT_EQ(source_flags(100), FlagSet()) << "what few lose is a person's doing";
  EXPECT_EQ(sync().state, PassReport::State::ok) << "it was told";
  expect_silent();
  target.box("INBOX").store(Uid(50), {});
  target.box("INBOX").store(Uid(1), {"\\Flagged"});
  sync();
  EXPECT_EQ(source_flags(50), FlagSet());
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen", "\\Flagged"})) << "no longer agreed on";
  EXPECT_EQ(seen(*this), 98);
}

TEST_F(MassTwoWayTest, AFifthIsNoMass) {
  fill_seen(*this);
  lose_seen(*this, 20);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(seen(*this), 79);
}

TEST_F(MassTwoWayTest, WhereverItIsInterruptedTheyStay) {
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      fill_seen(world);
      lose_seen(world, 60);
      world.target.box("INBOX").store(Uid(80), {"\\Seen", "\\Flagged"});
      const std::uint64_t before = world.faults.calls();
      world.faults.at(call, fault);
      world.sync_or_die();
      const bool past_the_end = world.faults.calls() - before < call;
      world.faults.clear();
      world.sync();
      world.sync();
      EXPECT_EQ(seen(world), 99);
      EXPECT_TRUE(world.source.box("INBOX").messages.at(Uid(80)).flags.contains("\\Flagged"));
      if (past_the_end || HasFailure()) break;
    }
  }
}

}  // namespace
}  // namespace postern::testing
