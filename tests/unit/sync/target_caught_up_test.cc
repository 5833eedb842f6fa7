// A target that was restored from a backup and whose UIDNEXT has caught up before anybody looked: only what stands
// under a UID tells that it is another's.

#include "tests/unit/sync/merge_fixture.h"
#include "tests/unit/sync/restored_target.h"

namespace postern::testing {
namespace {

using sync::Deletes;
using sync::PassReport;

/// Its UIDs 4 to 7 are foreign messages, and UIDNEXT is above all that was ever seen.
struct CaughtUpTarget : RestoredTarget {
  static constexpr int kForeign = 4;

  explicit CaughtUpTarget(Deletes deletes)
      : RestoredTarget([deletes](World& w) {
          w.options.deletes = deletes;
          w.source.create("Archive");
        }) {
    restore(kForeign);
  }
};

TEST(TargetCaughtUp, NoDeletionTouchesAnothersMessage) {
  for (const Deletes deletes : {Deletes::mirror, Deletes::trash}) {
    SCOPED_TRACE(static_cast<int>(deletes));
    CaughtUpTarget world(deletes);
    world.source.box("INBOX").expunge(Uid(2));
    world.source.box("INBOX").expunge(Uid(5));
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    EXPECT_EQ(report.target->deleted, 0u);
    EXPECT_EQ(world.vault.audit.size(), 0u);
    world.expect_each_once(CaughtUpTarget::kForeign, {3, 4, 5});
    world.sync();
    world.expect_each_once(CaughtUpTarget::kForeign, {1, 4});
    EXPECT_EQ(world.vault.audit.size(), 1u);
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

TEST(TargetCaughtUp, NoMoveTakesAnothersMessageAlong) {
  for (const Deletes deletes : {Deletes::mirror, Deletes::trash}) {
    for (const bool moves : {true, false}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(deletes)) + (moves ? " MOVE" : " copied by another client"));
      CaughtUpTarget world(deletes);
      world.source.move("INBOX", Uid(2), "Archive");
      world.source.move("INBOX", Uid(5), "Archive");
      if (!moves) {  // they are there already, and leave their old place alone
        world.target.create("Archive");
        world.target.append("Archive", mail("m1"));
        world.target.append("Archive", mail("m4"));
      }
      for (int pass = 0; pass < 3; ++pass) world.sync();
      world.expect_each_once(CaughtUpTarget::kForeign, {1, 4});
      EXPECT_EQ(world.count(world.target, mail("m1"), "Archive"), 1u);
      EXPECT_EQ(world.count(world.target, mail("m4"), "Archive"), 1u);
      EXPECT_EQ(world.target.box("Archive").messages.size(), 2u);
      EXPECT_EQ(world.sync().state, PassReport::State::ok);
    }
  }
}

TEST(TargetCaughtUp, AnInterruptionAnywhereRemovesNothingOfAnothers) {
  int interrupted = 0;
  for (const Deletes deletes : {Deletes::mirror, Deletes::trash}) {
    for (std::uint64_t call = 1; call <= 60; ++call) {
      for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before, Fault::cut_after}) {
        SCOPED_TRACE("call " + std::to_string(call) + " fault " + std::to_string(static_cast<int>(fault)));
        CaughtUpTarget world(deletes);
        world.source.move("INBOX", Uid(2), "Archive");
        world.source.move("INBOX", Uid(5), "Archive");
        world.source.box("INBOX").expunge(Uid(4));
        world.source.append("INBOX", mail("new"));
        world.faults.at(call, fault);
        if (!world.sync_or_die()) ++interrupted;
        world.faults.clear();
        for (int pass = 0; pass < 4; ++pass) world.sync();
        world.expect_each_once(CaughtUpTarget::kForeign, {1, 3, 4});
        EXPECT_EQ(world.count(world.target, mail("m1"), "Archive"), 1u);
        EXPECT_EQ(world.count(world.target, mail("m4"), "Archive"), 1u);
        EXPECT_EQ(world.count(world.target, mail("new")), 1u);
      }
    }
  }
  EXPECT_GE(interrupted, 120);
}

TEST(TargetCaughtUp, AMessageWhoseHeaderTheTargetAlteredIsDeleted) {
  for (const Deletes deletes : {Deletes::mirror, Deletes::trash}) {
    World world;
    world.options.deletes = deletes;
    for (int i = 0; i < 3; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    world.target.box("INBOX").messages.at(Uid(2)).octets = mail("[list] m1");
    world.source.box("INBOX").expunge(Uid(2));
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.target->deleted, 1u);
    EXPECT_EQ(world.faults.calls_of("target.messages"), 1);
    EXPECT_EQ(world.faults.calls_of("target.digests"), 0);
    EXPECT_EQ(world.target.box("INBOX").messages.size(), 2u);
  }
}

TEST(TargetCaughtUp, WhereOnlyTheHeaderIsAsItWasTheOctetsTell) {
  for (const bool same : {true, false}) {
    SCOPED_TRACE(same);
    World world;
    world.options.deletes = Deletes::mirror;
    for (int i = 0; i < 3; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    ModelMessage& there = world.target.box("INBOX").messages.at(Uid(2));
    there.date = {1'700'000'000, 0};
    if (!same) there.octets = mail("m1", "another draft");
    world.source.box("INBOX").expunge(Uid(2));
    const auto report = world.sync();
    EXPECT_EQ(report.target->deleted, same ? 1u : 0u);
    EXPECT_EQ(world.target.box("INBOX").messages.size(), same ? 2u : 3u);
    EXPECT_EQ(report.state, same ? PassReport::State::ok : PassReport::State::attention);
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

TEST(TargetCaughtUp, TheComparisonThatIsDueIsMadeWithoutAStatedUidnext) {
  RestoredTarget world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  world.restore(4);
  world.loop.advance(std::chrono::hours(1));
  EXPECT_EQ(world.sync().source.deleted, 0u);
  world.target.quirks.no_uidnext = true;
  EXPECT_EQ(world.sync().state, PassReport::State::attention);
  world.expect_each_once(4);
  world.loop.advance(std::chrono::hours(1));
  const auto report = world.sync();
  EXPECT_EQ(report.source.deleted, 6u);
  EXPECT_EQ(report.state, PassReport::State::ok);
}

TEST(TargetCaughtUp, AnothersMessageIsNotTakenForAnAlteredOne) {
  RestoredTarget world;
  world.restore(4);
  world.options.delete_source = std::chrono::hours(1);
  for (int pass = 0; pass < 3; ++pass) {
    for (const Error& one : world.sync().problems)
      EXPECT_THAT(one.to_string(), ::testing::Not(::testing::HasSubstr("altered the octets")));
    world.expect_nothing_is_nowhere();
  }
  world.expect_each_once(4);
  world.loop.advance(std::chrono::hours(1));
  EXPECT_EQ(world.sync().source.deleted, 6u);
  world.expect_each_once(4);
}

/// The comparison goes by pages, and two messages of one date in different pages look altered to it, where the deletion
/// of both shows that they changed places.
TEST(TargetCaughtUp, WhatTheComparisonLeavesStandIsNotComparedForEver) {
  constexpr std::uint32_t kAll = 1'100;
  World world;
  world.options.deletes = Deletes::mirror;
  for (std::uint32_t i = 0; i < kAll; ++i)
    world.source.box("INBOX").append(mail("m" + std::to_string(i)), {}, {1'700'000'000, 0});
  world.sync();
  auto& there = world.target.box("INBOX").messages;
  std::swap(there.at(Uid(1)).octets, there.at(Uid(kAll)).octets);
  world.source.box("INBOX").expunge(Uid(1));
  world.source.box("INBOX").expunge(Uid(kAll));
  world.sync();
  const auto report = world.sync();
  EXPECT_THAT(report.problems.back().to_string(), ::testing::HasSubstr("2 messages that are to go stay"));
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  EXPECT_EQ(world.target.box("INBOX").messages.size(), kAll);
}

TEST(TargetCaughtUp, WhatReadingBackFindsIsNotedForAllThatShareTheMailbox) {
  World world;
  merge_lists(world);
  world.options.deletes = Deletes::mirror;
  world.options.delete_source = std::chrono::hours(1);
  for (const char* name : {"Lists/a", "Lists/b"}) {
    world.source.create(name);
    world.source.append(name, mail(std::string(name) + "0"));
  }
  world.sync();
  const ModelMailbox backup = world.target.box("Lists");
  for (const char* name : {"Lists/a", "Lists/b"}) {
    for (int i = 1; i < 4; ++i) world.source.append(name, mail(name + std::to_string(i)));
  }
  world.sync();
  world.target.box("Lists") = backup;
  for (int i = 0; i < 8; ++i)
    world.target.box("Lists").append(mail("foreign" + std::to_string(i)), {}, {1'700'000'000 + i, 0});
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, 0u);
  int sharing = 0;
  for (const auto& [source, record] : world.vault.targets.begin()->second.mailboxes) {
    if (record.name.display() != "Lists") continue;
    ++sharing;
    EXPECT_FALSE(record.adopted) << record.source_name;
  }
  EXPECT_EQ(sharing, 2);
}

}  // namespace
}  // namespace postern::testing
