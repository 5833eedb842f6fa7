// Mailboxes that change their names at a source with MAILBOXIDs: the vault follows, and so does the target, by RENAME.

#include <algorithm>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using Kind = HistoryRecord::Kind;

class RenameTest : public PassTest {
 protected:
  RenameTest() {
    source.quirks.email_ids = true;
    source.create("A");
    source.create("B");
    for (int i = 0; i < 4; ++i) source.append("A", mail("a" + std::to_string(i)));
    for (int i = 0; i < 3; ++i) source.append("B", mail("b" + std::to_string(i)));
    sync();
    expect_in_step();
    restart_counts();
    source.bodies_sent = 0;
  }
  auto rows(Kind kind) const {
    return std::count_if(vault.history.begin(), vault.history.end(), [&](const auto& row) { return row.kind == kind; });
  }
  MailboxId id(std::string_view name) const { return vault.mailbox(name)->id; }
  std::size_t held(std::string_view name) const { return vault.present(name).size(); }
};

TEST_F(RenameTest, TheMailboxKeepsItsIdItsEntriesAndItsCursor) {
  const MailboxId a = id("A");
  source.rename("A", "Work/A", true);
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(id("Work/A"), a);
  EXPECT_EQ(vault.mailbox("A"), nullptr);
  EXPECT_EQ(held("Work/A"), 4u);
  EXPECT_EQ(rows(Kind::mailbox_renamed), 1);
  EXPECT_EQ(faults.calls_of("source.open"), 0);
  EXPECT_EQ(source.bodies_sent, 0u);
  expect_quiet();
}

TEST_F(RenameTest, ManyRenamesAreListedOnce) {
  for (int i = 0; i < 30; ++i) source.append(source.create("Box " + std::to_string(i)).name.display(), mail("x"));
  sync();
  for (int i = 0; i < 30; ++i) source.rename("Box " + std::to_string(i), "Folder " + std::to_string(i), true);
  source.rename("A", "Top", true);
  restart_counts();
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.rename"), 31);
  EXPECT_EQ(faults.calls_of("target.list"), 2) << "before, and after all of them";
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, ARenameThatBreaksTheConnectionHoldsNothingElseUp) {
  source.rename("A", "Work/A", true);
  source.append("Work/A", mail("later"));
  source.append("B", mail("elsewhere"));
  faults.choose([](std::string_view call) { return call == "target.rename" ? Fault::cut_before : Fault::none; });
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::attention);
  EXPECT_EQ(faults.calls_of("target.rename"), 2);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("breaks whenever it is to be renamed"));
  EXPECT_EQ(report.target->appended, 2u) << "mail goes on under the old name";
  EXPECT_EQ(target.box("A").messages.size(), 5u);
  faults.clear();
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_FALSE(target.has("A"));
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, ARenameThatIsAnsweredOkAndNotDoneIsReported) {
  source.create("A/below");
  source.append("A/below", mail("deep"));
  sync();
  source.rename("A", "Work", true);
  target.quirks.rename_is_lost = true;
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("lists the old name"));
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_TRUE(target.has("A"));
  target.quirks.rename_is_lost = false;
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.append"), 0) << "nothing was sent again";
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, WhatIsAnsweredOkIsBelievedForGoodOnlyWhenItIsListed) {
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      world.source.quirks.email_ids = true;
      for (const char* name : {"A", "A/below", "B"})
        world.source.append(world.source.create(name).name.display(), mail(name));
      world.sync();
      world.source.rename("A", "Work", true);
      world.source.rename("B", "Beside", true);
      world.restart_counts();
      world.target.quirks.rename_is_lost = true;
      const std::uint64_t before = world.faults.calls();
      world.faults.at(call, fault);
      world.sync_or_die();
      const bool past_the_end = world.faults.calls() - before < call;
      world.faults.clear();
      world.target.quirks.rename_is_lost = false;
      EXPECT_EQ(world.sync().state, sync::PassReport::State::ok);
      EXPECT_EQ(world.faults.calls_of("target.append"), 0);
      EXPECT_EQ(difference(world), "");
      if (past_the_end || HasFailure()) break;
    }
  }
}

TEST_F(RenameTest, ATreeThatIsTurnedRoundIsFollowedWhateverBreaks) {
  for (const Fault fault :
       {Fault::none, Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      world.source.quirks.email_ids = true;
      for (const char* name : {"A", "B", "C", "Top", "Top/stays", "Top/goes"})
        world.source.append(world.source.create(name).name.display(), mail(name));
      world.sync();
      world.source.rename("A", "for now", true);
      world.source.rename("B", "A", true);
      world.source.rename("for now", "B", true);
      world.source.rename("Top", "Work", true);
      world.source.rename("Work/stays", "Top/stays", true);
      world.source.rename("C", "Top", true);
      world.restart_counts();
      const std::uint64_t before = world.faults.calls();
      world.faults.at(call, fault);
      world.sync_or_die();
      const bool past_the_end = world.faults.calls() - before < call;
      world.faults.clear();
      EXPECT_EQ(world.sync().state, sync::PassReport::State::ok);
      world.sync();  // the subscription of what was renamed back
      EXPECT_EQ(world.faults.calls_of("target.append"), 0);
      EXPECT_EQ(difference(world), "");
      if (past_the_end || fault == Fault::none || HasFailure()) break;
    }
  }
}

TEST_F(RenameTest, AChildThatStayedAtTheSourceStaysOnTheTarget) {
  for (const Fault fault :
       {Fault::none, Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (int nth = 1; nth <= (fault == Fault::none ? 1 : 2); ++nth) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(nth));
      World world;
      world.source.quirks.email_ids = true;
      for (const char* name : {"A", "A/stays", "A/goes"})
        world.source.append(world.source.create(name).name.display(), mail(name));
      world.sync();
      world.source.rename("A", "Work", true);
      world.source.rename("Work/stays", "A/stays", true);
      world.restart_counts();
      world.faults.at("target.rename", nth, fault);
      world.sync_or_die();
      world.faults.clear();
      EXPECT_EQ(world.sync().state, sync::PassReport::State::ok);
      EXPECT_TRUE(world.target.has("A/stays"));
      EXPECT_FALSE(world.target.has("Work/stays"));
      EXPECT_EQ(world.faults.calls_of("target.append"), 0);
      EXPECT_EQ(difference(world), "");
    }
  }
}

TEST_F(RenameTest, TheTargetsMailboxIsRenamedAndNothingIsSentTwice) {
  source.rename("A", "Work/A", true);
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.rename"), 1);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  EXPECT_EQ(faults.calls_of("target.messages"), 0) << "the UIDVALIDITY stayed: what is bound stays bound";
  EXPECT_FALSE(target.has("A"));
  source.append("Work/A", mail("later"));
  source.box("Work/A").store(Uid(1), {"\\Flagged"});
  EXPECT_EQ(sync().target->appended, 1u);
  EXPECT_EQ(target.box("Work/A").messages.size(), 5u);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, ATargetThatNumbersRenamedMailboxesAnewIsComparedAnew) {
  target.quirks.rename_keeps_uids = false;
  source.rename("A", "C", true);
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(target.box("C").messages.size(), 4u);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, ATreeIsRenamedByItsRoot) {
  source.create("A/x");
  source.create("A/x/y");
  source.append("A/x/y", mail("deep"));
  sync();
  restart_counts();
  source.rename("A", "Attic", true);
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.rename"), 1);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  EXPECT_TRUE(target.has("Attic/x/y"));
  EXPECT_FALSE(target.has("A/x"));
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, ALostAnswerIsFoundOutByListing) {
  for (const Fault fault : {Fault::cut_after, Fault::cut_before, Fault::killed_after, Fault::killed_before}) {
    SCOPED_TRACE(static_cast<int>(fault));
    const std::string old_name = vault.mailbox("A") != nullptr && vault.mailbox("A")->present ? "A" : "C";
    const std::string new_name = old_name == "A" ? "C" : "A";
    source.rename(old_name, new_name, true);
    restart_counts();
    faults.at("target.rename", 1, fault);
    sync_or_die();
    faults.clear();
    sync();
    EXPECT_EQ(target.box(new_name).messages.size(), 4u);
    EXPECT_FALSE(target.has(old_name));
    EXPECT_EQ(faults.calls_of("target.append"), 0);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(RenameTest, ATargetThatRefusesKeepsTheOldNameAndTheMailGoesOn) {
  target.quirks.refuses_rename = true;
  source.rename("A", "C", true);
  source.append("C", mail("news"));
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), ::testing::HasSubstr("\"A\" on the target cannot become \"C\""));
  EXPECT_EQ(target.box("A").messages.size(), 5u);
  EXPECT_EQ(sync().state, sync::PassReport::State::attention) << "until it is done";
  target.quirks.refuses_rename = false;
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, SubscriptionsGoWithTheNames) {
  source.create("D").subscribed = false;
  sync();
  source.rename("A", "C", true);
  sync();
  EXPECT_TRUE(target.box("C").subscribed);
  target.box("C").subscribed = false;  // a person's choice
  source.rename("C", "A", true);
  sync();
  EXPECT_FALSE(target.box("A").subscribed);
  EXPECT_FALSE(target.box("D").subscribed);
  expect_quiet();
}

TEST_F(RenameTest, TwoMailboxesExchangeTheirNames) {
  const MailboxId a = id("A"), b = id("B");
  source.rename("A", "x", true);
  source.rename("B", "A", true);
  source.rename("x", "B", true);
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(id("A"), b);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(held("A"), 3u);
  EXPECT_EQ(source.bodies_sent, 0u);
  EXPECT_EQ(faults.calls_of("target.rename"), 3) << "one of them makes way";
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, AnExchangeThatIsInterruptedAnywhereOnTheTargetIsCarriedThrough) {
  for (int step = 1; step <= 12; ++step) {
    SCOPED_TRACE(step);
    source.rename("A", "x", true);
    source.rename("B", "A", true);
    source.rename("x", "B", true);
    restart_counts();
    faults.at(step % 2 == 0 ? "target.rename" : "vault.put_target_mailbox", (step + 1) / 2, Fault::killed_after);
    sync_or_die();
    faults.clear();
    sync();
    EXPECT_EQ(faults.calls_of("target.append"), 0);
    EXPECT_EQ(target.boxes().size(), 3u);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(RenameTest, AnExchangeThatIsKilledInTheMiddleIsCarriedThrough) {
  const MailboxId a = id("A"), b = id("B");
  source.rename("A", "x", true);
  source.rename("B", "A", true);
  source.rename("x", "B", true);
  faults.at("vault.put_mailbox", 1, Fault::killed_after);
  EXPECT_FALSE(sync_or_die());
  faults.clear();
  sync();
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(id("A"), b);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(source.bodies_sent, 0u);
  expect_quiet();
}

TEST_F(RenameTest, TheNameGoesToANewMailbox) {
  const MailboxId a = id("A");
  source.rename("A", "Archive", true);
  source.create("A");
  source.append("A", mail("fresh"));
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(id("Archive"), a);
  EXPECT_NE(id("A"), a);
  EXPECT_EQ(held("A"), 1u);
  EXPECT_EQ(target.box("Archive").messages.size(), 4u);
  EXPECT_EQ(target.box("A").messages.size(), 1u);
  source.append("A", mail("fresher"));
  sync();
  EXPECT_EQ(target.box("A").messages.size(), 2u);
  expect_in_step();
  expect_quiet();
}

TEST_F(RenameTest, TheNameOfADeletedMailboxIsTaken) {
  const MailboxId a = id("A");
  source.remove("B");
  source.rename("A", "B", true);
  const auto report = sync();
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(source.bodies_sent, 0u);
  EXPECT_EQ(target.mutations, 0u) << "what vanished at the source stays on the target, and so does its name";
  EXPECT_EQ(report.state, sync::PassReport::State::attention);
  target.remove("B");
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(target.box("B").messages.size(), 4u);
  EXPECT_FALSE(target.has("A"));
  expect_quiet();
}

TEST_F(RenameTest, OneIdForEveryMailboxIsNotBelieved) {
  source.box("B").mailbox_id = source.box("A").mailbox_id;
  source.box("INBOX").mailbox_id = source.box("A").mailbox_id;
  const MailboxId a = id("A");
  source.rename("A", "C", true);
  sync();
  EXPECT_NE(id("C"), a);
  EXPECT_FALSE(vault.mailbox("A")->present);
  EXPECT_EQ(held("C"), 4u);
  EXPECT_EQ(held("B"), 3u);
  expect_quiet();
}

}  // namespace
}  // namespace postern::testing
