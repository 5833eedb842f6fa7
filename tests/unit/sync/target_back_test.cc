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

/// All six are on the target alone, for Postern has deleted them at the source.
struct ClearedSource : RestoredTarget {
  explicit ClearedSource(const std::function<void(World&)>& prepare = [](World&) {})
      : RestoredTarget([&](World& world) {
          world.options.delete_source = std::chrono::hours(1);
          prepare(world);
        }) {
    loop.advance(std::chrono::hours(2));
    EXPECT_EQ(sync().source.deleted, std::size_t{kAll});
    sync();
  }
  void expect_quiet() {
    restart_counts();
    EXPECT_EQ(sync().state, PassReport::State::ok);
    EXPECT_EQ(vault.writes + target.mutations, 0u);
  }
};

TEST(TargetBack, WhatWasDeletedAtTheSourceAndIsLostIsSentAgain) {
  for (const int foreign : {0, 1, 2}) {
    SCOPED_TRACE(foreign);
    ClearedSource world;
    for (int times = 0; times < 2; ++times) {
      world.restore(foreign);
      world.source.append("INBOX", mail("new" + std::to_string(times)));
      EXPECT_EQ(world.sync().problems.size(), 1u);
      world.expect_each_once(foreign);
      EXPECT_EQ(world.vault.audit.size(), std::size_t{RestoredTarget::kAll}) << "deleted at the source once";
      world.sync();
      world.expect_quiet();
    }
    for (const auto& [uid, message] : world.target.box("INBOX").messages)
      EXPECT_FALSE(message.flags.contains("\\Deleted")) << uid.value();
  }
}

TEST(TargetBack, WhatVanishedAtTheSourceAndIsKeptIsSentAgainToo) {
  for (const sync::Deletes deletes : {sync::Deletes::keep, sync::Deletes::mirror}) {
    RestoredTarget world([deletes](World& w) { w.options.deletes = deletes; });
    for (const std::uint32_t uid : {2u, 5u}) world.source.box("INBOX").expunge(Uid(uid));
    world.sync();
    world.restore(2);
    world.source.append("INBOX", mail("new"));
    const bool kept = deletes == sync::Deletes::keep;
    EXPECT_EQ(world.sync().problems.size(), 1u);
    for (int pass = 0; pass < 2; ++pass) world.sync();
    EXPECT_EQ(world.count(world.target, mail("m4")), kept ? 1u : 0u);
    for (const char* one : {"m0", "m2", "m3", "m5", "new"}) EXPECT_EQ(world.count(world.target, mail(one)), 1u) << one;
    world.restart_counts();
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(world.vault.writes + world.target.mutations, 0u);
  }
}

TEST(TargetBack, WhatWasDeletedAtTheSourceAndIsRefusedFirstIsSentWhenItIsTriedAgain) {
  ClearedSource world;
  world.restore(0);
  world.source.append("INBOX", mail("new"));
  world.target.quirks.append_limit = 1;
  world.sync();
  world.target.quirks.append_limit.reset();
  for (int pass = 0; pass < 3; ++pass) {
    world.loop.advance(std::chrono::hours(24 * 8));
    world.sync();
  }
  world.expect_each_once(0);
}

TEST(TargetBack, WhatIsBackAtTheSourceHasItsGraceAnew) {
  ClearedSource world;
  world.restore(0);
  ModelMailbox& inbox = world.source.box("INBOX");
  for (int i = 0; i < RestoredTarget::kAll; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
  inbox.uidvalidity = UidValidity(inbox.uidvalidity.value() + 100);
  EXPECT_EQ(world.sync().source.deleted, 0u);
  world.sync();
  world.expect_each_once(0);
  world.expect_nothing_is_nowhere();
}

TEST(TargetBack, WhatWasDeletedAtTheSourceIsFoundInAMailboxOfAnotherUidvalidityAndFollowedThere) {
  ClearedSource world;
  ModelMailbox& inbox = world.target.box("INBOX");
  inbox.uidvalidity = UidValidity(inbox.uidvalidity.value() + 100);
  world.backup.uidvalidity = inbox.uidvalidity;
  world.source.append("INBOX", mail("new"));
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  world.expect_each_once(0);
  world.restore(2);
  world.source.append("INBOX", mail("newer"));
  world.sync();
  world.expect_each_once(2);
}

TEST(TargetBack, WhatWasDeletedAtTheSourceAndStoodInAMailboxThatIsMadeAnewIsSaid) {
  ClearedSource world;
  world.target.remove("INBOX");
  world.target.create("INBOX");
  world.source.append("INBOX", mail("new"));
  const auto report = world.sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0].to_string(),
              ::testing::HasSubstr("lacks 6 messages that the source does not have either"));
  world.expect_quiet();
}

TEST(TargetBack, EachThatSharesAMailboxGetsItsOwnDeletedMailBack) {
  ClearedSource world([](World& w) { merge_other_into_inbox(w); });
  for (int i = 0; i < 3; ++i) world.source.append("Other", mail("other" + std::to_string(i)));
  for (int pass = 0; pass < 3; ++pass) {
    world.sync();
    world.loop.advance(std::chrono::hours(2));
  }
  EXPECT_TRUE(world.source.box("Other").messages.empty());
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  for (int pass = 0; pass < 2; ++pass) world.sync();
  world.expect_each_once(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.count(world.target, mail("other" + std::to_string(i))), 1u) << i;
}

TEST(TargetBack, AnInterruptionAnywhereLosesNothingThatWasDeletedAtTheSource) {
  int interrupted = 0;
  const std::vector<std::function<void(Quirks&)>> targets = {
      [](auto&) {},
      [](auto& quirks) { quirks.uidplus = false; },
      [](auto& quirks) { quirks.wrong_appenduid = true; },
      [](auto& quirks) { quirks.same_appenduid = true; },
      [](auto& quirks) { quirks.multiappend = false; },
  };
  for (std::size_t kind = 0; kind < targets.size(); ++kind) {
    for (std::uint64_t call = 1; call <= 60; ++call) {
      for (const Fault fault :
           {Fault::killed_before, Fault::killed_after, Fault::cut_before, Fault::cut_after, Fault::cut_late}) {
        SCOPED_TRACE("target " + std::to_string(kind) + " call " + std::to_string(call) + " fault " +
                     std::to_string(static_cast<int>(fault)));
        ClearedSource world;
        world.restore(2);
        targets[kind](world.target.quirks);
        world.source.append("INBOX", mail("new"));
        world.faults.at(call, fault);
        if (!world.sync_or_die()) ++interrupted;
        world.faults.clear();
        for (int pass = 0; pass < 3; ++pass) {
          world.loop.advance(std::chrono::hours(1));
          world.sync();
        }
        world.expect_each_once(2);
        world.expect_quiet();
      }
    }
  }
  EXPECT_GE(interrupted, 60);
}

TEST(TargetBack, ATargetThatSwallowsAtFirstGetsWhatWasDeletedAtTheSourceLater) {
  ClearedSource world;
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  world.target.quirks.swallows = true;
  world.sync();
  world.sync();
  world.target.quirks.swallows = false;
  for (int pass = 0; pass < 3; ++pass) {
    world.loop.advance(std::chrono::hours(24 * 8));
    world.sync();
  }
  world.expect_each_once(1);
}

TEST(TargetBack, ALateAnswerOfWhatWasDeletedAtTheSourceIsFoundAndNotSentOnceMore) {
  int appends = 0;
  for (int n = 1; appends < 2; ++n) {
    SCOPED_TRACE(n);
    ClearedSource world;
    world.restore(1);
    world.source.append("INBOX", mail("new"));
    world.options.settle = std::chrono::seconds(5);
    appends = 0;
    world.faults.choose([&appends, n, writes = 0](std::string_view call) mutable {
      if (call == "target.append" && ++appends == 1) return Fault::cut_late;
      if (appends == 0 || !call.starts_with("vault.")) return Fault::none;
      return ++writes == n ? Fault::killed_after : Fault::none;
    });
    world.sync_or_die();
    world.faults.clear();
    world.loop.advance(std::chrono::minutes(2));
    for (int pass = 0; pass < 2; ++pass) world.sync();
    if (appends == 1) world.expect_each_once(1);
    EXPECT_TRUE(n > 2 || appends == 1) << "killed before it is sent once more";
  }
}

TEST(TargetBack, WhatWasDeletedAtTheSourceWaitsForRoom) {
  ClearedSource world;
  world.restore(1);
  world.source.append("INBOX", mail("new"));
  world.target.quirks.quota = {.octets = 0, .messages = 5};
  for (int pass = 0; pass < 3; ++pass) world.sync();
  world.target.quirks.quota.reset();
  for (int pass = 0; pass < 3; ++pass) {
    world.loop.advance(std::chrono::hours(24 * 8));
    world.sync();
  }
  world.expect_each_once(1);
}

TEST(TargetBack, AllThatShareAMailboxAreCompared) {
  RestoredTarget world([](World& w) { merge_other_into_inbox(w); });
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
        merge_other_into_inbox(w);
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
