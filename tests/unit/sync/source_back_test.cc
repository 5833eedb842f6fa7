// A source that was restored from a backup under the same UIDVALIDITY: it has lost messages, and gives out their UIDs a
// second time.

#include "tests/unit/sync/restored_source.h"

namespace postern::testing {
namespace {

using sync::PassReport;

TEST(SourceBack, AComparisonThatWasCutIsMadeThoughUidnextHasCaughtUp) {
  for (const bool condstore : {true, false}) {
    for (const char* call : {"source.uids", "source.identities", "source.flags"}) {
      SCOPED_TRACE(std::string(call) + (condstore ? " with CONDSTORE" : ""));
      RestoredSource world([condstore](World& w) {
        w.options.deletes = sync::Deletes::mirror;
        w.source.quirks.condstore = w.source.quirks.qresync = condstore;
      });
      world.restore();
      world.arrive(1);
      world.faults.choose([call](std::string_view at) { return at == call ? Fault::cut_before : Fault::none; });
      EXPECT_NE(world.sync().state, PassReport::State::ok);
      world.faults.clear();
      world.arrive(3);
      for (int pass = 0; pass < 2; ++pass) world.sync();
      world.expect_arrived_is_held();
      world.expect_target_keeps_all();
      EXPECT_EQ(world.sync().state, PassReport::State::ok);
    }
  }
}

TEST(SourceBack, AListingThatIsShortLeavesTheComparisonDue) {
  RestoredSource world;
  world.restore();
  world.arrive(1);
  world.source.quirks.exists_lie = 1;
  EXPECT_EQ(world.sync().state, PassReport::State::attention);
  world.source.quirks.exists_lie = 0;
  world.arrive(3);
  world.sync();
  world.expect_arrived_is_held();
  world.expect_target_keeps_all();
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
}

TEST(SourceBack, AnInterruptionAnywhereLosesAndDoublesNothing) {
  int interrupted = 0, caught_up = 0;
  for (const auto deletes : {sync::Deletes::keep, sync::Deletes::mirror}) {
    for (std::uint64_t call = 1; call <= 40; ++call) {
      for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before}) {
        SCOPED_TRACE("call " + std::to_string(call) + " fault " + std::to_string(static_cast<int>(fault)));
        RestoredSource world([deletes](World& w) { w.options.deletes = deletes; });
        world.restore();
        world.arrive(1);
        world.faults.at(call, fault);
        if (!world.sync_or_die()) ++interrupted;
        world.faults.clear();
        // UIDNEXT may have caught up before anybody looks again. That shows only if it was noted.
        const bool noted = world.vault.mailbox("INBOX")->cursor->uidnext != RestoredSource::kAll + 1;
        if (noted) world.arrive(3);
        if (noted) ++caught_up;
        for (int pass = 0; pass < 3; ++pass) world.sync();
        world.expect_arrived_is_held();
        world.expect_target_keeps_all();
        EXPECT_FALSE(world.is_to_be_compared());
      }
    }
  }
  EXPECT_GE(interrupted, 60);
  EXPECT_GE(caught_up, 60);
}

/// What shows that the server was restored is durable before anything vanishes, and no pass that cannot compare lets go
/// of it.
TEST(SourceBack, WhatItForgotIsHeldThroughPassesThatDoNotReachIt) {
  for (const bool replay_alone : {false, true}) {
    World world;
    world.options.deletes = sync::Deletes::mirror;
    for (int i = 0; i < 36; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    ModelMailbox& inbox = world.source.box("INBOX");
    for (std::uint32_t uid = 31; uid <= 36; ++uid) inbox.messages.erase(Uid(uid));
    inbox.uidnext = 31;
    const auto& holds = world.vault.targets.begin()->second.holds;
    world.faults.choose([&holds](std::string_view) { return holds.empty() ? Fault::none : Fault::killed_before; });
    ASSERT_FALSE(world.sync_or_die());
    world.faults.choose(
        [](std::string_view call) { return call == "source.connect" ? Fault::cut_before : Fault::none; });
    world.options.pull = !replay_alone;
    world.sync();
    world.faults.clear();
    world.options.pull = true;
    ASSERT_EQ(holds.size(), 1u);
    EXPECT_EQ(holds.begin()->second.uids, UidSet::range(31, 36));
    inbox.uidnext = 50;
    world.source.append("INBOX", mail("after"));
    for (int pass = 0; pass < 3; ++pass) EXPECT_EQ(world.sync().target->held, 6u);
    EXPECT_EQ(world.target.box("INBOX").messages.size(), 37u);
  }
}

TEST(SourceBack, WhatIsBackWhenTheComparisonIsMadeIsNotHeldAnyMore) {
  World world;
  world.options.deletes = sync::Deletes::mirror;
  for (int i = 0; i < 36; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
  world.sync();
  const ModelMailbox whole = world.source.box("INBOX");
  ModelMailbox& inbox = world.source.box("INBOX");
  for (std::uint32_t uid = 31; uid <= 36; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = 31;
  const auto& holds = world.vault.targets.begin()->second.holds;
  world.faults.choose([&holds](std::string_view) { return holds.empty() ? Fault::none : Fault::killed_before; });
  ASSERT_FALSE(world.sync_or_die());
  world.faults.clear();
  inbox = whole;
  world.sync();
  EXPECT_TRUE(holds.empty());
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  EXPECT_EQ(difference(world), "");
}

/// Before anything is deleted at the source it has to show the very message that was pulled.
TEST(SourceBack, AMessageThatNobodyHasIsNotDeletedThere) {
  RestoredSource world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  world.restore();
  world.arrive(4);  // UIDNEXT has caught up before anybody looked
  world.loop.advance(std::chrono::hours(2));
  bool told = false;
  for (int pass = 0; pass < 4; ++pass) {
    const auto report = world.sync();
    for (const Error& one : report.problems) {
      if (one.to_string().find("another message") != std::string::npos) told = true;
    }
    world.expect_nothing_is_nowhere();
    world.loop.advance(std::chrono::hours(2));
  }
  EXPECT_TRUE(told);
  world.expect_arrived_is_held();
  world.expect_target_keeps_all();
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  EXPECT_TRUE(world.source.box("INBOX").messages.empty()) << "each was pulled, read back and deleted in the end";
}

TEST(SourceBack, ASourceThatGoesBackBetweenThePullAndTheDeletionIsLeft) {
  RestoredSource world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  world.loop.advance(std::chrono::hours(2));
  world.faults.choose([&world](std::string_view call) {
    if (call == "writer.open" && world.arrived == 0) {
      world.restore();
      world.arrive(1);
    }
    return Fault::none;
  });
  EXPECT_EQ(world.sync().source.deleted, 0u);
  EXPECT_TRUE(world.is_to_be_compared());
  world.faults.clear();
  world.arrive(3);
  world.sync();
  world.expect_arrived_is_held();
}

/// With delete_source what the restored source shows again is deleted again, and each deletion has its row.
TEST(SourceBack, WhatWasDeletedThereAndIsBackIsReadBackAgainAndHasANewRow) {
  RestoredSource world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  const ModelMailbox whole = world.source.box("INBOX");
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, 6u);
  world.sync();
  EXPECT_EQ(world.vault.audit.size(), 6u);
  world.source.box("INBOX") = whole;
  EXPECT_EQ(world.sync().source.deleted, 0u) << "not before the grace";
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, 6u);
  EXPECT_EQ(world.vault.audit.size(), 12u);
  world.sync();
  world.expect_target_keeps_all();
}

TEST(SourceBack, WhatIsBackAndThenDeletedByAPersonIsDeletedOnTheTarget) {
  RestoredSource world([](World& w) {
    w.options.deletes = sync::Deletes::mirror;
    w.options.delete_source = std::chrono::hours(1);
  });
  const ModelMailbox whole = world.source.box("INBOX");
  world.loop.advance(std::chrono::hours(2));
  world.sync();
  world.sync();
  world.source.box("INBOX") = whole;
  world.sync();
  world.source.box("INBOX").expunge(Uid(2));
  EXPECT_EQ(world.sync().target->deleted, 1u);
  EXPECT_EQ(world.count(world.target, mail("m1")), 0u);
}

/// Fifty messages were read since the backup.
struct LostFlags : World {
  static constexpr std::uint32_t kMany = 50;

  explicit LostFlags(sync::FlagMode mode) {
    options.flags = mode;
    for (std::uint32_t i = 0; i < kMany; ++i) source.append("INBOX", mail("m" + std::to_string(i)), {"\\Flagged"});
    sync();
    sync();
    const ModelMailbox backup = source.box("INBOX");
    source.append("INBOX", mail("last"));
    for (std::uint32_t uid = 1; uid <= kMany; ++uid) source.box("INBOX").store(Uid(uid), {"\\Flagged", "\\Seen"});
    source.box("INBOX").store(Uid(1), {"\\Seen", "\\Deleted"});
    sync();
    sync();
    source.box("INBOX") = backup;
  }
  static std::size_t seen(const ModelServer& server) {
    const auto& messages = server.boxes().at("INBOX").messages;
    return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(),
                                                  [](const auto& one) { return one.second.flags.contains("\\Seen"); }));
  }
};

TEST(SourceBack, FlagsThatItLostStayOnTheTargetAndThatIsSaidOnce) {
  LostFlags world(sync::FlagMode::replay);
  ASSERT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
  const auto report = world.sync();
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems[1].to_string(), ::testing::HasSubstr("50 messages lost \\Seen"));
  EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
  EXPECT_TRUE(world.target.box("INBOX").messages.at(Uid(1)).flags.contains("\\Flagged")) << "what it has again";
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
  }
  world.source.box("INBOX").store(Uid(7), {"\\Seen"});  // a person goes on
  world.sync();
  EXPECT_EQ(world.target.box("INBOX").messages.at(Uid(7)).flags, (FlagSet{"\\Seen"}));
  world.source.box("INBOX").store(Uid(7), {});
  world.sync();
  EXPECT_EQ(world.target.box("INBOX").messages.at(Uid(7)).flags, FlagSet());
}

TEST(SourceBack, WithTwoWayTheFlagsThatItLostComeBackFromTheTarget) {
  LostFlags world(sync::FlagMode::two_way);
  for (int pass = 0; pass < 3; ++pass) world.sync();
  EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
  EXPECT_EQ(LostFlags::seen(world.source), LostFlags::kMany);
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
}

/// No mail came since the backup, or just as much: the mod-sequence alone shows it.
TEST(SourceBack, WhatTheModSequenceAloneShowsIsCompared) {
  for (const int arrived : {0, 1}) {
    RestoredSource world;
    ModelMailbox& inbox = world.source.box("INBOX");
    world.backup = inbox;
    if (arrived != 0) world.source.append("INBOX", mail("lost"));
    for (std::uint32_t uid = 1; uid <= RestoredSource::kAll; ++uid) inbox.store(Uid(uid), {"\\Seen"});
    world.sync();
    world.restore();
    world.arrive(arrived);
    const auto report = world.sync();
    EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("HIGHESTMODSEQ went back"));
    for (std::uint32_t uid = 1; uid <= RestoredSource::kAll; ++uid)
      EXPECT_TRUE(world.target.box("INBOX").messages.at(Uid(uid)).flags.contains("\\Seen")) << uid;
    world.expect_arrived_is_held();
    world.expect_target_keeps_all();
    EXPECT_EQ(world.count(world.target, mail("lost")), arrived != 0 ? 1u : 0u);
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

/// As RFC 9051 wants it of a server whose UIDs may name other messages.
TEST(SourceBack, FlagsLostWithANewUidvalidityStayOnTheTarget) {
  for (const auto mode : {sync::FlagMode::replay, sync::FlagMode::two_way}) {
    LostFlags world(mode);
    world.source.renumber("INBOX");
    const auto report = world.sync();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(),
                ::testing::HasSubstr("50 messages lost \\seen at the source with a new"));
    for (int pass = 0; pass < 2; ++pass) world.sync();
    EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
    EXPECT_EQ(LostFlags::seen(world.source), mode == sync::FlagMode::two_way ? LostFlags::kMany : 0u);
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

/// A few are a person's doing.
TEST(SourceBack, AFlagThatAPersonTookAwayJustBeforeANewUidvalidityGoes) {
  World world;
  for (int i = 0; i < 6; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
  world.sync();
  world.source.box("INBOX").store(Uid(2), {});
  world.source.renumber("INBOX");
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  EXPECT_EQ(LostFlags::seen(world.target), 5u);
  EXPECT_EQ(difference(world), "");
}

TEST(SourceBack, AnInterruptionAnywhereTakesNoFlagFromTheTarget) {
  for (std::uint64_t call = 1; call <= 30; ++call) {
    for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before}) {
      SCOPED_TRACE("call " + std::to_string(call) + " fault " + std::to_string(static_cast<int>(fault)));
      LostFlags world(sync::FlagMode::replay);
      world.faults.at(call, fault);
      world.sync_or_die();
      world.faults.clear();
      world.options.pull = false;
      world.sync();
      EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
      world.options.pull = true;
      for (int pass = 0; pass < 2; ++pass) world.sync();
      EXPECT_EQ(LostFlags::seen(world.target), LostFlags::kMany);
    }
  }
}

}  // namespace
}  // namespace postern::testing
