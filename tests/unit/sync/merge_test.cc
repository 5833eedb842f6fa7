#include "tests/unit/sync/merge_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

TEST_F(MergeTest, SeveralMailboxesShareOne) {
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->appended, 5u) << "what two of them hold is there twice";
  expect_merged();
  expect_quiet();
  source.append("Lists/b", mail("new in b"));
  EXPECT_EQ(sync().target->appended, 1u);
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, WithoutBeingAskedItIsAnError) {
  options.merges = nullptr;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("merge: true"));
  merge_lists(*this);
  EXPECT_EQ(sync().state, PassReport::State::ok) << "what was held follows";
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, IntoAMailboxThatIsMappedByNobody) {
  options.maps = [](std::string_view name, char) {
    return name == "Lists/a" ? std::optional<std::string>("INBOX") : std::nullopt;
  };
  options.merges = [](std::string_view name, char) { return name == "Lists/a"; };
  source.append("INBOX", mail("own"));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target.box("INBOX").messages.size(), 3u);
  EXPECT_EQ(target.box("Lists/b").messages.size(), 2u);
  expect_quiet();
}

TEST_F(MergeTest, FlagsAndDeletionsStayThoseOfTheirOwn) {
  options.deletes = sync::Deletes::mirror;
  sync();
  source.box("Lists/a").store(uid_of("Lists/a", "both"), {"\\Answered"});
  source.box("Lists/b").expunge(uid_of("Lists/b", "both"));
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 1u);
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, WhatIsMovedFromOneToTheOtherStaysWhereItIs) {
  options.deletes = sync::Deletes::mirror;
  sync();
  source.move("Lists/a", uid_of("Lists/a", "only a"), "Lists/b");
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 1u);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(target.mutations, 0u);
  expect_merged();
  source.box("Lists/b").store(uid_of("Lists/b", "only a"), {"\\Seen"});
  sync();
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, WithKeepToo) {
  sync();
  source.move("Lists/a", uid_of("Lists/a", "only a"), "Lists/b");
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 1u);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(target.mutations, 0u);
  expect_merged();
  source.box("Lists/b").store(uid_of("Lists/b", "only a"), {"\\Seen"});
  sync();
  expect_merged();
  source.box("Lists/a").expunge(uid_of("Lists/a", "both"));
  sync();
  EXPECT_EQ(target.box("Lists").messages.size(), 5u) << "what is deleted is kept";
  expect_quiet();
}

TEST_F(MergeTest, WithKeepAMailboxThatIsRenamedWithoutAMailboxIdIsNotDoubled) {
  sync();
  source.rename("Lists/a", "Lists/z");
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 2u);
  EXPECT_EQ(report.target->appended, 0u);
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, WithKeepWhatIsMovedToAMailboxOfItsOwnIsThereToo) {
  source.create("Own");
  sync();
  source.move("Lists/a", uid_of("Lists/a", "only a"), "Own");
  source.create("Other");
  source.move("Lists/b", uid_of("Lists/b", "only b"), "Other");
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 0u);
  EXPECT_EQ(report.target->appended, 2u);
  EXPECT_EQ(target.box("Lists").messages.size(), 5u);
  EXPECT_EQ(target.box("Own").messages.size(), 1u);
  EXPECT_EQ(target.box("Other").messages.size(), 1u);
  expect_quiet();
}

TEST_F(MergeTest, WhatAnotherToolBroughtIsSharedOut) {
  target.create("Lists").subscribed = true;
  target.append("Lists", mail("both"), {"\\Seen", "\\Flagged"});
  target.append("Lists", mail("both"));
  target.append("Lists", mail("only b"));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 3u);
  EXPECT_EQ(report.target->appended, 2u);
  EXPECT_EQ(target.box("Lists").messages.size(), 5u);
  expect_quiet();
}

TEST_F(MergeTest, AMailboxThatVanishesLeavesTheOthersThere) {
  options.deletes = sync::Deletes::mirror;
  sync();
  source.remove("Lists/a");
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_TRUE(target.has("Lists"));
  expect_merged();
  for (const Uid uid : {uid_of("Lists/b", "both"), uid_of("Lists/b", "only b")}) source.box("Lists/b").expunge(uid);
  source.box("Lists/c").expunge(uid_of("Lists/c", "both"));
  source.remove("Lists/b");
  sync();
  EXPECT_TRUE(target.has("Lists")) << "empty, and one of its mailboxes is still there";
  source.remove("Lists/c");
  sync();
  EXPECT_FALSE(target.has("Lists"));
  expect_quiet();
}

TEST_F(MergeTest, AMailboxThatIsRenamedTakesNothingAlong) {
  source.quirks.email_ids = true;
  sync();
  source.rename("Lists/a", "Lists/z", true);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_merged();
  source.rename("Lists/b", "Elsewhere", true);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_TRUE(target.has("Lists")) << "it keeps the name that it was given";
  EXPECT_EQ(target.box("Lists").messages.size(), 5u);
  EXPECT_FALSE(target.has("Elsewhere"));
  expect_quiet();
}

TEST_F(MergeTest, ATargetMailboxThatIsMadeAnewGetsEverythingAgain) {
  sync();
  target.remove("Lists");
  for (const char* name : {"Lists/a", "Lists/b", "Lists/c"}) source.append(name, mail(std::string("more in ") + name));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_merged();
  expect_quiet();
}

TEST_F(MergeTest, SeveralSessionsNeverWorkInOneTargetMailboxAtOnce) {
  options.target_connections = 4;
  for (const char* name : {"Lists/a", "Lists/b", "Lists/c"}) {
    for (int i = 0; i < 700; ++i) source.append(name, mail("m" + std::to_string(i % 50)));
  }
  source.create("Other");
  for (int i = 0; i < 1'500; ++i) source.append("Other", mail("o" + std::to_string(i)));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_GE(target.most_sessions, 2);
  expect_merged();
  expect_quiet();
}

class BrokenMergeTest : public ::testing::TestWithParam<sync::Deletes> {};

TEST_P(BrokenMergeTest, WhateverBreaksWhereverNothingIsLostOrDoubled) {
  for (const bool multiappend : {true, false}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::cut_undone, Fault::cut_late,
                              Fault::killed_before, Fault::killed_after}) {
      for (std::uint64_t call = 1;; ++call) {
        SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
        World world;
        merge_lists(world);
        world.options.deletes = GetParam();
        world.target.quirks.multiappend = multiappend;
        for (const char* name : {"Lists/a", "Lists/b"}) {
          world.source.create(name);
          for (int i = 0; i < 3; ++i) world.source.append(name, mail("m" + std::to_string(i)), {"\\Seen"});
        }
        const std::uint64_t before = world.faults.calls();
        world.faults.at(call, fault);
        world.sync_or_die();
        const bool past_the_end = world.faults.calls() - before < call;
        world.faults.clear();
        world.sync();
        EXPECT_EQ(contents_of(world.target.box("Lists")), wanted_in_lists(world));
        world.source.move("Lists/a", world.source.box("Lists/a").messages.begin()->first, "Lists/b");
        if (GetParam() == sync::Deletes::mirror) {
          world.source.box("Lists/b").expunge(world.source.box("Lists/b").messages.begin()->first);
        }
        world.source.append("Lists/b", mail("m1"), {"\\Flagged"});
        world.faults.at(call, fault);
        world.sync_or_die();
        world.faults.clear();
        world.sync();
        EXPECT_EQ(contents_of(world.target.box("Lists")), wanted_in_lists(world));
        if (past_the_end || HasFailure()) break;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, BrokenMergeTest, ::testing::Values(sync::Deletes::keep, sync::Deletes::mirror),
                         [](const auto& info) { return info.param == sync::Deletes::keep ? "Keep" : "Mirror"; });

}  // namespace
}  // namespace postern::testing
