// A target that was restored from a backup under the same UIDVALIDITY: it has lost messages, and gives out their UIDs
// a second time.

#include "tests/unit/sync/restored_target.h"

namespace postern::testing {
namespace {

using sync::PassReport;

TEST(TargetBack, WhatItLostIsSentAgainAndThatIsSaidOnce) {
  for (const int foreign : {0, 1, 2}) {
    SCOPED_TRACE(foreign);
    RestoredTarget world;
    world.restore(foreign);
    world.source.append("INBOX", mail("new"));
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("went back to " + std::to_string(4 + foreign)));
    world.expect_each_once(foreign);
    EXPECT_EQ(world.count(world.target, mail("new")), 1u);
    world.restart_counts();
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(world.vault.writes + world.target.mutations, 0u);
    world.source.append("INBOX", mail("newer"));
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    world.expect_each_once(foreign);
  }
}

TEST(TargetBack, MirrorRemovesTheMessageAndNotWhatHasItsUidNow) {
  for (const int foreign : {0, 2}) {
    SCOPED_TRACE(foreign);
    RestoredTarget world([](World& w) { w.options.deletes = sync::Deletes::mirror; });
    world.restore(foreign);
    world.source.box("INBOX").expunge(Uid(2));
    world.source.box("INBOX").expunge(Uid(4));
    world.sync();
    world.expect_each_once(foreign, {1, 3});
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

TEST(TargetBack, NothingIsDeletedAtTheSourceThatTheTargetLost) {
  for (const int foreign : {0, 2}) {
    SCOPED_TRACE(foreign);
    RestoredTarget world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
    world.restore(foreign);
    world.loop.advance(std::chrono::hours(1));
    EXPECT_EQ(world.sync().source.deleted, 0u);
    world.sync();
    world.expect_each_once(foreign);
    world.expect_nothing_is_nowhere();
    world.loop.advance(std::chrono::hours(1));
    EXPECT_EQ(world.sync().source.deleted, 6u);
    world.expect_each_once(foreign);
  }
}

TEST(TargetBack, WhatWasDeletedAtTheSourceAndIsLostIsSaid) {
  RestoredTarget world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, 6u);
  world.sync();
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  const auto report = world.sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("as far as the source has it"));
  EXPECT_THAT(report.problems[1].to_string(), ::testing::HasSubstr("lost 3 messages that were deleted at the source"));
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
}

TEST(TargetBack, WhatWasDeletedAtTheSourceAndStoodInAMailboxThatIsMadeAnewIsSaid) {
  RestoredTarget world([](World& w) { w.options.delete_source = std::chrono::hours(1); });
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, 6u);
  world.sync();
  world.target.remove("INBOX");
  world.target.create("INBOX");
  world.source.append("INBOX", mail("new"));
  const auto report = world.sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("made anew; 6 messages that stood in it"));
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
}

TEST(TargetBack, AllThatShareAMailboxAreCompared) {
  RestoredTarget world([](World& w) {
    w.options.maps = [](std::string_view name, char) {
      return name == "Other" ? std::optional<std::string>("INBOX") : std::nullopt;
    };
    w.options.merges = [](std::string_view, char) { return true; };
    w.source.create("Other");
  });
  for (int i = 0; i < 3; ++i) world.source.append("Other", mail("other" + std::to_string(i)));
  world.sync();
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  EXPECT_EQ(world.sync().state, PassReport::State::attention);
  world.sync();
  world.expect_each_once(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.count(world.target, mail("other" + std::to_string(i))), 1u) << i;
  const auto last = world.sync();
  EXPECT_EQ(last.state, PassReport::State::ok) << last.problems.front().to_string();
}

TEST(TargetBack, AMoveOutOfItWaitsUntilItIsComparedAndHoldsUpNoMail) {
  for (const sync::Deletes deletes : {sync::Deletes::mirror, sync::Deletes::trash}) {
    for (const bool shared : {false, true}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(deletes)) + (shared ? " shared" : ""));
      RestoredTarget world([&](World& w) {
        w.options.deletes = deletes;
        w.source.create("Archive");
        if (!shared) return;
        w.options.maps = [](std::string_view name, char) {
          return name == "Other" ? std::optional<std::string>("INBOX") : std::nullopt;
        };
        w.options.merges = [](std::string_view, char) { return true; };
        w.source.create("Other");
        w.source.append("Other", mail("other"));
      });
      world.restore(0);
      world.source.move("INBOX", Uid(2), "Archive");
      world.source.append("Archive", mail("new"));
      const auto report = world.sync();
      EXPECT_EQ(report.state, PassReport::State::attention);
      EXPECT_EQ(world.count(world.target, mail("m1"), "Archive"), 1u);
      EXPECT_EQ(world.count(world.target, mail("new"), "Archive"), 1u);
      for (int pass = 0; pass < 2; ++pass) world.sync();
      world.expect_each_once(0, {1});
      EXPECT_EQ(world.target.box("Archive").messages.size(), 2u);
      if (shared) EXPECT_EQ(world.count(world.target, mail("other")), 1u);
      EXPECT_EQ(world.sync().state, PassReport::State::ok);
    }
  }
}

TEST(TargetBack, FlagsThatItLostAreNobodysChange) {
  RestoredTarget world([](World& w) { w.options.flags = sync::FlagMode::two_way; });
  for (int i = 1; i <= RestoredTarget::kAll; ++i)
    world.source.box("INBOX").store(Uid(static_cast<std::uint32_t>(i)), {"\\Seen"});
  world.sync();
  world.sync();
  world.restore(2);
  world.source.append("INBOX", mail("new"));
  for (int pass = 0; pass < 3; ++pass) world.sync();
  world.expect_each_once(2);
  for (const auto& [uid, message] : world.source.box("INBOX").messages) {
    EXPECT_EQ(message.flags.contains("\\Seen"), uid.value() <= RestoredTarget::kAll) << uid.value();
  }
}

TEST(TargetBack, AMessageThatAPersonRemovedThereIsNotSentAgain) {
  RestoredTarget world;
  world.backup.expunge(Uid(2));
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  world.sync();
  world.expect_each_once(1, {1});
}

TEST(TargetBack, AnInterruptionAnywhereLosesAndDoublesNothing) {
  int interrupted = 0;
  for (const bool clears : {false, true}) {
    for (std::uint64_t call = 1; call <= 60; ++call) {
      for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before}) {
        SCOPED_TRACE("call " + std::to_string(call) + " fault " + std::to_string(static_cast<int>(fault)));
        RestoredTarget world([clears](World& w) {
          if (clears) w.options.delete_source = std::chrono::hours(1);
        });
        world.restore(2);
        world.source.append("INBOX", mail("new"));
        world.loop.advance(std::chrono::hours(1));
        world.faults.at(call, fault);
        if (!world.sync_or_die()) ++interrupted;
        world.expect_nothing_is_nowhere();
        world.faults.clear();
        // UIDNEXT may have caught up before anybody looks again. Without delete_source that shows only if it was noted.
        const bool caught_up = clears || world.is_noted();
        for (int i = 2; caught_up && i < 5; ++i)
          world.target.box("INBOX").append(mail("foreign" + std::to_string(i)), {}, {1'700'000'000 + i, 0});
        for (int pass = 0; pass < 3; ++pass) {
          world.loop.advance(std::chrono::hours(1));
          world.sync();
          world.expect_nothing_is_nowhere();
        }
        world.expect_each_once(caught_up ? 5 : 2);
      }
    }
  }
  EXPECT_GE(interrupted, 60);
}

}  // namespace
}  // namespace postern::testing
