// `flags: two_way` in a mailbox of the target that several of the source share.

#include "tests/unit/sync/merge_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

class MergedTwoWayTest : public MergeTest {
 protected:
  MergedTwoWayTest() { options.flags = sync::FlagMode::two_way; }

  void settle() {
    for (int i = 0; i < 3; ++i) sync();
    restart_counts();
  }
  /// On the target, of a message of a mailbox of the source.
  Uid there(const std::string& box, Uid uid) {
    const MailboxRecord& from = *vault.mailbox(box);
    return vault.targets.begin()->second.bindings.at({from.id, from.uidvalidity, uid}).target_uid;
  }
  FlagSet source_flags(const std::string& box, const char* subject) {
    return source.box(box).messages.at(uid_of(box, subject)).flags;
  }
  void flag_on_target(const std::string& box, const char* subject, const FlagSet& flags) {
    target.box("Lists").store(there(box, uid_of(box, subject)), flags);
  }
  /// Nothing is opened, written or told any more.
  void expect_silent() {
    restart_counts();
    EXPECT_EQ(sync().state, PassReport::State::ok);
    EXPECT_EQ(vault.writes, 0u);
    EXPECT_EQ(target.mutations + source.mutations, 0u);
    for (const char* call : {"source.open", "source.tour", "target.open", "target.flags", "writer.connect"}) {
      EXPECT_EQ(faults.calls_of(call), 0) << call;
    }
  }
};

TEST_F(MergedTwoWayTest, WhatIsChangedOnTheTargetComesBackToItsOwnMailboxAlone) {
  for (const bool condstore : {true, false}) {
    SCOPED_TRACE(condstore);
    target.quirks.condstore = target.quirks.qresync = condstore;
    options.flag_sweep = std::chrono::seconds(condstore ? 3600 : 0);
    settle();
    flag_on_target("Lists/a", "both", {"\\Seen", condstore ? "$One" : "$Two"});
    settle();
    EXPECT_TRUE(source_flags("Lists/a", "both").contains(condstore ? "$One" : "$Two"));
    EXPECT_EQ(source_flags("Lists/b", "both"), (FlagSet{"\\Flagged"}));
    EXPECT_EQ(source_flags("Lists/c", "both"), (FlagSet{}));
    expect_merged();
    if (condstore) expect_silent();
  }
}

TEST_F(MergedTwoWayTest, WhatIsTakenAwayOnTheTargetIsTakenAwayFromItsOwnAlone) {
  settle();
  flag_on_target("Lists/a", "both", {});
  source.box("Lists/b").store(uid_of("Lists/b", "both"), {"\\Flagged", "\\Answered"});
  settle();
  EXPECT_EQ(source_flags("Lists/a", "both"), (FlagSet{}));
  EXPECT_EQ(source_flags("Lists/b", "both"), (FlagSet{"\\Answered", "\\Flagged"}));
  expect_merged();
  expect_silent();
}

TEST_F(MergedTwoWayTest, WhatIsFlaggedWhileItIsMovedGoesAlong) {
  settle();
  flag_on_target("Lists/a", "only a", {"\\Flagged"});
  source.move("Lists/a", uid_of("Lists/a", "only a"), "Lists/b");
  settle();
  EXPECT_EQ(source_flags("Lists/b", "only a"), (FlagSet{"\\Flagged"}));
  expect_merged();
  expect_silent();
}

TEST_F(MergedTwoWayTest, AMessageThatNobodyBroughtIsNobodys) {
  settle();
  target.append("Lists", mail("a person's own"), {"\\Flagged"});
  settle();
  for (const char* box : {"Lists/a", "Lists/b", "Lists/c"}) EXPECT_EQ(uid_of(box, "own"), Uid(0));
  EXPECT_EQ(target.box("Lists").messages.size(), 6u);
  expect_silent();
}

TEST_F(MergedTwoWayTest, TheFlagsOfAMailboxMadeAnewAreThoseOfTheSources) {
  settle();
  flag_on_target("Lists/b", "both", {"\\Seen"});
  settle();
  target.remove("Lists");
  source.append("Lists/c", mail("more"));
  settle();
  EXPECT_EQ(source_flags("Lists/b", "both"), (FlagSet{"\\Seen"}));
  expect_merged();
  expect_silent();
}

/// What a new message in one of `sharers` mailboxes costs in the pass that brings it and in the next one.
struct Cost {
  int opened = 0;
  std::uint64_t flags_read = 0;
  std::uint64_t bindings_read = 0;
};

}  // namespace
}  // namespace postern::testing
