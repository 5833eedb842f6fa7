// `delete_source: after_verified`: what may be deleted at the source, and that nothing else is.

#include <functional>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

class DeleteSourceTest : public PassTest {
 protected:
  DeleteSourceTest() {
    options.delete_source = std::chrono::seconds(0);
    source.create("Work");
  }
  void fill(int count) {
    for (int i = 0; i < count; ++i) source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
    for (int i = 0; i < count; ++i) source.append("Work", mail("w" + std::to_string(i)));
  }
  std::size_t left(std::string_view name) { return source.box(name).messages.size(); }
  void expect_target_whole(std::size_t count) {
    EXPECT_EQ(target.box("INBOX").messages.size(), count);
    EXPECT_EQ(target.box("Work").messages.size(), count);
  }
  /// Somebody, in the moment before the call of that name.
  void before(std::string name, std::function<void()> act) {
    faults.choose([name = std::move(name), act = std::move(act), done = false](std::string_view call) mutable {
      if (call == name && !std::exchange(done, true)) act();
      return Fault::none;
    });
  }
};

TEST_F(DeleteSourceTest, WhatWasReadBackIsDeletedAndEachDeletionHasItsRow) {
  fill(3);
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.deleted, 6u);
  EXPECT_EQ(left("INBOX") + left("Work"), 0u);
  expect_target_whole(3);
  ASSERT_EQ(vault.audit.size(), 6u);
  for (const AuditRecord& row : vault.audit) {
    EXPECT_EQ(row.action, AuditRecord::Action::source_expunged);
    EXPECT_EQ(row.target, TargetId{});
    EXPECT_TRUE(vault.objects.contains(row.digest));
  }
  EXPECT_EQ(sync().source.vanished, 6u);
  expect_target_whole(3);
  expect_quiet();
  EXPECT_EQ(faults.calls_of("writer.connect"), 0);
}

TEST_F(DeleteSourceTest, WithoutTheKeyNothingIsReadBackAndNothingDeleted) {
  options.delete_source.reset();
  fill(2);
  EXPECT_EQ(sync().source.deleted, 0u);
  EXPECT_EQ(faults.calls_of("writer.connect") + faults.calls_of("target.digests"), 0);
  EXPECT_EQ(left("INBOX"), 2u);
}

TEST_F(DeleteSourceTest, TheGraceIsWaitedFor) {
  options.delete_source = std::chrono::hours(24);
  fill(2);
  EXPECT_EQ(sync().source.deleted, 0u);
  expect_quiet();
  loop.advance(std::chrono::hours(23));
  EXPECT_EQ(sync().source.deleted, 0u);
  loop.advance(std::chrono::hours(1));
  EXPECT_EQ(sync().source.deleted, 4u);
  EXPECT_EQ(faults.calls_of("target.digests"), 0) << "read back once, before expect_quiet() counted";
}

TEST_F(DeleteSourceTest, AMessageThatTheTargetAlteredStaysAndIsReported) {
  fill(2);
  before("target.digests", [this] { target.box("INBOX").messages.at(Uid(1)).octets += "altered"; });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("altered the octets of 1 messages: UIDs 1"));
  EXPECT_EQ(left("INBOX"), 1u);
  EXPECT_EQ(left("Work"), 0u);
  EXPECT_EQ(vault.audit.size(), 3u);
  faults.clear();
  const auto later = sync();
  EXPECT_EQ(later.source.deleted, 0u);
  EXPECT_EQ(later.problems.size(), 1u) << "in each pass";
  EXPECT_TRUE(source.box("INBOX").messages.contains(Uid(1)));
}

TEST_F(DeleteSourceTest, AnotherUidvalidityAtTheSourceKeepsEverythingInIt) {
  fill(2);
  before("writer.connect", [this] { source.renumber("INBOX"); });
  EXPECT_EQ(sync().source.deleted, 2u);
  EXPECT_EQ(left("INBOX"), 2u);
  EXPECT_EQ(vault.audit.size(), 2u);
}

TEST_F(DeleteSourceTest, AMessageOfAnotherSizeStaysAndIsReported) {
  fill(2);
  before("writer.list", [this] { source.box("INBOX").messages.at(Uid(1)).octets += "more"; });
  const auto report = sync();
  EXPECT_EQ(report.source.deleted, 3u);
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_TRUE(source.box("INBOX").messages.contains(Uid(1)));
}

TEST_F(DeleteSourceTest, FlagsThatChangedSinceThePullAreBroughtOverFirst) {
  fill(2);
  before("writer.list", [this] { source.box("INBOX").store(Uid(1), {"\\Flagged"}); });
  EXPECT_EQ(sync().source.deleted, 3u);
  EXPECT_EQ(left("INBOX"), 1u);
  faults.clear();
  EXPECT_EQ(sync().source.deleted, 1u);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Flagged"}));
}

TEST_F(DeleteSourceTest, ANewMessageIsNotDeletedUnseen) {
  fill(2);
  before("writer.expunge", [this] {
    source.append("INBOX", mail("new"));
    source.box("INBOX").store(Uid(3), {"\\Deleted"});
  });
  EXPECT_EQ(sync().source.deleted, 4u);
  EXPECT_EQ(left("INBOX"), 1u) << "another client had marked it, and it was not in the set";
}

TEST_F(DeleteSourceTest, WhatThePersonDeletedOnTheTargetStaysAtTheSource) {
  options.delete_source = std::chrono::hours(1);
  fill(2);
  sync();
  target.box("INBOX").expunge(Uid(1));
  loop.advance(std::chrono::hours(1));
  EXPECT_EQ(sync().source.deleted, 3u);
  EXPECT_TRUE(source.box("INBOX").messages.contains(Uid(1)));
}

TEST_F(DeleteSourceTest, WithoutUidplusNothingIsDeletedAndItIsSaidOnce) {
  source.quirks.uidplus = false;
  fill(2);
  const auto report = sync();
  EXPECT_EQ(report.source.deleted, 0u);
  EXPECT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(left("INBOX") + left("Work"), 4u);
  EXPECT_EQ(source.mutations, 0u);
  EXPECT_TRUE(vault.audit.empty());
}

TEST_F(DeleteSourceTest, ADamagedMessageOfTheVaultStaysAtTheSource) {
  options.delete_source = std::chrono::hours(1);
  fill(2);
  sync();
  vault.damaged.insert(digest_of(mail("m0")));
  loop.advance(std::chrono::hours(1));
  const auto report = sync();
  EXPECT_EQ(report.source.deleted, 3u);
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_TRUE(source.box("INBOX").messages.contains(Uid(1)));
}

TEST_F(DeleteSourceTest, AMailboxOfWhichDeletionsAreHeldIsLeftAlone) {
  options.deletes = sync::Deletes::mirror;
  options.delete_source = std::chrono::hours(1);
  fill(30);
  sync();
  for (std::uint32_t uid = 1; uid <= 25; ++uid) source.box("Work").expunge(Uid(uid));
  loop.advance(std::chrono::hours(1));
  EXPECT_EQ(sync().source.deleted, 30u);
  EXPECT_EQ(left("Work"), 5u);
}

TEST_F(DeleteSourceTest, NothingIsDeletedInAnAccountThatDidNotFillTheVault) {
  options.origin = "alice@old.example";
  options.delete_source = std::chrono::hours(1);
  fill(2);
  sync();
  loop.advance(std::chrono::hours(1));
  options.origin = "alice@another.example";
  for (const auto deletes : {sync::Deletes::keep, sync::Deletes::trash}) {
    options.deletes = deletes;
    const auto report = sync();
    EXPECT_EQ(report.source.deleted, 0u);
    EXPECT_EQ(report.state, PassReport::State::attention);
    EXPECT_EQ(left("INBOX") + left("Work"), 4u);
    EXPECT_EQ(source.mutations, 0u);
  }
  vault.origin = options.origin;  // a person says that it is the same
  EXPECT_EQ(sync().source.deleted, 4u);
}

TEST_F(DeleteSourceTest, AConnectionThatBreaksIsMadeAgainInThePass) {
  for (const char* call :
       {"target.digests", "writer.connect", "writer.open", "writer.list", "writer.store", "writer.expunge"}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after}) {
      SCOPED_TRACE(std::string(call) + " fault " + std::to_string(static_cast<int>(fault)));
      World world;
      world.options.delete_source = std::chrono::seconds(0);
      for (int i = 0; i < 3; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
      world.faults.at(call, 1, fault);
      const auto report = world.sync();
      EXPECT_EQ(report.state, PassReport::State::ok);
      EXPECT_EQ(report.source.deleted, 3u);
      EXPECT_EQ(world.vault.audit.size(), 3u);
      EXPECT_TRUE(world.source.box("INBOX").messages.empty());
    }
  }
}

TEST_F(DeleteSourceTest, ASourceThatBreaksEveryConnectionFailsThePassAndEachThingIsSaidOnce) {
  fill(2);
  faults.choose([this](std::string_view call) {
    if (call == "target.digests") target.box("INBOX").messages.at(Uid(1)).octets += "altered";
    return call == "writer.list" ? Fault::cut_before : Fault::none;
  });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(report.problems.size(), 1u) << "the altered message";
  EXPECT_EQ(faults.calls_of("writer.connect"), options.reconnects + 1);
  EXPECT_EQ(left("INBOX") + left("Work"), 4u);
}

/// A source restored from a backup gives a UID to another message, and the process ends anywhere on the way.
TEST_F(DeleteSourceTest, AMessageUnderAReusedUidStaysUntilTheTargetHasIt) {
  int interrupted = 0;
  for (const char* call : {"vault.commit", "vault.commit_target", "target.append", "writer.expunge"}) {
    for (int n = 1; n <= 6; ++n) {
      for (const Fault fault : {Fault::killed_before, Fault::killed_after}) {
        SCOPED_TRACE(std::string(call) + " " + std::to_string(n) + " fault " + std::to_string(static_cast<int>(fault)));
        World world;
        world.options.delete_source = std::chrono::hours(1);
        for (int i = 0; i < 4; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
        world.sync();
        ModelMailbox& inbox = world.source.box("INBOX");
        for (const std::uint32_t uid : {3u, 4u}) inbox.expunge(Uid(uid));
        inbox.expunged.clear();
        inbox.uidnext = 3;
        world.vault.by_reuse.insert({world.vault.mailbox("INBOX")->id, inbox.uidvalidity, Uid(3)});  // is fetched again
        world.source.append("INBOX", mail("another"));
        const auto nowhere = [&world] {
          const auto holds = [](const ModelServer& server) {
            const auto& messages = server.boxes().at("INBOX").messages;
            return std::any_of(messages.begin(), messages.end(),
                               [](const auto& one) { return one.second.octets == mail("another"); });
          };
          return !holds(world.source) && !holds(world.target);
        };
        world.loop.advance(std::chrono::hours(1));
        world.faults.at(call, n, fault);
        if (!world.sync_or_die()) ++interrupted;
        EXPECT_FALSE(nowhere());
        world.faults.clear();
        for (int pass = 0; pass < 3; ++pass) {
          world.sync();
          EXPECT_FALSE(nowhere());
          world.loop.advance(std::chrono::hours(1));
        }
        EXPECT_TRUE(inbox.messages.empty());
        EXPECT_EQ(world.target.box("INBOX").messages.size(), 5u) << "the older one beside the newer";
      }
    }
  }
  EXPECT_GE(interrupted, 8);
}

/// Every call of the clearing, broken in every way: what goes at the source is on the target and has its row, and in
/// the end all of it has gone.
TEST_F(DeleteSourceTest, AnInterruptionAnywhereLosesNothingAndDeletesNothingTwice) {
  int interrupted = 0;
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (const char* call : {"target.digests", "vault.commit_target", "writer.connect", "writer.open", "writer.list",
                             "writer.store", "writer.expunge"}) {
      for (int n = 1; n <= 6; ++n) {
        SCOPED_TRACE(std::string(call) + " " + std::to_string(n) + " fault " + std::to_string(static_cast<int>(fault)));
        World world;
        world.options.delete_source = std::chrono::seconds(0);
        world.source.create("Work");
        for (int i = 0; i < 3; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
        for (int i = 0; i < 3; ++i) world.source.append("Work", mail("w" + std::to_string(i)));
        world.faults.at(call, n, fault);
        world.sync_or_die();
        if (world.faults.calls_of(call) >= n) ++interrupted;
        std::size_t gone = 6;
        for (const auto& [name, box] : world.source.boxes()) gone -= box.messages.size();
        EXPECT_LE(gone, world.vault.audit.size()) << "a deletion without a row";
        world.faults.clear();
        for (int pass = 0; pass < 3; ++pass) world.sync();
        EXPECT_EQ(world.source.box("INBOX").messages.size() + world.source.box("Work").messages.size(), 0u);
        EXPECT_EQ(world.target.box("INBOX").messages.size(), 3u);
        EXPECT_EQ(world.target.box("Work").messages.size(), 3u);
        for (const auto& [uid, message] : world.target.box("INBOX").messages) {
          EXPECT_EQ(message.flags, (FlagSet{"\\Seen"}));
        }
        EXPECT_EQ(world.vault.audit.size(), 6u);
      }
    }
  }
  EXPECT_GE(interrupted, 30);
}

}  // namespace
}  // namespace postern::testing
