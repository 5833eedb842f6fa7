// Who shares a target mailbox: what earlier passes brought there counts, whatever the mapping of this pass says.

#include "tests/unit/sync/merge_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

class SharersTest : public MergeTest {
 protected:
  void exclude(std::string name) {
    options.selects = [name = std::move(name)](const MailboxName& one) { return one.display() != name; };
  }
  void include_all() { options.selects = nullptr; }
  int copies_of(const char* subject) {
    int count = 0;
    for (const auto& [uid, message] : target.box("Lists").messages) count += message.octets == mail(subject) ? 1 : 0;
    return count;
  }
};

TEST_F(SharersTest, WhatIsExcludedKeepsItsMessages) {
  options.deletes = sync::Deletes::mirror;
  sync();
  exclude("Lists/a");
  source.append(source.create("Lists/d").name.display(), mail("only a"));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(copies_of("only a"), 2) << "one is of the mailbox that is not selected now";
  include_all();
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_merged();
  source.box("Lists/d").expunge(uid_of("Lists/d", "only a"));
  sync();
  EXPECT_EQ(copies_of("only a"), 1);
  expect_merged();
  expect_quiet();
}

TEST_F(SharersTest, WhatOneThatIsGoneLeavesBehindIsNotForgottenWithoutARule) {
  options.deletes = sync::Deletes::mirror;
  sync();
  options.maps = nullptr;
  options.merges = nullptr;
  sync();
  source.remove("Lists/a");
  for (int pass = 0; pass < 3; ++pass) {
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().to_string(), HasSubstr("is taken by"));
    EXPECT_EQ(copies_of("only a"), 1);
  }
  merge_lists(*this);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(copies_of("only a"), 0);
  expect_merged();
}

TEST_F(SharersTest, AlsoUnderANameThatTheTargetChose) {
  merge_lists(*this, "Lists ");
  target.quirks.trims_names = true;
  source.remove("Lists/c");
  sync();
  exclude("Lists/a");
  source.append(source.create("Lists/d").name.display(), mail("only a"));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(target.box("Lists=20").messages.size(), 5u);
  expect_quiet();
}

TEST_F(SharersTest, TheyDoNotMeetUnaskedInAnotherSpelling) {
  target.quirks.case_insensitive = true;
  source.append(source.create("Plain").name.display(), mail("x"));
  sync();
  exclude("Plain");
  source.append(source.create("PLAIN").name.display(), mail("x"));
  const auto report = sync();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("where another mailbox of the source goes"));
  EXPECT_EQ(report.target->adopted, 0u);
}

TEST_F(SharersTest, WhatIsPutIntoTheMailboxOfAnExcludedOneIsItsOwn) {
  source.append(source.create("Plain").name.display(), mail("x"));
  sync();
  exclude("Plain");
  options.maps = [](std::string_view name, char) {
    return name == "Other" ? std::optional<std::string>("Plain") : std::nullopt;
  };
  source.append(source.create("Other").name.display(), mail("x"));
  sync();
  EXPECT_EQ(target.box("Plain").messages.size(), 2u);
}

TEST_F(SharersTest, AMailboxThatVanishesLeavesTheExcludedOnesThere) {
  options.deletes = sync::Deletes::mirror;
  source.remove("Lists/c");
  source.remove("Lists/b");
  source.create("Lists/b");
  sync();
  exclude("Lists/b");
  source.remove("Lists/a");
  sync();
  EXPECT_TRUE(target.has("Lists"));
}

TEST_F(SharersTest, RenamedMailboxesThatNoRuleMergesGoOnSharing) {
  source.quirks.email_ids = true;
  sync();
  source.rename("Lists/a", "Elsewhere", true);
  source.rename("Lists/b", "Faraway", true);
  source.append("Elsewhere", mail("new in a"));
  source.append("Faraway", mail("new in b"));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->appended, 2u);
  EXPECT_EQ(target.box("Lists").messages.size(), 7u);
  expect_quiet();
  options.merges = nullptr;
  source.append("Lists/c", mail("new in c"));
  EXPECT_EQ(sync().state, PassReport::State::ok) << "who shares goes on sharing";
  source.append(source.create("Lists/d").name.display(), mail("d"));
  sync();
  EXPECT_EQ(target.box("Lists").messages.size(), 8u) << "a further one does not join them unasked";
  EXPECT_TRUE(target.has("Lists (2)"));
}

TEST_F(SharersTest, TheMailboxOfAnExcludedOneIsNotRenamedForAnother) {
  source.quirks.email_ids = true;
  options.deletes = sync::Deletes::mirror;
  source.remove("Lists/c");
  sync();
  exclude("Lists/b");
  source.rename("Lists/a", "Elsewhere", true);
  source.append("Elsewhere", mail("new in a"));
  sync();
  EXPECT_TRUE(target.has("Lists"));
  include_all();
  EXPECT_EQ(sync().target->appended, 0u);
  EXPECT_EQ(target.box("Lists").messages.size(), 5u);
  EXPECT_FALSE(target.has("Elsewhere"));
  expect_quiet();
}

TEST_F(SharersTest, ATargetMailboxThatIsMadeAnewIsFilledAnewByAll) {
  for (const Fault fault :
       {Fault::none, Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      merge_lists(world);
      for (const char* name : {"Lists/a", "Lists/b", "Lists/c"}) {
        world.source.append(world.source.create(name).name.display(), mail(name));
      }
      world.sync();
      world.target.remove("Lists");
      world.source.append("Lists/b", mail("more"));
      const std::uint64_t before = world.faults.calls();
      world.faults.at(call, fault);
      world.sync_or_die();
      const bool past_the_end = world.faults.calls() - before < call;
      world.faults.clear();
      if (fault != Fault::none) world.sync();
      EXPECT_EQ(contents_of(world.target.box("Lists")), wanted_in_lists(world));
      world.restart_counts();
      world.sync();
      EXPECT_EQ(world.target.mutations, 0u);
      if (past_the_end || fault == Fault::none || HasFailure()) break;
    }
  }
}

TEST_F(SharersTest, ARenameOfAMailboxAboveTakesAllOfThemAlong) {
  for (const bool rename_keeps_uids : {true, false}) {
    for (const Fault fault :
         {Fault::none, Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
      for (std::uint64_t call = 1;; ++call) {
        SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
        World world;
        merge_lists(world, "Top/All");
        world.source.quirks.email_ids = true;
        world.target.quirks.rename_keeps_uids = rename_keeps_uids;
        for (const char* name : {"Top", "Top/Own", "Lists/a", "Lists/b", "Lists/c"}) {
          world.source.append(world.source.create(name).name.display(), mail(name));
        }
        world.sync();
        world.options.selects = [](const MailboxName& one) { return one.display() != "Lists/c"; };
        world.source.rename("Top", "Work", true);
        const std::uint64_t before = world.faults.calls();
        world.faults.at(call, fault);
        if (fault == Fault::none) {
          EXPECT_EQ(world.sync().state, PassReport::State::ok);
        } else {
          world.sync_or_die();
        }
        const bool past_the_end = world.faults.calls() - before < call;
        world.faults.clear();
        world.sync();
        world.options.selects = nullptr;
        EXPECT_EQ(world.sync().state, PassReport::State::ok);
        Contents all;
        std::set<std::string> names;
        for (const auto& [name, box] : world.target.boxes()) {
          names.insert(name);
          for (const auto& [content, times] : contents_of(box)) all[content] += times;
        }
        for (const auto& [content, times] : all) EXPECT_EQ(times, 1) << content.first;
        EXPECT_EQ(all.size(), 5u);
        EXPECT_THAT(names, ::testing::IsSupersetOf({"Top/All", "Work", "Work/Own"}));
        EXPECT_FALSE(names.contains("Work/All"));
        world.restart_counts();
        world.sync();
        EXPECT_EQ(world.target.mutations, 0u);
        if (past_the_end || fault == Fault::none || HasFailure()) break;
      }
    }
  }
}

}  // namespace
}  // namespace postern::testing
