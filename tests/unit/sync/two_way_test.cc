// flags: two_way: what people change on the target comes back to the source.

#include "tests/unit/sync/two_way_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

TEST_F(TwoWayTest, WhatIsChangedOnTheTargetIsChangedAtTheSource) {
  fill(4);
  expect_silent();
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  target.box("INBOX").store(Uid(2), {"\\Seen"});
  target.box("INBOX").store(Uid(3), {"$Work", "\\Flagged"});
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.flag_updates, 3u);
  EXPECT_EQ(report.target->flag_updates, 0u);
  EXPECT_EQ(faults.calls_of("writer.store_flags"), 2) << "equal changes are one command";
  expect_both(1, {"\\Seen"});
  expect_both(2, {"\\Seen"});
  expect_both(3, {"$Work", "\\Flagged"});
  expect_both(4, {});
  expect_no_echo();
  target.box("INBOX").store(Uid(1), {});
  EXPECT_EQ(sync().source.flag_updates, 1u);
  expect_both(1, {});
  expect_no_echo();
}

TEST_F(TwoWayTest, ReplayLeavesThemToTheTarget) {
  options.flags = sync::FlagMode::replay;
  fill(1);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  sync();
  EXPECT_EQ(source_flags(1), FlagSet());
  EXPECT_EQ(faults.calls_of("target.connect"), 0);
}

/// Each state that one flag can have: agreed, at the source, on the target.
TEST_F(TwoWayTest, EveryCombinationComesToTheMergesResult) {
  fill(8);
  for (std::uint32_t uid = 5; uid <= 8; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  settle();
  const auto set = [](ModelMailbox& box, std::uint32_t uid, bool seen) {
    if (box.messages.at(Uid(uid)).flags.contains("\\Seen") == seen) return;
    box.store(Uid(uid), seen ? FlagSet{"\\Seen"} : FlagSet{});
  };
  for (std::uint32_t i = 0; i < 8; ++i) {
    set(source.box("INBOX"), i + 1, (i & 2) != 0);
    set(target.box("INBOX"), i + 1, (i & 1) != 0);
  }
  EXPECT_EQ(sync().state, PassReport::State::ok);
  for (std::uint32_t i = 0; i < 8; ++i) {
    const bool agreed = (i & 4) != 0, at_source = (i & 2) != 0, on_target = (i & 1) != 0;
    const bool wanted = at_source == agreed ? on_target : at_source;
    expect_both(i + 1, wanted ? FlagSet{"\\Seen"} : FlagSet{});
  }
  expect_no_echo();
}

TEST_F(TwoWayTest, BothSidesOfOneMessageAreMerged) {
  fill(1);
  source.box("INBOX").store(Uid(1), {"\\Seen", "$Work"});
  settle();
  source.box("INBOX").store(Uid(1), {"\\Seen", "\\Flagged"});
  target.box("INBOX").store(Uid(1), {"$Work", "\\Answered"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_both(1, {"\\Flagged", "\\Answered"});
  expect_no_echo();
}

TEST_F(TwoWayTest, AnAdoptedMessageHasTheUnion) {
  source.append("INBOX", mail("m"), {"\\Seen"});
  target.append("INBOX", mail("m"), {"\\Flagged"});
  target.append("INBOX", mail("the target's own"), {"\\Draft"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_both(1, {"\\Seen", "\\Flagged"});
  expect_no_echo();
}

TEST_F(TwoWayTest, WhereItIsTurnedOnNothingIsTakenAwayAtTheSource) {
  options.flags = sync::FlagMode::replay;
  fill(2);
  source.box("INBOX").store(Uid(1), {"\\Seen", "$Work"});
  settle();
  target.box("INBOX").store(Uid(1), {"\\Flagged"});
  options.flags = sync::FlagMode::two_way;
  sync();
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen", "$Work", "\\Flagged"}));
  sync();
  expect_both(1, {"\\Seen", "$Work", "\\Flagged"});
  expect_no_echo();
}

TEST_F(TwoWayTest, WithoutCondstoreFlagsAreReadAtIntervals) {
  source.quirks.condstore = source.quirks.qresync = target.quirks.condstore = false;
  fill(2);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  expect_silent();
  loop.advance(std::chrono::hours(2));
  EXPECT_EQ(sync().source.flag_updates, 1u);
  expect_both(1, {"\\Seen"});
  sync();
  expect_silent();
}

TEST_F(TwoWayTest, WhatChangedAtTheSourceMeanwhileIsMergedAgain) {
  fill(2);
  for (std::uint32_t uid : {1u, 2u}) target.box("INBOX").store(Uid(uid), {"\\Seen"});
  before_store_at_source([this] { source.box("INBOX").store(Uid(1), {"\\Flagged"}); });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  faults.clear();
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Flagged", "\\Seen"}));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_both(1, {"\\Flagged", "\\Seen"});
  expect_both(2, {"\\Seen"});
}

TEST_F(TwoWayTest, ASourceThatSaysModifiedForEverIsToldInTheEnd) {
  fill(1);
  source.quirks.always_modified = true;
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("writer.store_flags"), 4);
  expect_both(1, {"\\Seen"});
  expect_no_echo();
}

TEST_F(TwoWayTest, DeletedIsNoFlagForTheSource) {
  options.deletes = sync::Deletes::mirror;
  fill(2);
  target.box("INBOX").store(Uid(1), {"\\Deleted"});
  target.box("INBOX").expunge(Uid(2));
  sync();
  EXPECT_EQ(source_flags(1), FlagSet());
  EXPECT_EQ(source.box("INBOX").messages.size(), 2u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 1u) << "what a person deletes there stays deleted";
  expect_no_echo();
}

TEST_F(TwoWayTest, WhatTheSourceCannotKeepStaysOnTheTarget) {
  fill(2);
  source.quirks.permanent_flags = FlagSet{"\\Seen"};
  target.box("INBOX").store(Uid(1), {"$Work", "\\Seen"});
  target.box("INBOX").store(Uid(2), {"$Work"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen"}));
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"$Work", "\\Seen"}));
  expect_no_echo();
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"$Work"}));
}

TEST_F(TwoWayTest, WhatTheSourceRefusesOrDropsIsReportedOnce) {
  fill(3);
  source.quirks.store_refuses = "$Odd";
  source.quirks.store_drops = {"$Lost"};
  target.box("INBOX").store(Uid(1), {"$Odd", "\\Seen"});
  target.box("INBOX").store(Uid(2), {"$Lost"});
  target.box("INBOX").store(Uid(3), {"\\Flagged"});
  const auto report = sync();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("flags of 2 messages: $Lost $Odd"));
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen"}));
  expect_both(3, {"\\Flagged"});
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"$Odd", "\\Seen"})) << "nothing is taken away";
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"$Lost"}));
  expect_no_echo();
}

TEST_F(TwoWayTest, KeywordsComeBackInTheSourcesWords) {
  options.keywords = sync::KeywordMap({{"$Label1", "Important"}, {"$Label2", "Important"}, {"$Private", ""}});
  fill(3);
  source.box("INBOX").store(Uid(2), {"$Label2", "$Private"});
  settle();
  ASSERT_EQ(target_flags("INBOX", 2), (FlagSet{"Important"}));
  target.box("INBOX").store(Uid(1), {"Important", "\\Seen"});
  target.box("INBOX").store(Uid(2), {"\\Flagged"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source_flags(1), (FlagSet{"$Label1", "\\Seen"}));
  EXPECT_EQ(source_flags(2), (FlagSet{"$Private", "\\Flagged"}));
  expect_no_echo();
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"Important", "\\Seen"}));
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"\\Flagged"}));
}

TEST_F(TwoWayTest, WhatTheTargetDropsIsNoChangeOfAPersons) {
  target.quirks.store_drops = target.quirks.append_drops = {"$Lost"};
  fill(2);
  source.box("INBOX").store(Uid(1), {"$Lost", "\\Seen"});
  source.append("INBOX", mail("new"), {"$Lost"});
  sync();
  restart_counts();
  sync();
  target.box("INBOX").store(Uid(1), {"\\Seen", "\\Flagged"});
  target.box("INBOX").store(Uid(3), {"\\Flagged"});
  sync();
  EXPECT_EQ(source_flags(1), (FlagSet{"$Lost", "\\Seen", "\\Flagged"}));
  EXPECT_EQ(source_flags(3), (FlagSet{"$Lost", "\\Flagged"}));
}

TEST_F(TwoWayTest, KeywordsThatAnAppendWasRefusedForStayAtTheSource) {
  target.quirks.refuses_keyword = "$Odd";
  source.append("INBOX", mail("m"), {"$Odd", "\\Seen"});
  sync();
  sync();
  target.box("INBOX").store(Uid(1), {});
  sync();
  EXPECT_EQ(source_flags(1), (FlagSet{"$Odd"}));
}

TEST_F(TwoWayTest, AMessageThatIsGoneAtTheSourceIsLeftOut) {
  fill(3);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  target.box("INBOX").store(Uid(2), {"\\Seen"});
  target.box("INBOX").store(Uid(3), {"\\Seen"});
  source.box("INBOX").expunge(Uid(1));
  before_store_at_source([this] { source.box("INBOX").expunge(Uid(2)); });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  faults.clear();
  expect_both(3, {"\\Seen"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source.box("INBOX").messages.size(), 1u);
}

TEST_F(TwoWayTest, ASourceThatMayOnlyBeReadIsReported) {
  fill(1);
  source.quirks.read_only = true;
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  const auto report = sync();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("for reading only"));
  source.quirks.read_only = false;
  EXPECT_EQ(sync().source.flag_updates, 1u) << "it was not forgotten";
  expect_both(1, {"\\Seen"});
}

TEST_F(TwoWayTest, AnotherAccountIsNotWrittenTo) {
  options.origin = "alice@old";
  fill(1);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  options.origin = "bob@old";
  const auto report = sync();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(source.mutations, 0u);
  options.origin = "alice@old";
  EXPECT_EQ(sync().source.flag_updates, 1u);
}

TEST_F(TwoWayTest, AMailboxMadeAnewAtTheSourceIsNotWrittenToUnderOldUids) {
  fill(2);
  target.box("INBOX").store(Uid(2), {"\\Seen"});
  faults.choose([this, done = false](std::string_view call) mutable {
    if (call == "writer.open" && !std::exchange(done, true)) {
      source.box("INBOX").expunge(Uid(1));
      source.renumber("INBOX");
    }
    return Fault::none;
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  faults.clear();
  EXPECT_EQ(source_flags(1), FlagSet());
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen"})) << "under its new UID";
}

TEST_F(TwoWayTest, APassThatOnlyReplaysDoesNotWriteToTheSource) {
  fill(1);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  options.pull = false;
  sync();
  EXPECT_EQ(faults.calls_of("writer.connect"), 0);
  options.pull = true;
  EXPECT_EQ(sync().source.flag_updates, 1u);
}

TEST_F(TwoWayTest, ManyChangesAreFewCommands) {
  fill(10'000);
  for (std::uint32_t uid = 1; uid <= 10'000; ++uid) target.box("INBOX").store(Uid(uid), {"\\Seen"});
  const auto report = sync();
  EXPECT_EQ(report.source.flag_updates, 10'000u);
  EXPECT_LE(faults.calls_of("writer.store_flags"), 10);
  EXPECT_LE(faults.calls_of("target.flags"), 1);
  expect_no_echo();
}

TEST_F(LostTwoWayTest, WhatWasNotCarriedOutIsToldAgain) {
  lose(Fault::killed_before);
  expect_end({"\\Seen"});
}

TEST_F(LostTwoWayTest, WhatWasCarriedOutIsNoNews) {
  lose(Fault::killed_after);
  expect_end({"\\Seen"});
}

TEST_F(LostTwoWayTest, APersonWhoChangesTheTargetBackIsFollowed) {
  lose(Fault::killed_after);
  target.box("INBOX").store(Uid(1), {});
  expect_end({});
}

TEST_F(LostTwoWayTest, APersonWhoChangesTheSourceBackIsFollowed) {
  lose(Fault::killed_after);
  source.box("INBOX").store(Uid(1), {});
  expect_end({});
}

TEST_F(LostTwoWayTest, WithoutCondstoreAPersonWhoChangesTheTargetBackIsFollowed) {
  source.quirks.condstore = source.quirks.qresync = target.quirks.condstore = false;
  options.flag_sweep = std::chrono::seconds(0);
  fill(2);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  faults.at("writer.store_flags", 1, Fault::killed_after);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  target.box("INBOX").store(Uid(1), {});
  sync();
  sync();
  expect_both(1, {});
}

TEST_F(LostTwoWayTest, BetweenTheVaultAndTheBindingsNothingIsForgotten) {
  fill(2);
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  faults.at("vault.commit", 1, Fault::killed_after);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  ASSERT_EQ(flags_in_vault(1), (FlagSet{"\\Seen"}));
  target.box("INBOX").store(Uid(1), {});
  expect_end({});
}

}  // namespace
}  // namespace postern::testing
