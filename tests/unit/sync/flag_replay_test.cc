// Flag changes on their way to a target.

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

class FlagReplayTest : public PassTest {
 protected:
  /// `count` messages in both INBOXes.
  void fill(int count) {
    for (int i = 0; i < count; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    restart_counts();
  }
  /// A person on the target, in the moment before the first STORE is carried out.
  void before_first_store(std::function<void()> act) {
    faults.choose([act = std::move(act), done = false](std::string_view call) mutable {
      if (call == "target.store" && !std::exchange(done, true)) act();
      return Fault::none;
    });
  }
};

TEST_F(FlagReplayTest, TenThousandChangesTakeTwentyCommandsAtMost) {
  fill(10'000);
  for (std::uint32_t uid = 1; uid <= 10'000; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  const auto report = sync();
  EXPECT_EQ(report.target->flag_updates, 10'000u);
  EXPECT_LE(report.target->commands, 20u);
  EXPECT_GE(faults.calls_of("target.store"), 10) << "a thousand a command";
  expect_in_step();
  expect_quiet();
}

TEST_F(FlagReplayTest, ChangesAreToldBeforeAllAreGathered) {
  constexpr std::uint32_t kMany = 45'000;
  fill(kMany);
  for (std::uint32_t uid = 1; uid <= kMany; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  faults.at("target.store", 21, Fault::killed_before);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  restart_counts();
  EXPECT_EQ(sync().target->flag_updates, kMany - 20'000) << "the first ones were durable";
  EXPECT_EQ(faults.calls_of("target.store"), 25);
  expect_in_step();
}

TEST_F(FlagReplayTest, AMessageThatChangedSinceTheMailboxWasOpenedIsMergedAgain) {
  fill(3);
  for (std::uint32_t uid = 1; uid <= 3; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  before_first_store([this] {
    target.box("INBOX").store(Uid(1), {"\\Flagged"});
    target.box("INBOX").store(Uid(2), {"\\Seen", "$Mine"});
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen", "\\Flagged"}));
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"\\Seen", "$Mine"}));
  EXPECT_EQ(target_flags("INBOX", 3), (FlagSet{"\\Seen"}));
  EXPECT_EQ(faults.calls_of("target.flags"), 1);
  EXPECT_EQ(faults.calls_of("target.store"), 2) << "of the second message nothing was left to say";
  expect_quiet();
}

TEST_F(FlagReplayTest, AMessageThatWentMeanwhileIsLeftOut) {
  fill(2);
  for (std::uint32_t uid = 1; uid <= 2; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  before_first_store([this] {
    target.quirks.always_modified = true;
    target.box("INBOX").expunge(Uid(1));
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"\\Seen"}));
  expect_quiet();
}

TEST_F(FlagReplayTest, AServerThatSaysModifiedForEverIsToldInTheEnd) {
  fill(3);
  target.quirks.always_modified = true;
  for (std::uint32_t uid = 1; uid <= 3; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.store"), 4);
  expect_in_step();
  expect_quiet();
}

TEST_F(FlagReplayTest, WithoutCondstoreFlagsAreSetWithoutACondition) {
  target.quirks.condstore = false;
  fill(2);
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  before_first_store([this] { target.box("INBOX").store(Uid(1), {"$Mine"}); });
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen", "$Mine"}));
  EXPECT_EQ(faults.calls_of("target.flags"), 0);
}

class RefusedStoreTest : public FlagReplayTest {
 protected:
  void change(std::uint32_t first, std::uint32_t last, const FlagSet& flags) {
    for (std::uint32_t uid = first; uid <= last; ++uid) source.box("INBOX").store(Uid(uid), flags);
  }
  /// The mailbox is done but for what its one problem names.
  void expect_reported(const PassReport& report, const std::string& what) {
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().to_string(),
                ::testing::AllOf(::testing::HasSubstr(what), ::testing::HasSubstr("INBOX"),
                                 ::testing::HasSubstr("when its flags change next")));
    EXPECT_TRUE(vault.targets.begin()->second.store_intents.empty());
    EXPECT_EQ(faults.calls_of("target.connect"), 1) << "the connection is as good as before";
    expect_quiet();
  }
};

TEST_F(RefusedStoreTest, AKeywordThatIsRefusedHoldsNothingElseUp) {
  target.quirks.store_refuses = "$Odd";
  fill(6);
  change(1, 2, {"$Odd", "\\Seen"});
  change(3, 4, {"$Odd"});
  change(5, 6, {"$Work"});
  expect_reported(sync(), "flags of 4 messages: $Odd");
  for (const std::uint32_t uid : {1u, 2u}) EXPECT_EQ(target_flags("INBOX", uid), (FlagSet{"\\Seen"}));
  for (const std::uint32_t uid : {3u, 4u}) EXPECT_EQ(target_flags("INBOX", uid), FlagSet());
  for (const std::uint32_t uid : {5u, 6u}) EXPECT_EQ(target_flags("INBOX", uid), (FlagSet{"$Work"}));
}

TEST_F(RefusedStoreTest, WhatWasRefusedIsToldWithTheNextChange) {
  target.quirks.store_refuses = "$Odd";
  fill(1);
  change(1, 1, {"$Odd", "\\Seen"});
  sync();
  target.quirks.store_refuses.clear();
  expect_quiet();
  change(1, 1, {"$Odd", "\\Seen", "\\Flagged"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

TEST_F(RefusedStoreTest, OneMessageThatIsRefusedLeavesTheOtherHalfTold) {
  fill(100);
  target.quirks.store_refuses_uids = {71};
  change(1, 100, {"\\Seen"});
  const auto report = sync();
  EXPECT_LE(faults.calls_of("target.store"), 3);
  expect_reported(report, "flags of 30 messages: \\Seen");
  for (std::uint32_t uid = 1; uid <= 100; ++uid) {
    EXPECT_EQ(target_flags("INBOX", uid), uid < 71 ? FlagSet{"\\Seen"} : FlagSet()) << uid;
  }
  // What came in before NO counts as agreed: a source that goes back is followed.
  change(60, 70, {});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target_flags("INBOX", 65), FlagSet());
}

TEST_F(RefusedStoreTest, FirstContactCompletes) {
  target.quirks.store_refuses = "$Odd";
  source.append("INBOX", mail("m"), {"$Odd"});
  target.append("INBOX", mail("m"));
  expect_reported(sync(), "flags of 1 messages: $Odd");
  EXPECT_EQ(target.box("INBOX").messages.size(), 1u);
}

TEST_F(RefusedStoreTest, AMailboxThatIsInUseIsLeftForTheNextPass) {
  fill(2);
  change(1, 2, {"\\Seen"});
  target.quirks.store_busy = true;
  EXPECT_NE(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.store"), 1);
  target.quirks.store_busy = false;
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

class LostStoreTest : public FlagReplayTest {
 protected:
  const std::map<IntentId, StoreIntent>& store_intents() const { return vault.targets.begin()->second.store_intents; }
  /// \\Seen is on its way to UID 1 when the process ends in that way.
  void lose(Fault fault) {
    fill(2);
    source.box("INBOX").store(Uid(1), {"\\Seen"});
    faults.at("target.store", 1, fault);
    ASSERT_FALSE(sync_or_die());
    faults.clear();
    ASSERT_EQ(target_flags("INBOX", 1).contains("\\Seen"), fault == Fault::killed_after);
    ASSERT_EQ(store_intents().size(), 1u);
  }
  void expect_followed(const FlagSet& flags) {
    EXPECT_EQ(sync().state, PassReport::State::ok);
    ASSERT_EQ(target.box("INBOX").messages.size(), 2u);
    EXPECT_EQ(target.box("INBOX").messages.begin()->second.flags, flags);
    EXPECT_TRUE(store_intents().empty());
    expect_quiet();
  }
};

TEST_F(LostStoreTest, ASourceThatWentBackMeanwhileIsFollowed) {
  lose(Fault::killed_after);
  source.box("INBOX").store(Uid(1), {});
  expect_followed({});
}

TEST_F(LostStoreTest, ASourceThatWentBackIsFollowedIntoATargetMailboxMadeAnew) {
  lose(Fault::killed_after);
  source.box("INBOX").store(Uid(1), {});
  target.renumber("INBOX");
  expect_followed({});
}

TEST_F(LostStoreTest, WhatAPersonChangedBackSinceStays) {
  lose(Fault::killed_after);
  target.box("INBOX").store(Uid(1), {});
  expect_followed({});
  EXPECT_EQ(source.box("INBOX").messages.at(Uid(1)).flags, (FlagSet{"\\Seen"}));
}

TEST_F(LostStoreTest, WithoutCondstoreItCannotBeToldFromOneThatWasNotCarriedOut) {
  target.quirks.condstore = false;
  lose(Fault::killed_after);
  target.box("INBOX").store(Uid(1), {});
  expect_followed({"\\Seen"});
}

TEST_F(LostStoreTest, OneOfSeveralThatAPersonChangedBackStays) {
  fill(3);
  target.box("INBOX").store(Uid(2), {"$Mine"});
  for (std::uint32_t uid = 1; uid <= 3; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  faults.at("target.store", 1, Fault::killed_after);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  target.box("INBOX").store(Uid(2), {"$Mine", "\\Flagged"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen"}));
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"$Mine", "\\Flagged"})) << "the others show that it was carried out";
  expect_quiet();
}

TEST_F(LostStoreTest, WhatWasNotCarriedOutIsToldAgainBesideWhatAPersonChangedSince) {
  lose(Fault::killed_before);
  target.box("INBOX").store(Uid(1), {"$Mine"});
  expect_followed({"\\Seen", "$Mine"});
}

TEST_F(LostStoreTest, WhatWasAppendedSinceTheMailboxWasOpenedIsNobodysChange) {
  target.quirks.append_drops = {"\\Flagged"};
  source.append("INBOX", mail("m"), {"\\Flagged"});
  faults.at("target.store", 1, Fault::killed_before);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

TEST_F(LostStoreTest, WhatWasNotCarriedOutIsToldAgain) {
  lose(Fault::killed_before);
  expect_followed({"\\Seen"});
}

TEST_F(LostStoreTest, WhatAPersonSetOnTheTargetBeforeItWasToldStays) {
  lose(Fault::killed_before);
  target.box("INBOX").store(Uid(1), {"$Mine"});
  source.box("INBOX").store(Uid(1), {});
  expect_followed({"$Mine"});
}

}  // namespace
}  // namespace postern::testing
