#include "core/sync/planner/rename_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MailboxName name(std::string_view display) { return *MailboxName::from_utf8(display, '/'); }

class RenamePlanTest : public ::testing::Test {
 protected:
  /// A mailbox that is called so on the target and is listed there.
  MailboxId box(std::string_view display) {
    const MailboxId id(static_cast<std::uint32_t>(facts.recorded.size() + 1));
    facts.recorded.emplace(id, TargetMailboxRecord{id, name(display), UidValidity(1), true});
    list(display);
    return id;
  }
  MailboxId box(std::string_view display, std::string_view wish) {
    const MailboxId id = box(display);
    facts.wishes.emplace(id, name(wish));
    return id;
  }
  void list(std::string_view display, bool selectable = true) {
    ListedMailbox one;
    one.name = name(display);
    one.selectable = selectable;
    facts.listed.push_back(one);
  }
  /// Does as a server does, with the next step.
  void carry_out(const RenameStep& step) {
    for (ListedMailbox& one : facts.listed) {
      const std::string own = one.name.display(), from = step.from.display();
      if (own == from || own.starts_with(from + "/")) one.name = name(step.to.display() + own.substr(from.size()));
    }
    for (const auto& [id, moved] : step.moved) facts.recorded.at(id).name = moved;
  }
  /// The RENAMEs, until nothing is left to do.
  std::vector<std::string> steps() {
    std::vector<std::string> lines;
    for (int i = 0; i < 20; ++i) {
      const RenamePlan plan = plan_renames(facts);
      for (const MailboxId id : plan.settled) facts.wishes.erase(id);
      if (plan.next) {
        lines.push_back(plan.next->from.display() + " > " + plan.next->to.display());
        carry_out(*plan.next);
      } else if (plan.settled.empty()) {
        taken = plan.taken;
        return lines;
      }
    }
    ADD_FAILURE() << "does not come to an end";
    return lines;
  }

  RenameFacts facts;
  std::vector<MailboxId> taken;
};

TEST_F(RenamePlanTest, AMailboxGetsItsName) {
  const MailboxId id = box("A", "B/A");
  const RenamePlan plan = plan_renames(facts);
  ASSERT_TRUE(plan.next.has_value());
  EXPECT_EQ(plan.next->mailbox, id);
  EXPECT_FALSE(plan.next->for_now);
  EXPECT_THAT(steps(), ElementsAre("A > B/A"));
  EXPECT_THAT(taken, IsEmpty());
}

TEST_F(RenamePlanTest, WhatLiesBelowGoesAlongAndIsNotRenamedAgain) {
  const MailboxId child = box("Work/a/x", "Projects/a/x"), parent = box("Work", "Projects"), other = box("Workshop");
  const RenamePlan plan = plan_renames(facts);
  ASSERT_TRUE(plan.next.has_value());
  EXPECT_EQ(plan.next->mailbox, parent);
  EXPECT_EQ(plan.next->moved.size(), 2u);
  EXPECT_THAT(steps(), ElementsAre("Work > Projects"));
  EXPECT_EQ(facts.recorded.at(child).name.display(), "Projects/a/x");
  EXPECT_EQ(facts.recorded.at(other).name.display(), "Workshop");
}

TEST_F(RenamePlanTest, ANewLevelComesBeforeWhatGoesBelowIt) {
  box("Leaf", "Projects/Leaf");
  box("Work", "Projects");
  EXPECT_THAT(steps(), ElementsAre("Work > Projects", "Leaf > Projects/Leaf"));
}

TEST_F(RenamePlanTest, AChildThatKeepsItsNameIsRenamedBack) {
  const MailboxId child = box("Work/a", "Work/a");
  box("Work", "Projects");
  EXPECT_THAT(steps(), ElementsAre("Work > Projects"));
  facts.wishes.emplace(child, name("Work/a"));  // as the next pass sees it
  EXPECT_THAT(steps(), ElementsAre("Projects/a > Work/a"));
}

TEST_F(RenamePlanTest, ANameThatIsGivenUpIsWaitedFor) {
  box("A", "B");
  box("B", "C");
  box("C", "D");
  EXPECT_THAT(steps(), ElementsAre("C > D", "B > C", "A > B"));
}

TEST_F(RenamePlanTest, ARingIsOpenedByANameForNow) {
  const MailboxId a = box("A", "B"), b = box("B", "C"), c = box("C", "A");
  list("B (2)");
  EXPECT_THAT(steps(), ElementsAre("A > B (3)", "C > A", "B > C", "B (3) > B"));
  EXPECT_EQ(facts.recorded.at(a).name.display(), "B");
  EXPECT_EQ(facts.recorded.at(b).name.display(), "C");
  EXPECT_EQ(facts.recorded.at(c).name.display(), "A");
}

TEST_F(RenamePlanTest, ANameThatIsTakenIsLeftToItsOwner) {
  const MailboxId a = box("A", "B"), c = box("C", "D"), e = box("E", "C");
  box("B");
  list("D");
  EXPECT_THAT(steps(), IsEmpty());
  EXPECT_THAT(taken, ElementsAre(a, c, e)) << "E waits for C, which cannot go";
}

TEST_F(RenamePlanTest, ARecordAloneKeepsNoName) {
  box("B");
  facts.listed.clear();
  box("A", "B");
  EXPECT_THAT(steps(), ElementsAre("A > B"));
}

TEST_F(RenamePlanTest, AParentThatIsNoMailboxIsNoObstacle) {
  box("A", "Work");
  list("Work", false);
  EXPECT_THAT(steps(), ElementsAre("A > Work"));
}

TEST_F(RenamePlanTest, WhatIsNotThereIsMadeUnderItsNewName) {
  const MailboxId id = box("A", "B");
  facts.listed.clear();
  EXPECT_THAT(plan_renames(facts).settled, ElementsAre(id));
}

TEST_F(RenamePlanTest, InboxIsNeverRenamedNorGivenAway) {
  box("INBOX", "Old");
  box("A", "INBOX");
  EXPECT_THAT(steps(), IsEmpty());
}

TEST_F(RenamePlanTest, WhatWasTriedInVainIsLeft) {
  const MailboxId a = box("A", "B");
  box("C", "A");
  facts.given_up.insert(a);
  EXPECT_THAT(steps(), IsEmpty());
}

TEST_F(RenamePlanTest, AFlatServerHasNothingBelow) {
  facts.delimiter = '\0';
  box("A/x");
  box("A", "B");
  EXPECT_EQ(plan_renames(facts).next->moved.size(), 1u);
}

TEST_F(RenamePlanTest, ThoseThatShareAMailboxGoTogether) {
  const MailboxId a = box("Work/All", "All"), b = box("Work/All", "All"), excluded = box("Work/All");
  const MailboxId other = box("Work/All");
  facts.recorded.at(other).uidvalidity = UidValidity(9);  // of a mailbox that is no more
  const RenamePlan plan = plan_renames(facts);
  ASSERT_TRUE(plan.next.has_value());
  EXPECT_EQ(plan.next->moved.size(), 3u);
  EXPECT_THAT(steps(), ElementsAre("Work/All > All"));
  for (const MailboxId one : {a, b, excluded}) EXPECT_EQ(facts.recorded.at(one).name.display(), "All");
  EXPECT_EQ(facts.recorded.at(other).name.display(), "Work/All");
  EXPECT_THAT(taken, IsEmpty());
}

TEST_F(RenamePlanTest, AFurtherStepMayHideWhatBecameOfAnEarlierOne) {
  RenameStep step;
  step.to = name("A/b");
  for (const char* before : {"A", "A/b", "A/b/c"}) EXPECT_TRUE(blurs(step, name(before), '/')) << before;
  for (const char* before : {"B", "A/bc", "A/c"}) EXPECT_FALSE(blurs(step, name(before), '/')) << before;
  EXPECT_FALSE(blurs(step, name("A"), '\0'));
}

TEST(SettleRenames, OnlyWhatIsListedUnderTheNewNameAloneWasRenamed) {
  struct Row {
    bool old_listed, new_listed;
    const char* name;
  };
  for (const Row& row :
       {Row{false, true, "New"}, Row{true, false, "Old"}, Row{true, true, "Old"}, Row{false, false, "Old"}}) {
    TargetMailboxRecord record{MailboxId(1), name("Old"), UidValidity(1), true};
    record.renaming_to = name("New");
    std::vector<ListedMailbox> listed(2);
    listed[0].name = name(row.old_listed ? "Old" : "x");
    listed[1].name = name(row.new_listed ? "New" : "y");
    const auto changed = settle_renames({{MailboxId(1), record}, {MailboxId(2), {}}}, listed);
    ASSERT_EQ(changed.size(), 1u);
    EXPECT_EQ(changed.front().name.display(), row.name);
    EXPECT_EQ(changed.front().renaming_to.wire(), "");
  }
}

TEST(SettleRenames, ALevelThatIsLeftUnderTheOldNameIsNoMailbox) {
  TargetMailboxRecord record{MailboxId(1), name("Old"), UidValidity(1), true};
  record.renaming_to = name("New");
  std::vector<ListedMailbox> listed(2);
  listed[0].name = name("Old");
  listed[0].selectable = false;
  listed[1].name = name("New");
  EXPECT_EQ(settle_renames({{MailboxId(1), record}}, listed).front().name.display(), "New");
}

TEST(SubscriptionMerge, Table) {
  using S = Subscription;
  struct Row {
    bool source;
    std::optional<bool> agreed;
    bool target;
    S wanted;
  };
  for (const Row& row : {
           Row{true, std::nullopt, false, S::subscribe},
           Row{true, std::nullopt, true, S::leave},
           Row{false, std::nullopt, true, S::leave},  // a person's own, or the server's
           Row{false, std::nullopt, false, S::leave},
           Row{true, true, false, S::leave},  // a person unsubscribed there
           Row{true, true, true, S::leave},
           Row{false, false, true, S::leave},  // a person subscribed there
           Row{false, false, false, S::leave},
           Row{true, false, false, S::subscribe},
           Row{true, false, true, S::leave},
           Row{false, true, true, S::unsubscribe},
           Row{false, true, false, S::leave},
       }) {
    EXPECT_EQ(subscription(row.source, row.agreed, row.target), row.wanted)
        << row.source << row.agreed.value_or(false) << row.agreed.has_value() << row.target;
  }
}

TEST(RenamePlan, WhatIsListedAfterARename) {
  const auto name = [](const char* wire) { return MailboxName::from_wire(wire, '/'); };
  std::vector<ListedMailbox> listed;
  for (const char* wire : {"A", "A/x", "A/x/y", "AB", "B/A"}) {
    listed.push_back({.name = name(wire), .attributes = {}, .subscribed = true});
  }
  RenameStep step;
  step.from = name("A");
  step.to = name("C/D");
  listed = listed_after(step, std::move(listed), '/');
  std::vector<std::string> names;
  for (const ListedMailbox& one : listed) names.push_back(one.name.wire() + (one.subscribed ? " subscribed" : ""));
  EXPECT_EQ(names, (std::vector<std::string>{"C/D", "C/D/x", "C/D/x/y", "AB subscribed", "B/A subscribed"}));
}

}  // namespace
}  // namespace postern::sync
