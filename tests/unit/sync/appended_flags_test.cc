// Flags that a target drops on APPEND.

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

void fill(World& world, int count) {
  for (int i = 1; i <= count; ++i) {
    FlagSet flags;
    if (i % 2 == 0) flags.insert("\\Flagged");
    if (i % 3 == 0) flags.insert("\\Seen");
    if (i % 5 == 0) flags.insert("$Work");
    world.source.append("INBOX", mail("m" + std::to_string(i)), flags);
  }
}

class AppendedFlagsTest : public PassTest {};

TEST_F(AppendedFlagsTest, WhatIsKeptCostsOneReadAMailboxAndPass) {
  fill(*this, 2'500);
  const auto report = sync();
  EXPECT_EQ(faults.calls_of("target.flags"), 1);
  EXPECT_EQ(faults.calls_of("target.store"), 0);
  EXPECT_FALSE(report.quirks.contains("append_flags_dropped"));
  expect_in_step();
  expect_quiet();
}

TEST_F(AppendedFlagsTest, MessagesWithoutFlagsCostNothing) {
  for (int i = 0; i < 30; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  EXPECT_EQ(faults.calls_of("target.flags"), 0);
}

TEST_F(AppendedFlagsTest, WhatIsDroppedIsSetByStoreOnEveryMessage) {
  for (const bool uidplus : {true, false}) {
    for (const bool multiappend : {true, false}) {
      SCOPED_TRACE(std::to_string(uidplus) + std::to_string(multiappend));
      World world;
      world.target.quirks.uidplus = uidplus;
      world.target.quirks.multiappend = multiappend;
      world.target.quirks.append_drops = {"\\Flagged", "$Work"};
      fill(world, 2'500);
      world.source.create("Other");
      world.source.append("Other", mail("other"), {"\\Flagged"});
      const auto report = world.sync();
      EXPECT_EQ(report.state, PassReport::State::ok);
      EXPECT_EQ(report.quirks.at("append_flags_dropped"), 1'501u);
      EXPECT_EQ(difference(world), "");
      world.restart_counts();
      world.sync();
      EXPECT_EQ(world.target.mutations, 0u);
    }
  }
}

TEST_F(AppendedFlagsTest, AMessageOfALaterPassIsSeenToToo) {
  target.quirks.append_drops = {"\\Flagged"};
  fill(*this, 3);
  sync();
  source.append("INBOX", mail("news"), {"\\Flagged"});
  EXPECT_EQ(sync().quirks.at("append_flags_dropped"), 1u);
  expect_in_step();
  expect_quiet();
}

TEST_F(AppendedFlagsTest, ATargetThatDropsThemOnStoreTooIsReportedOnceAndLeft) {
  target.quirks.append_drops = target.quirks.store_drops = {"\\Flagged"};
  fill(*this, 2'500);
  source.create("Other");
  source.append("Other", mail("other"), {"\\Flagged"});
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("does not keep flags: \\Flagged"));
  EXPECT_EQ(report.target->appended, 2'501u);
  EXPECT_LE(faults.calls_of("target.store"), 4) << "for what was read first alone, one for each set of flags";
  expect_quiet();
}

TEST_F(AppendedFlagsTest, KeywordsThatWereLeftOutAreNotSet) {
  target.quirks.refuses_keyword = "$Work";
  fill(*this, 20);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.store"), 0);
  expect_quiet();
}

TEST_F(AppendedFlagsTest, WhateverIsCutWhereverNoFlagIsLost) {
  std::uint64_t calls = 0;
  const auto prepare = [](World& world) {
    world.target.quirks.append_drops = {"\\Flagged"};
    fill(world, 6);
  };
  {
    World world;
    prepare(world);
    world.sync();
    calls = world.faults.calls();
  }
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (std::uint64_t call = 1; call <= calls; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      prepare(world);
      world.faults.at(call, fault);
      world.sync_or_die();
      world.faults.clear();
      world.sync();
      world.sync();
      EXPECT_EQ(difference(world), "");
    }
  }
}

}  // namespace
}  // namespace postern::testing
