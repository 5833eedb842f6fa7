// What delete_source has deleted, where the target mailbox that has it is restored from a backup or made anew.

#include "tests/unit/sync/restored_target.h"

namespace postern::testing {
namespace {

using sync::Deletes;
using sync::PassReport;

/// All six, and `prepare`'s own, have been read back and waited for: the next pass deletes them at the source.
struct DueSource : RestoredTarget {
  explicit DueSource(const std::function<void(World&)>& prepare = [](World&) {})
      : RestoredTarget([&](World& world) {
          world.options.delete_source = std::chrono::hours(1);
          prepare(world);
        }) {
    loop.advance(std::chrono::hours(2));
  }
  std::size_t lost() {
    std::size_t there = 0;
    for (int i = 0; i < kAll; ++i) there += count(target, mail("m" + std::to_string(i)));
    return kAll - there;
  }
};

TEST(ClearedMail, WhatIsLeftAtTheSourceUnderOurOwnMarkIsSentToAMailboxThatIsMadeAnew) {
  for (const Deletes deletes : {Deletes::keep, Deletes::mirror, Deletes::trash}) {
    SCOPED_TRACE(static_cast<int>(deletes));
    DueSource world([&](World& w) { w.options.deletes = deletes; });
    world.faults.at("writer.store", 1, Fault::killed_after);
    EXPECT_FALSE(world.sync_or_die());
    world.faults.clear();
    world.target.remove("INBOX");
    world.target.create("INBOX");
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(world.lost(), 0u);
    for (int pass = 0; pass < 2; ++pass) {
      world.loop.advance(std::chrono::hours(2));
      world.sync();
    }
    world.expect_each_once(0);
    for (const auto& [uid, message] : world.target.box("INBOX").messages)
      EXPECT_FALSE(message.flags.contains("\\Deleted")) << uid.value();
    EXPECT_TRUE(world.source.box("INBOX").messages.empty());
    EXPECT_EQ(world.vault.audit.size(), std::size_t{RestoredTarget::kAll});
  }
}

TEST(ClearedMail, WhatIsLostOfASharerThatIsGoneAtTheSourceIsSaidAndSentWhenItIsBack) {
  for (const Deletes deletes : {Deletes::keep, Deletes::mirror, Deletes::trash}) {
    SCOPED_TRACE(static_cast<int>(deletes));
    DueSource world([&](World& w) {
      w.options.deletes = deletes;
      merge_other_into_inbox(w);
    });
    for (int i = 0; i < 3; ++i) world.source.append("Other", mail("other" + std::to_string(i)));
    for (int pass = 0; pass < 3; ++pass) {
      world.sync();
      world.loop.advance(std::chrono::hours(2));
    }
    const ModelMailbox other = world.source.box("Other");
    EXPECT_TRUE(other.messages.empty());
    world.source.remove("Other");
    world.sync();
    world.restore(1);
    world.source.append("INBOX", mail("new"));
    const auto report = world.sync();
    EXPECT_EQ(report.problems.size(), 2u);
    EXPECT_THAT(report.problems.back().to_string(),
                ::testing::HasSubstr("lacks 3 messages that the source does not have either"));
    EXPECT_EQ(world.sync().state, PassReport::State::ok) << "said once";
    world.expect_each_once(1);
    world.source.create("Other") = other;
    for (int pass = 0; pass < 2; ++pass) world.sync();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.count(world.target, mail("other" + std::to_string(i))), 1u) << i;
    world.expect_each_once(1);
  }
}

/// What has vanished is no successor of what stood in an older generation, be it wanted on the target or not.
TEST(ClearedMail, WhatIsLostDoesNotTakeThePlaceOfAnEqualMessageOfAnOlderGeneration) {
  DueSource world;
  for (int copy = 0; copy < 2; ++copy) world.source.append("INBOX", mail("twin"));
  world.sync();
  world.loop.advance(std::chrono::hours(2));
  world.sync();
  world.source.renumber("INBOX");
  world.source.append("INBOX", mail("twin"));
  for (int pass = 0; pass < 3; ++pass) {
    world.sync();
    world.loop.advance(std::chrono::hours(2));
  }
  EXPECT_TRUE(world.source.box("INBOX").messages.empty());
  EXPECT_EQ(world.count(world.target, mail("twin")), 2u);
  world.restore(0);
  world.source.append("INBOX", mail("new"));
  const auto report = world.sync();
  EXPECT_EQ(world.count(world.target, mail("twin")), 1u);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems[1].to_string(),
              ::testing::HasSubstr("lacks 4 messages that the source does not have either"));
}

TEST(ClearedMail, WhatWaitsInQuarantineWhenTheSourceIsRenumberedIsSaidBeforeItIsForgotten) {
  DueSource world;
  EXPECT_EQ(world.sync().source.deleted, std::size_t{RestoredTarget::kAll});
  world.sync();
  world.restore(0);
  world.source.append("INBOX", mail("new"));
  world.target.quirks.append_limit = 1;
  world.sync();
  world.target.quirks.append_limit.reset();
  world.source.renumber("INBOX");
  const auto report = world.sync();
  EXPECT_EQ(world.lost(), 3u);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0].to_string(),
              ::testing::HasSubstr("lacks 3 messages that the source does not have either"));
  world.sync();
  world.restart_counts();
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
  EXPECT_EQ(world.vault.writes + world.target.mutations, 0u);
}

/// INBOX knows of smaller UIDs alone, and has its turn first.
TEST(ClearedMail, ATargetThatIsRestoredIsNoticedByEachOfThoseThatShareIt) {
  for (const bool cleared : {false, true}) {
    SCOPED_TRACE(cleared);
    DueSource world([&](World& w) {
      if (!cleared) w.options.delete_source.reset();
      merge_other_into_inbox(w);
    });
    world.sync();
    world.backup = world.target.box("INBOX");
    for (int i = 0; i < 2; ++i) world.source.append("Other", mail("other" + std::to_string(i)));
    for (int pass = 0; pass < 3; ++pass) {
      world.sync();
      world.loop.advance(std::chrono::hours(2));
    }
    EXPECT_EQ(world.source.box("Other").messages.empty(), cleared);
    world.restore(0);
    for (int i = 0; i < 2; ++i) world.source.append("INBOX", mail("new" + std::to_string(i)));
    world.source.append("Other", mail("other2"));
    EXPECT_EQ(world.sync().problems.size(), 1u);
    world.expect_each_once(0);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.count(world.target, mail("other" + std::to_string(i))), 1u) << i;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(world.count(world.target, mail("new" + std::to_string(i))), 1u) << i;
  }
}

/// A pass is killed when it has brought two more and before it says so; the target is restored to just what it knew.
TEST(ClearedMail, WhatAKilledPassHadBroughtIsMissedToo) {
  for (std::uint64_t call = 1; call <= 30; ++call) {
    SCOPED_TRACE(call);
    DueSource world;
    world.sync();
    world.sync();
    world.backup = world.target.box("INBOX");
    for (int i = 0; i < 2; ++i) world.source.append("INBOX", mail("new" + std::to_string(i)));
    world.faults.at(call, Fault::killed_after);
    world.sync_or_die();
    world.faults.clear();
    for (int pass = 0; pass < 3; ++pass) {
      world.sync();
      world.loop.advance(std::chrono::hours(2));
    }
    EXPECT_TRUE(world.source.box("INBOX").messages.empty());
    world.restore(0);
    world.source.append("INBOX", mail("newer"));
    for (int pass = 0; pass < 2; ++pass) world.sync();
    world.expect_each_once(0);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(world.count(world.target, mail("new" + std::to_string(i))), 1u) << i;
    EXPECT_EQ(world.count(world.target, mail("newer")), 1u);
  }
}

TEST(ClearedMail, OurOwnMarkStaysOursWhenTheSourceIsRenumbered) {
  for (const Deletes deletes : {Deletes::keep, Deletes::mirror, Deletes::trash}) {
    SCOPED_TRACE(static_cast<int>(deletes));
    DueSource world([&](World& w) { w.options.deletes = deletes; });
    world.faults.at("writer.store", 1, Fault::killed_after);
    EXPECT_FALSE(world.sync_or_die());
    world.faults.clear();
    world.source.renumber("INBOX");
    for (int pass = 0; pass < 3; ++pass) {
      world.sync();
      world.loop.advance(std::chrono::hours(2));
    }
    world.expect_each_once(0);
    for (const auto& [uid, message] : world.target.box("INBOX").messages)
      EXPECT_FALSE(message.flags.contains("\\Deleted")) << uid.value();
    EXPECT_TRUE(world.source.box("INBOX").messages.empty());
    EXPECT_EQ(world.vault.audit.size(), std::size_t{RestoredTarget::kAll});
  }
}

TEST(ClearedMail, WhatASourceHasAgainUnderANewUidvalidityHasItsGraceAnewAndItsOwnRow) {
  DueSource world;
  const ModelMailbox had = world.source.box("INBOX");
  EXPECT_EQ(world.sync().source.deleted, std::size_t{RestoredTarget::kAll});
  world.sync();
  ModelMailbox& inbox = world.source.box("INBOX");
  inbox = had;
  inbox.uidvalidity = UidValidity(had.uidvalidity.value() + 100);
  for (int pass = 0; pass < 2; ++pass) EXPECT_EQ(world.sync().source.deleted, 0u);
  world.loop.advance(std::chrono::hours(2));
  EXPECT_EQ(world.sync().source.deleted, std::size_t{RestoredTarget::kAll});
  EXPECT_EQ(world.vault.audit.size(), 2u * RestoredTarget::kAll);
  world.expect_each_once(0);
}

}  // namespace
}  // namespace postern::testing
