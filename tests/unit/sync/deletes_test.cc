// What vanished at the source, on the target: `deletes: keep | trash | mirror`.

#include <algorithm>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

class DeletesTest : public PassTest {
 protected:
  void begin(sync::Deletes deletes, int count = 40) {
    options.deletes = deletes;
    for (int i = 0; i < count; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    restart_counts();
  }
  void vanish(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t uid = first; uid <= last; ++uid) source.box("INBOX").expunge(Uid(uid));
  }
};

TEST_F(DeletesTest, KeepKeeps) {
  begin(sync::Deletes::keep);
  vanish(1, 40);
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(target.box("INBOX").messages.size(), 40u);
  expect_quiet();
}

TEST_F(DeletesTest, KeepEndsWhatIsHeld) {
  begin(sync::Deletes::mirror);
  vanish(1, 40);
  EXPECT_EQ(sync().target->held, 40u);
  options.deletes = sync::Deletes::keep;
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_TRUE(vault.targets.begin()->second.holds.empty());
  options.deletes = sync::Deletes::mirror;
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 40u);
  expect_quiet();
}

TEST_F(DeletesTest, MirrorExpungesExactlyWhatVanished) {
  begin(sync::Deletes::mirror);
  target.box("INBOX").store(Uid(30), {"\\Deleted"});  // another client's
  vanish(3, 9);
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 7u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 33u);
  EXPECT_TRUE(target.box("INBOX").messages.contains(Uid(30))) << "no bare EXPUNGE";
  ASSERT_EQ(vault.audit.size(), 7u);
  EXPECT_EQ(vault.audit[0].action, AuditRecord::Action::expunged);
  EXPECT_EQ(vault.audit[0].mailbox, "INBOX");
  EXPECT_EQ(vault.audit[0].uid, Uid(3));
  EXPECT_EQ(vault.audit[0].digest, digest_of(mail("m2")));
  expect_quiet();
}

TEST_F(DeletesTest, WhatVanishedBeforeItsLostAppendWasFoundGoesToo) {
  begin(sync::Deletes::mirror);
  source.append("INBOX", mail("brief"));
  faults.at("target.append", 1, Fault::killed_after);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  ASSERT_EQ(target.box("INBOX").messages.size(), 41u);
  vanish(41, 41);
  sync();
  EXPECT_EQ(sync().target->deleted, 1u);
  expect_in_step();
  expect_quiet();
}

TEST_F(DeletesTest, WithoutUidplusTheyAreMarkedOnly) {
  target.quirks.uidplus = false;
  begin(sync::Deletes::mirror);
  vanish(3, 4);
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 40u);
  EXPECT_TRUE(target_flags("INBOX", 3).contains("\\Deleted"));
  EXPECT_FALSE(target_flags("INBOX", 5).contains("\\Deleted"));
  ASSERT_EQ(vault.audit.size(), 2u);
  EXPECT_EQ(vault.audit[0].action, AuditRecord::Action::flagged_deleted);
  expect_quiet();
}

TEST_F(DeletesTest, TrashMovesToTheMailboxOfThatUse) {
  target.create("Weg", {"\\Trash"});
  begin(sync::Deletes::trash);
  vanish(3, 4);
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 2u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 38u);
  EXPECT_EQ(target.box("Weg").messages.size(), 2u);
  EXPECT_FALSE(target.has("Trash"));
  ASSERT_EQ(vault.audit.size(), 2u);
  EXPECT_EQ(vault.audit[0].action, AuditRecord::Action::trashed);
  expect_quiet();
}

TEST_F(DeletesTest, TrashIsCreatedWhereThereIsNone) {
  begin(sync::Deletes::trash);
  vanish(3, 4);
  sync();
  ASSERT_TRUE(target.has("Trash"));
  EXPECT_EQ(target.box("Trash").messages.size(), 2u);
  expect_quiet();
}

TEST_F(DeletesTest, WhatVanishesInTheTrashStaysInTheTargetsTrash) {
  source.create("Trash", {"\\Trash"});
  source.append("Trash", mail("old"));
  begin(sync::Deletes::trash);
  source.box("Trash").expunge(Uid(1));
  sync();
  EXPECT_EQ(target.box("Trash").messages.size(), 1u);
  expect_quiet();
}

TEST_F(DeletesTest, WhatPosternDeletedAtTheSourceStays) {
  begin(sync::Deletes::mirror);
  for (auto& [place, binding] : vault.targets.begin()->second.bindings) binding.leaving = place.uid == Uid(3);
  vanish(3, 4);
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 1u);
  EXPECT_TRUE(target.box("INBOX").messages.contains(Uid(3)));
  EXPECT_FALSE(target.box("INBOX").messages.contains(Uid(4)));
  source.remove("INBOX");
  sync();
  EXPECT_TRUE(target.box("INBOX").messages.contains(Uid(3)));
}

TEST_F(DeletesTest, ReusedMailIsNoDeletion) {
  begin(sync::Deletes::mirror);
  source.renumber("INBOX");
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 0u);
  EXPECT_EQ(report.target->held, 0u);
  expect_in_step();
}

TEST_F(DeletesTest, ATargetMailboxMadeAnewLosesNothing) {
  begin(sync::Deletes::mirror);
  target.renumber("INBOX");
  vanish(3, 4);
  sync();
  EXPECT_GE(target.box("INBOX").messages.size(), 38u);
  for (const auto& [uid, message] : source.box("INBOX").messages) {
    const auto& there = target.box("INBOX").messages;
    EXPECT_TRUE(
        std::any_of(there.begin(), there.end(), [&](const auto& one) { return one.second.octets == message.octets; }));
  }
}

TEST_F(DeletesTest, AVanishedMailboxIsRemovedWhenEmpty) {
  source.create("Old");
  for (int i = 0; i < 4; ++i) source.append("Old", mail("o" + std::to_string(i)));
  begin(sync::Deletes::mirror);
  source.remove("Old");
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 4u);
  EXPECT_FALSE(target.has("Old"));
  expect_in_step();
  expect_quiet();
}

TEST_F(DeletesTest, AVanishedMailboxWithOtherMessagesOrChildrenStays) {
  for (const char* name : {"Old", "Parent", "Parent/Child"}) {
    source.create(name);
    source.append(name, mail(name));
  }
  begin(sync::Deletes::mirror);
  target.append("Old", mail("another client's"));
  source.remove("Old");
  source.remove("Parent");
  sync();
  EXPECT_EQ(target.box("Old").messages.size(), 1u);
  ASSERT_TRUE(target.has("Parent"));
  EXPECT_TRUE(target.box("Parent").messages.empty());
  expect_quiet();
}

TEST_F(DeletesTest, WithTrashAVanishedMailboxStaysEmpty) {
  source.create("Old");
  source.append("Old", mail("o"));
  begin(sync::Deletes::trash);
  source.remove("Old");
  sync();
  ASSERT_TRUE(target.has("Old"));
  EXPECT_TRUE(target.box("Old").messages.empty());
  EXPECT_EQ(target.box("Trash").messages.size(), 1u);
  expect_quiet();
}

TEST_F(DeletesTest, DeletedIsReplayedAsAFlagWithMirrorOnly) {
  begin(sync::Deletes::mirror);
  source.box("INBOX").store(Uid(2), {"\\Deleted"});
  sync();
  EXPECT_TRUE(target_flags("INBOX", 2).contains("\\Deleted"));
  EXPECT_EQ(target.box("INBOX").messages.size(), 40u);
  expect_in_step();
  options.deletes = sync::Deletes::trash;
  source.box("INBOX").store(Uid(3), {"\\Deleted"});
  sync();
  EXPECT_FALSE(target_flags("INBOX", 3).contains("\\Deleted"));
}

TEST_F(DeletesTest, AnInterruptedDeletionIsEndedAndRecordedOnce) {
  for (const sync::Deletes deletes : {sync::Deletes::mirror, sync::Deletes::trash}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
      for (const char* call : {"target.store", "target.expunge", "target.move", "vault.commit_target"}) {
        SCOPED_TRACE(std::string(call) + ", fault " + std::to_string(static_cast<int>(fault)));
        World world;
        world.options.deletes = deletes;
        for (int i = 0; i < 10; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
        world.sync();
        world.source.box("INBOX").expunge(Uid(3));
        world.faults.at(call, 1, fault);
        world.sync_or_die();
        world.faults.clear();
        world.sync();
        EXPECT_EQ(difference(world), "");
        EXPECT_EQ(world.vault.audit.size(), 1u);
        if (deletes == sync::Deletes::trash) EXPECT_EQ(world.target.box("Trash").messages.size(), 1u);
      }
    }
  }
}

}  // namespace
}  // namespace postern::testing
