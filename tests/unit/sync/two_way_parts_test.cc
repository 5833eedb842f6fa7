// flags: two_way in large mailboxes: a look at the target's flags that takes several passes, and what a look reads.

#include "tests/unit/sync/two_way_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// 7,000 messages; a pass takes the flags of some 2,000 to the source.
class LongLookTest : public TwoWayTest {
 protected:
  LongLookTest() {
    options.own_flags_at_once = 1'000;
    fill(7'000);
    source.quirks.permanent_flags = FlagSet{"\\Seen"};
  }
  /// The source keeps no keyword, so that they stay a difference.
  void set_keywords(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t uid = first; uid <= last; ++uid) target.box("INBOX").store(Uid(uid), {"$Work"});
  }
  void take_passes(int passes) {
    for (int pass = 0; pass < passes; ++pass) EXPECT_EQ(sync().state, PassReport::State::ok);
  }
};

TEST_F(LongLookTest, WhatTheSourceCannotKeepHidesNothingBehindIt) {
  set_keywords(1, 6'000);
  target.box("INBOX").store(Uid(6'500), {"\\Seen"});
  take_passes(4);
  expect_both(6'500, {"\\Seen"});
  expect_no_echo();
}

TEST_F(LongLookTest, WithoutCondstoreNeither) {
  source.quirks.condstore = source.quirks.qresync = target.quirks.condstore = false;
  settle();
  loop.advance(std::chrono::hours(2));
  set_keywords(1, 6'000);
  target.box("INBOX").store(Uid(6'500), {"\\Seen"});
  take_passes(4);
  expect_both(6'500, {"\\Seen"});
  sync();
  expect_silent();
}

TEST_F(LongLookTest, WhatChangesMeanwhileIsSeenByTheNextLook) {
  set_keywords(1, 6'000);
  take_passes(2);
  target.box("INBOX").store(Uid(10), {"$Work", "\\Seen"});
  target.box("INBOX").store(Uid(6'500), {"\\Seen"});
  take_passes(3);
  EXPECT_EQ(source_flags(10), (FlagSet{"\\Seen"}));
  EXPECT_EQ(source_flags(6'500), (FlagSet{"\\Seen"}));
  target.box("INBOX").store(Uid(10), {"$Work"});
  take_passes(4);
  EXPECT_EQ(source_flags(10), FlagSet()) << "what a person takes away in a part that was seen";
  expect_no_echo();
}

TEST_F(LongLookTest, ATargetThatWentBackMeanwhileIsLookedAtFromTheStart) {
  for (std::uint32_t uid = 1; uid <= 10; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  settle();
  const ModelMailbox backup = target.box("INBOX");
  set_keywords(11, 6'000);
  take_passes(1);
  target.box("INBOX") = backup;
  target.box("INBOX").store(Uid(1), {"\\Seen", "\\Flagged"});
  source.quirks.permanent_flags.reset();
  take_passes(1);
  EXPECT_EQ(source_flags(1), (FlagSet{"\\Seen", "\\Flagged"}));
}

TEST_F(LongLookTest, WhereItIsTurnedOnThePartsAreOneFirstLook) {
  options.flags = sync::FlagMode::replay;
  source.append("INBOX", mail("last"), {"\\Seen"});
  settle();
  target.box("INBOX").store(Uid(7'001), {});
  set_keywords(1, 6'000);
  options.flags = sync::FlagMode::two_way;
  for (int pass = 0; pass < 4; ++pass) sync();
  EXPECT_EQ(source_flags(7'001), (FlagSet{"\\Seen"}));
  expect_no_echo();
}

/// More than one command asks for. What lost a flag is a share of all of them, and the bindings are read
/// twice, however many commands there are.
TEST_F(TwoWayTest, WhatChangedOfManyMessagesIsLookedUpInTwoReadings) {
  for (int i = 0; i < 60'000; ++i) source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
  settle();
  for (std::uint32_t uid = 1; uid <= 30; ++uid) target.box("INBOX").store(Uid(uid), {});
  vault.bindings_read = 0;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok) << "30 of 60,000 are no mass";
  EXPECT_EQ(report.source.flag_updates, 30u);
  EXPECT_LE(vault.bindings_read, 125'000u);
  expect_no_echo();
}

}  // namespace
}  // namespace postern::testing
