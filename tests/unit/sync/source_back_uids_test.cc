// A source that was restored from a backup under the same UIDVALIDITY: what stands under UIDs that are held, and what
// is gone from under them.

#include "tests/unit/sync/restored_source.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// Thirty-six messages, of which a backup has the first thirty-three and a person has deleted the last: the guard's
/// other limits have nothing to say.
struct LargeSource : World {
  static constexpr std::uint32_t kBefore = 33, kAll = 36;

  ModelMailbox backup;

  LargeSource() {
    options.deletes = sync::Deletes::mirror;
    for (std::uint32_t i = 0; i < kBefore; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    backup = source.box("INBOX");
    for (std::uint32_t i = kBefore; i < kAll; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    source.box("INBOX").expunge(Uid(kAll));
    sync();
  }
  /// And has given UIDs to new mail since.
  void restore(int arrived) {
    ModelMailbox& inbox = source.box("INBOX");
    inbox = backup;
    const MailboxId id = vault.mailbox("INBOX")->id;
    for (int i = 0; i < arrived; ++i) {
      vault.by_reuse.insert({id, inbox.uidvalidity, Uid(inbox.uidnext)});  // may be fetched again
      inbox.append(mail("x" + std::to_string(i)), {}, {1'800'000'000 + i, 0});
    }
  }
  void expect_target_has_all() {
    for (std::uint32_t i = 0; i < kAll; ++i)
      EXPECT_EQ(RestoredSource::count(target, mail("m" + std::to_string(i))), i == kAll - 1 ? 0u : 1u) << "m" << i;
  }
};

TEST(SourceBackUids, ANewMessageThatDoesNotComeAtOnceIsAskedForAgain) {
  for (const bool refused : {true, false}) {
    SCOPED_TRACE(refused ? "refused" : "listed and not handed out");
    RestoredSource world([](World& w) { w.options.deletes = sync::Deletes::mirror; });
    world.restore();
    world.arrive(2);
    (refused ? world.source.quirks.refused : world.source.quirks.ghosts).add(Uid(4));
    const auto report = world.sync();
    EXPECT_EQ(report.quarantined, 1u);
    EXPECT_EQ(world.count(world.target, mail("x1")), 1u);
    world.source.quirks.refused = world.source.quirks.ghosts = UidSet();
    EXPECT_EQ(world.sync().quarantined, 1u) << "not before its time";
    world.loop.advance(std::chrono::hours(1));
    EXPECT_EQ(world.sync().quarantined, 0u);
    world.expect_arrived_is_held();
    world.expect_target_keeps_all();
  }
}

TEST(SourceBackUids, WhatVanishesBeforeItIsFetchedTakesNothingFromTheTarget) {
  LargeSource world;
  world.restore(2);
  world.faults.choose([&world](std::string_view call) {
    if (call == "source.fetch") world.source.box("INBOX").expunge(Uid(34));
    return Fault::none;
  });
  world.sync();
  world.faults.clear();
  for (int pass = 0; pass < 2; ++pass) EXPECT_EQ(world.sync().target->held, 1u);
  world.expect_target_has_all();
}

TEST(SourceBackUids, WhatCameAnewAndHasGoneTakesNothingFromTheTarget) {
  LargeSource world;
  world.restore(2);
  world.source.box("INBOX").expunge(Uid(35));
  for (int pass = 0; pass < 2; ++pass) EXPECT_EQ(world.sync().target->held, 1u);
  world.expect_target_has_all();
}

/// A backup may bring other dates, and some servers state sizes wrongly: then each message is fetched, and proves to be
/// the one that is held.
TEST(SourceBackUids, FlagsStayOnTheTargetThoughTheSourceStatesOtherDatesOrSizes) {
  for (const bool dates : {true, false}) {
    SCOPED_TRACE(dates ? "dates" : "sizes");
    RestoredSource world([dates](World& w) { w.source.quirks.size_lie = dates ? 0 : 2; });
    ModelMailbox& inbox = world.source.box("INBOX");
    for (std::uint32_t uid = 1; uid <= RestoredSource::kBefore; ++uid) inbox.store(Uid(uid), {"\\Seen"});
    world.sync();
    world.restore();
    for (auto& [uid, message] : inbox.messages) {
      if (dates) message.date = {1'750'000'000, 0};
      world.vault.by_reuse.insert({world.vault.mailbox("INBOX")->id, inbox.uidvalidity, uid});  // may be fetched again
    }
    inbox.store(Uid(2), {"\\Flagged"});
    const auto report = world.sync();
    EXPECT_TRUE(std::any_of(report.problems.begin(), report.problems.end(), [](const Error& one) {
      return one.to_string().find("3 messages lost \\Seen") != std::string::npos;
    }));
    for (int pass = 0; pass < 2; ++pass) {
      const auto& there = world.target.box("INBOX").messages;
      EXPECT_EQ(there.at(Uid(1)).flags, (FlagSet{"\\Seen"}));
      EXPECT_EQ(there.at(Uid(2)).flags, (FlagSet{"\\Seen", "\\Flagged"}));
      world.sync();
    }
  }
}

/// What has another message's UID took its flags along, and those of the newer one are nobody's loss.
TEST(SourceBackUids, FlagsOfAMessageThatIsGoneAreNotCountedAsLost) {
  RestoredSource world;
  world.source.box("INBOX").store(Uid(4), {"\\Seen"});
  world.sync();
  world.restore();
  world.arrive(2);
  for (const Error& one : world.sync().problems)
    EXPECT_THAT(one.to_string(), ::testing::Not(::testing::HasSubstr("messages lost")));
  world.expect_arrived_is_held();
  world.expect_target_keeps_all();
  EXPECT_TRUE(world.target.box("INBOX").messages.at(Uid(4)).flags.contains("\\Seen"));
}

TEST(SourceBackUids, WhatTheTargetWouldNotHaveOfTheOlderMessageHoldsTheNewerNotUp) {
  RestoredSource world([](World& w) { w.target.quirks.refuses_text = "m3"; });
  world.restore();
  world.arrive(1);
  EXPECT_EQ(world.sync().quarantined, 0u);
  world.expect_arrived_is_held();
}

/// Of a server that shows the newest messages alone nothing is inferred of those below them.
TEST(SourceBackUids, WhatIsOutOfViewIsNotTakenForGone) {
  for (const bool condstore : {true, false}) {
    RestoredSource world([condstore](World& w) {
      w.options.deletes = sync::Deletes::mirror;
      w.source.quirks.condstore = w.source.quirks.qresync = condstore;
    });
    world.restore();
    world.source.quirks.view = 2;
    world.arrive(1);
    const auto report = world.sync();
    EXPECT_EQ(report.quarantined, 0u);
    EXPECT_EQ(world.vault.present("INBOX").size(), 4u) << "m0 to m2 and the one that came";
    EXPECT_FALSE(world.is_to_be_compared());
    world.expect_arrived_is_held();
    world.expect_target_keeps_all();
    world.source.quirks.view = 0;
    world.sync();
    EXPECT_EQ(world.vault.present("INBOX").size(), 4u);
  }
}

/// With two_way a person marked m4 on the target; under its UID the source has other mail now.
struct RestoredTwoWay : RestoredSource {
  RestoredTwoWay() : RestoredSource([](World& w) { w.options.flags = sync::FlagMode::two_way; }) {
    sync();
    target.box("INBOX").store(Uid(5), {"\\Flagged"});
  }
  void cut_comparison() {
    faults.choose([](std::string_view call) { return call == "source.uids" ? Fault::cut_before : Fault::none; });
  }
  void expect_nothing_was_written() {
    for (const auto& [uid, message] : source.box("INBOX").messages)
      EXPECT_EQ(message.flags, FlagSet()) << "UID " << uid.value();
  }
  void expect_settled() {
    for (int pass = 0; pass < 3; ++pass) sync();
    expect_nothing_was_written();
    expect_arrived_is_held();
    expect_target_keeps_all();
    EXPECT_EQ(target.box("INBOX").messages.at(Uid(5)).flags, (FlagSet{"\\Flagged"}));
    EXPECT_TRUE(vault.targets.begin()->second.store_intents.empty());
    EXPECT_EQ(sync().state, PassReport::State::ok);
  }
};

TEST(SourceBackUids, NoFlagIsWrittenToAnothersMessage) {
  RestoredTwoWay world;
  world.faults.choose([&world](std::string_view call) {
    if (call == "writer.open" && world.arrived == 0) {
      world.restore();
      world.arrive(2);
    }
    return Fault::none;
  });
  EXPECT_EQ(world.sync().state, PassReport::State::attention);
  EXPECT_EQ(world.arrived, 2);
  world.faults.clear();
  world.expect_nothing_was_written();
  EXPECT_TRUE(world.is_to_be_compared());
  world.expect_settled();
}

TEST(SourceBackUids, NoFlagIsWrittenWhileTheComparisonIsDue) {
  RestoredTwoWay world;
  world.restore();
  world.arrive(2);
  world.cut_comparison();
  world.sync();
  world.arrive(2);
  world.sync();
  EXPECT_TRUE(world.is_to_be_compared());
  world.expect_nothing_was_written();
  world.faults.clear();
  world.expect_settled();
}

/// A STORE there whose answer was lost cannot be told from what another message shows.
TEST(SourceBackUids, AStoreThatIsOpenWaitsForTheComparison) {
  RestoredTwoWay world;
  world.faults.at("writer.store_flags", 1, Fault::killed_before);
  ASSERT_FALSE(world.sync_or_die());
  world.faults.clear();
  world.restore();
  world.arrive(2);
  world.source.box("INBOX").store(Uid(5), {"\\Answered"});
  world.cut_comparison();
  EXPECT_EQ(world.sync().state, PassReport::State::attention);
  EXPECT_EQ(world.target.box("INBOX").messages.at(Uid(5)).flags, (FlagSet{"\\Flagged"}));
  world.faults.clear();
  world.source.box("INBOX").store(Uid(5), {});
  world.expect_settled();
}

}  // namespace
}  // namespace postern::testing
