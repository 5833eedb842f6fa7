// flags: two_way where one mailbox of the source cannot be settled, or told: the others go on.

#include "tests/unit/sync/two_way_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// What cannot be settled, or carried out, in one mailbox of the source.
class HeldUpTwoWayTest : public LostTwoWayTest {
 protected:
  HeldUpTwoWayTest() {
    source.create("Work");
    source.append("Work", mail("w"));
  }
  FlagSet flags_at_work() { return source.box("Work").messages.at(Uid(1)).flags; }
  /// What has nothing to do with UID 1 of INBOX goes on.
  void expect_the_rest(const PassReport& report) {
    EXPECT_EQ(report.state, PassReport::State::attention) << (report.error ? report.error->to_string() : "");
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("INBOX"));
    EXPECT_EQ(target.box("INBOX").messages.size(), source.box("INBOX").messages.size());
    EXPECT_EQ(flags_at_work(), (FlagSet{"\\Seen"}));
  }
};

TEST_F(HeldUpTwoWayTest, ASourceThatDoesNotListTheFlagsHoldsUpNothingElse) {
  lose(Fault::killed_after);
  source.quirks.flags_refused = "INBOX";
  source.append("INBOX", mail("new"));
  source.box("INBOX").store(Uid(1), {"\\Seen", "\\Flagged"});
  source.box("INBOX").store(Uid(2), {"\\Flagged"});
  target.box("INBOX").store(Uid(1), {});
  target.box("INBOX").store(Uid(2), {"$Work"});
  target.box("Work").store(Uid(1), {"\\Seen"});
  for (int pass = 0; pass < 3; ++pass) {
    expect_the_rest(sync());
    EXPECT_EQ(target_flags("INBOX", 1), FlagSet()) << "nobody knows whose \\Seen it is";
    EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"$Work", "\\Flagged"}));
    EXPECT_EQ(source_flags(2), (FlagSet{"\\Flagged"}));
  }
  source.quirks.flags_refused = {};
  expect_end({"\\Flagged"});
  expect_both(2, {"$Work", "\\Flagged"});
}

TEST_F(HeldUpTwoWayTest, ASourceThatBreaksTheConnectionOverThemHoldsUpNothingElse) {
  lose(Fault::killed_after);
  source.box("Work").store(Uid(1), {"\\Seen"});
  source.append("INBOX", mail("new"));
  faults.choose([](std::string_view call) { return call == "writer.flags" ? Fault::cut_before : Fault::none; });
  expect_the_rest(sync());
  faults.clear();
  expect_end({"\\Seen"});
}

TEST_F(HeldUpTwoWayTest, ASourceThatCannotBeWrittenToHoldsUpNothingElse) {
  lose(Fault::killed_after);
  source.append("INBOX", mail("new"));
  faults.choose([](std::string_view call) { return call == "writer.connect" ? Fault::cut_before : Fault::none; });
  EXPECT_EQ(sync().state, PassReport::State::failed);
  EXPECT_EQ(target.box("INBOX").messages.size(), 3u);
  faults.clear();
  expect_end({"\\Seen"});
}

TEST_F(HeldUpTwoWayTest, AMailboxThatIsBusyIsSettledLater) {
  lose(Fault::killed_after);
  target.box("INBOX").store(Uid(1), {});
  source.quirks.busy_mailbox = "INBOX";
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet());
  source.quirks.busy_mailbox = {};
  expect_end({});
}

TEST_F(HeldUpTwoWayTest, AStoreThatBreaksTheConnectionHoldsUpNoOtherMailbox) {
  fill(2);
  source.quirks.store_cuts = "INBOX";
  target.box("INBOX").store(Uid(1), {"\\Seen"});
  target.box("Work").store(Uid(1), {"\\Seen"});
  expect_the_rest(sync());
  target.box("Work").store(Uid(1), {});
  sync();
  EXPECT_EQ(flags_at_work(), FlagSet());
  source.quirks.store_cuts = {};
  expect_end({"\\Seen"});
}

/// However much they differ from each other: a pass that changes nothing reads the bindings once and writes little.
TEST_F(HeldUpTwoWayTest, WhatWaitsInManyMessagesIsOneIntent) {
  constexpr std::uint32_t kMany = 300;
  fill(kMany);
  for (std::uint32_t uid = 1; uid <= kMany; ++uid) target.box("INBOX").store(Uid(uid), {"\\Seen"});
  faults.at("writer.store_flags", 1, Fault::killed_after);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  source.quirks.flags_refused = "INBOX";
  for (std::uint32_t uid = 1; uid <= kMany; ++uid)
    source.box("INBOX").store(Uid(uid), {"\\Seen", "$own" + std::to_string(uid)});
  for (int pass = 0; pass < 3; ++pass) {
    sync();
    EXPECT_EQ(vault.targets.begin()->second.store_intents.size(), 2u) << "the source's, and what waits";
    EXPECT_EQ(target_flags("INBOX", 7), (FlagSet{"\\Seen"}));
  }
  restart_counts();
  vault.bindings_read = 0;
  sync();
  EXPECT_LE(vault.writes, 4u);
  EXPECT_LE(vault.bindings_read, 2 * kMany);
  source.quirks.flags_refused = {};
  sync();
  sync();
  EXPECT_TRUE(vault.targets.begin()->second.store_intents.empty());
  for (const std::uint32_t uid : {1u, 7u, kMany}) expect_both(uid, {"\\Seen", "$own" + std::to_string(uid)});
}

}  // namespace
}  // namespace postern::testing
