// The fourteen ways in which a source seems to have deleted mail that a person still has: the target loses nothing,
// what is held is said, the rest of the pass goes on, and what a person lets through goes, and nothing else.

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

class GuardScenario : public PassTest {
 protected:
  static constexpr std::uint32_t kMessages = 40;

  GuardScenario() {
    options.deletes = sync::Deletes::mirror;
    options.origin = "alice@old.example";
    for (std::uint32_t i = 0; i < kMessages; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    source.create("Work");
    for (int i = 0; i < 30; ++i) source.append("Work", mail("w" + std::to_string(i)));
    sync();
    before_ = octets_of(target);
    source.append("Work", mail("news"));
  }

  static std::multiset<Bytes> octets_of(const ModelServer& server) {
    std::multiset<Bytes> all;
    for (const auto& [name, box] : server.boxes()) {
      for (const auto& [uid, message] : box.messages) all.insert(message.octets);
    }
    return all;
  }
  void expect_nothing_lost() {
    const auto now = octets_of(target);
    EXPECT_TRUE(std::includes(now.begin(), now.end(), before_.begin(), before_.end()));
    for (const AuditRecord& one : vault.audit) EXPECT_EQ(one.action, AuditRecord::Action::moved);
  }
  void expect_the_rest_goes_on() { EXPECT_EQ(octets_of(target).count(mail("news")), 1u); }
  const std::map<MailboxId, GuardHold>& holds() { return vault.targets.begin()->second.holds; }
  void expect_held(const sync::PassReport& report, std::size_t messages, GuardHold::Reason reason) {
    EXPECT_EQ(report.state, sync::PassReport::State::attention);
    ASSERT_TRUE(report.target);
    EXPECT_EQ(report.target->held, messages);
    EXPECT_EQ(report.target->deleted, 0u);
    const auto said = std::find_if(report.problems.begin(), report.problems.end(), [](const Error& one) {
      return one.to_string().find("the target keeps what vanished") != std::string::npos;
    });
    EXPECT_NE(said, report.problems.end());
    std::size_t held = 0;
    for (const auto& [mailbox, hold] : holds()) {
      EXPECT_EQ(hold.reason, reason);
      held += hold.uids.size();
    }
    EXPECT_EQ(held, messages);
  }
  void expect_nothing_held(const sync::PassReport& report) {
    EXPECT_EQ(report.target->held, 0u);
    EXPECT_TRUE(holds().empty());
  }
  /// A person lets through what is held; `messages` go with the next pass, and no more.
  void let_through(std::size_t messages) {
    const std::size_t size = octets_of(target).size();
    for (auto& [mailbox, hold] : vault.targets.begin()->second.holds) hold.acknowledged = true;
    const auto report = sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    EXPECT_EQ(report.target->deleted, messages);
    EXPECT_EQ(octets_of(target).size(), size - messages);
    EXPECT_TRUE(holds().empty());
  }
  void empty(std::string_view name) {
    while (!source.box(name).messages.empty()) source.box(name).expunge(source.box(name).messages.begin()->first);
  }

  std::multiset<Bytes> before_;
};

TEST_F(GuardScenario, EmptyInboxAfterLoginToAnotherAccount) {
  options.origin = "alice@another.example";
  for (std::uint32_t uid = 1; uid <= 3; ++uid) source.box("INBOX").expunge(Uid(uid));  // few enough for any limit
  expect_held(sync(), 3, GuardHold::Reason::other_account);
  expect_nothing_lost();
  expect_the_rest_goes_on();
  let_through(3);
  EXPECT_EQ(vault.origin, "alice@another.example");
}

TEST_F(GuardScenario, ServerRestoredFromAnOldBackup) {
  ModelMailbox& inbox = source.box("INBOX");
  for (std::uint32_t uid = 11; uid <= kMessages; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = 11;
  inbox.highestmodseq = ModSeq(11);
  expect_held(sync(), 30, GuardHold::Reason::server_reverted);
  expect_nothing_lost();
  expect_the_rest_goes_on();
  for (int i = 0; i < 35; ++i) source.append("INBOX", mail("after" + std::to_string(i)));
  sync();
  expect_nothing_lost();
  for (int i = 0; i < 35; ++i) EXPECT_EQ(octets_of(target).count(mail("after" + std::to_string(i))), 1u) << i;
}

TEST_F(GuardScenario, ServerRestoredFromABackupThatForgotThreeMessages) {
  ModelMailbox& inbox = source.box("INBOX");
  for (std::uint32_t uid = kMessages - 2; uid <= kMessages; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = kMessages - 2;
  expect_held(sync(), 3, GuardHold::Reason::server_reverted);
  expect_nothing_lost();
  let_through(3);
}

TEST_F(GuardScenario, ServerRestoredAndTheConnectionBreaksAtEachCallOfThePull) {
  for (std::uint64_t call = 1; call <= 12; ++call) {
    World world;
    world.options.deletes = sync::Deletes::mirror;
    world.options.reconnects = 0;
    for (int i = 0; i < 30; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    ModelMailbox& inbox = world.source.box("INBOX");
    for (std::uint32_t uid = 28; uid <= 30; ++uid) inbox.messages.erase(Uid(uid));
    inbox.uidnext = 28;
    world.faults.at(call, Fault::cut_before);
    world.sync();
    world.faults.clear();
    world.sync();
    EXPECT_EQ(world.target.box("INBOX").messages.size(), 30u) << "call " << call;
  }
}

/// What shows that the server was restored is durable before anything vanishes.
TEST_F(GuardScenario, ServerRestoredAndTheProcessEndsBeforeTheTargetsTurn) {
  const auto pulled = [](World& w) { return w.vault.mailbox("INBOX")->cursor->uidnext == 28; };
  const auto held = [](World& w) { return !w.vault.targets.begin()->second.holds.empty(); };
  for (const std::function<bool(World&)>& when : {std::function<bool(World&)>(pulled), {held}}) {
    World world;
    world.options.deletes = sync::Deletes::mirror;
    for (int i = 0; i < 30; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    ModelMailbox& inbox = world.source.box("INBOX");
    for (std::uint32_t uid = 28; uid <= 30; ++uid) inbox.messages.erase(Uid(uid));
    inbox.uidnext = 28;
    world.faults.choose([&](std::string_view) { return when(world) ? Fault::killed_before : Fault::none; });
    ASSERT_FALSE(world.sync_or_die());
    world.faults.clear();
    inbox.uidnext = 50;  // it has caught up
    world.source.append("INBOX", mail("after"));
    for (int pass = 0; pass < 2; ++pass) {
      const auto report = world.sync();
      EXPECT_EQ(report.state, sync::PassReport::State::attention);
      EXPECT_EQ(report.target->held, 3u);
      EXPECT_EQ(world.target.box("INBOX").messages.size(), 31u);
    }
    world.vault.targets.begin()->second.holds.begin()->second.acknowledged = true;
    EXPECT_EQ(world.sync().target->deleted, 3u);
    EXPECT_EQ(difference(world), "");
  }
}

TEST_F(GuardScenario, ServerRestoredAndPulledWithoutATargetForAWhile) {
  ModelMailbox& inbox = source.box("INBOX");
  for (std::uint32_t uid = kMessages - 2; uid <= kMessages; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = kMessages - 2;
  options.replay = false;
  sync();
  inbox.uidnext = kMessages + 10;
  source.append("INBOX", mail("after"));
  sync();
  options.replay = true;
  expect_held(sync(), 3, GuardHold::Reason::server_reverted);
  expect_nothing_lost();
  let_through(3);
}

/// It says nothing of the messages that it is asked about.
TEST_F(GuardScenario, ServerRestoredThatDoesNotListWhatItHasUnderOldUids) {
  ModelMailbox& inbox = source.box("INBOX");
  for (std::uint32_t uid = 11; uid <= kMessages; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = 11;
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("under a UID that is held " + std::to_string(i)));
  source.quirks.silent_of_identities = true;
  for (std::uint32_t uid = 1; uid <= 15; ++uid) {  // fetched again
    vault.by_reuse.insert({vault.mailbox("INBOX")->id, inbox.uidvalidity, Uid(uid)});
  }
  sync();
  expect_nothing_lost();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(octets_of(target).count(mail("under a UID that is held " + std::to_string(i))), 1u) << i;
  }
}

TEST_F(GuardScenario, ServerRestoredThatGotMailBeforeWeLooked) {
  ModelMailbox& inbox = source.box("INBOX");
  for (std::uint32_t uid = 11; uid <= kMessages; ++uid) inbox.messages.erase(Uid(uid));
  inbox.uidnext = 11;
  for (std::uint32_t uid = 11; uid <= 15; ++uid) {  // the same UIDs, fetched again
    vault.by_reuse.insert({vault.mailbox("INBOX")->id, inbox.uidvalidity, Uid(uid)});
  }
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("under a UID that is held " + std::to_string(i)));
  sync();
  expect_nothing_lost();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(octets_of(target).count(mail("under a UID that is held " + std::to_string(i))), 1u) << i;
  }
  for (int i = 0; i < 35; ++i) source.append("INBOX", mail("after" + std::to_string(i)));
  sync();
  expect_nothing_lost();
  for (const auto& [uid, message] : inbox.messages)
    EXPECT_EQ(octets_of(target).count(message.octets), 1u) << uid.value();
}

TEST_F(GuardScenario, UidvalidityReset) {
  empty("INBOX");
  source.renumber("INBOX");
  const auto report = sync();
  expect_nothing_held(report);
  EXPECT_EQ(report.target->deleted, 0u) << "another UIDVALIDITY says nothing of the old messages";
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, ListReturnsNothing) {
  source.quirks.list_empty = true;
  const auto report = sync();
  EXPECT_NE(report.state, sync::PassReport::State::ok);
  expect_nothing_lost();
  source.quirks.list_empty = false;
  expect_nothing_held(sync());
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, NamespacePrefixChanged) {
  for (const char* name : {"A", "B", "C"}) {
    source.create(name);
    source.append(name, mail(name));
  }
  sync();
  before_ = octets_of(target);
  for (const char* name : {"A", "B", "C"}) source.remove(name);
  source.append("Work", mail("more"));
  expect_held(sync(), 3, GuardHold::Reason::mailboxes_vanished);
  expect_nothing_lost();
  EXPECT_EQ(octets_of(target).count(mail("more")), 1u);
  for (const char* name : {"A", "B", "C"}) EXPECT_TRUE(target.has(name));
  let_through(3);
}

TEST_F(GuardScenario, FilterEdited) {
  options.selects = [](const MailboxName& name) { return name.display() != "INBOX"; };
  const auto report = sync();
  expect_nothing_held(report);
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, SearchTruncatedWithOk) {
  source.quirks.condstore = source.quirks.qresync = false;
  source.quirks.uids_cut = 35;
  source.append("INBOX", mail("another"));
  sync();
  expect_nothing_lost();
  source.quirks.uids_cut = 0;
  loop.advance(std::chrono::hours(2));
  sync();
  expect_nothing_held(sync());
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, AnOutageThatShowsEmptyMailboxesWithOk) {
  const ModelMailbox was = source.box("INBOX");
  empty("INBOX");
  expect_held(sync(), kMessages, GuardHold::Reason::emptied);
  expect_nothing_lost();
  expect_the_rest_goes_on();
  const ModSeq after(source.box("INBOX").highestmodseq.value() + 1);
  source.box("INBOX") = was;
  source.box("INBOX").highestmodseq = after;
  for (auto& [uid, message] : source.box("INBOX").messages) message.modseq = after;
  loop.advance(std::chrono::hours(2));
  sync();
  expect_nothing_held(sync());
  expect_in_step();
}

TEST_F(GuardScenario, AMailboxIsEmptiedOnPurpose) {
  empty("INBOX");
  expect_held(sync(), kMessages, GuardHold::Reason::emptied);
  expect_held(sync(), kMessages, GuardHold::Reason::emptied);
  source.append("INBOX", mail("later"));
  sync();
  let_through(kMessages);
  expect_in_step();
}

TEST_F(GuardScenario, ManyVanishAtOnce) {
  for (std::uint32_t uid = 1; uid <= 21; ++uid) source.box("INBOX").expunge(Uid(uid));
  expect_held(sync(), 21, GuardHold::Reason::many);
  source.box("INBOX").expunge(Uid(22));  // bit by bit it is as many
  expect_held(sync(), 22, GuardHold::Reason::many);
  expect_nothing_lost();
  expect_the_rest_goes_on();
  let_through(22);
}

TEST_F(GuardScenario, WhatVanishedAndWasKeptIsNoPartOfTheMailbox) {
  options.deletes = sync::Deletes::keep;
  for (std::uint32_t uid = 1; uid <= 30; ++uid) source.box("INBOX").expunge(Uid(uid));
  sync();
  options.deletes = sync::Deletes::mirror;
  empty("INBOX");
  expect_held(sync(), 10, GuardHold::Reason::emptied);
  expect_nothing_lost();
  let_through(10);
}

TEST_F(GuardScenario, WhatPosternDeletedAtTheSourceIsNoPartOfTheMailbox) {
  for (auto& [place, binding] : vault.targets.begin()->second.bindings) {
    binding.leaving = place.mailbox == vault.mailbox("INBOX")->id && place.uid.value() <= 30;
  }
  for (std::uint32_t uid = 1; uid <= 30; ++uid) source.box("INBOX").expunge(Uid(uid));
  expect_nothing_held(sync());
  empty("INBOX");
  expect_held(sync(), 10, GuardHold::Reason::emptied);
  expect_nothing_lost();
}

TEST_F(GuardScenario, TheVaultItselfRestoredFromABackup) {
  const VaultState backup = vault;
  for (std::uint32_t uid = 1; uid <= 4; ++uid) source.box("INBOX").expunge(Uid(uid));
  sync();
  EXPECT_EQ(octets_of(target).size(), 70u + 1 - 4);
  before_ = octets_of(target);
  vault = backup;
  sync();
  const auto now = octets_of(target);
  EXPECT_TRUE(std::includes(now.begin(), now.end(), before_.begin(), before_.end()));
}

TEST_F(GuardScenario, ClockJumps) {
  loop.jump_wall(std::chrono::hours(24 * 4'000));
  expect_nothing_held(sync());
  loop.jump_wall(-std::chrono::hours(24 * 8'000));
  expect_nothing_held(sync());
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, SourceAndTargetSwapped) {
  target.append("INBOX", mail("written to the target by another client"));
  std::swap(source, target);
  before_ = octets_of(target);
  for (std::uint32_t uid = 1; uid <= 4; ++uid) source.box("INBOX").expunge(Uid(uid));
  options.origin = "alice@new.example";
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 0u);
  expect_nothing_lost();
}

TEST_F(GuardScenario, ExistsFlaps) {
  source.quirks.exists_lie = -35;
  sync();
  expect_nothing_lost();
  source.quirks.exists_lie = 0;
  expect_nothing_held(sync());
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, VanishedOneToStar) {
  ModelMailbox& inbox = source.box("INBOX");
  inbox.highestmodseq = ModSeq(inbox.highestmodseq.value() + 1);
  for (const auto& [uid, message] : inbox.messages) inbox.expunged[uid] = inbox.highestmodseq;
  const auto report = sync();
  EXPECT_EQ(report.target->deleted, 0u);
  expect_nothing_lost();
  expect_the_rest_goes_on();
}

TEST_F(GuardScenario, AnotherClientExpungesWhileWeEnumerate) {
  source.quirks.condstore = source.quirks.qresync = false;
  source.append("INBOX", mail("another"));
  source.box("INBOX").expunge(Uid(1));
  std::uint32_t next = 2;
  faults.choose([&](std::string_view call) {
    if ((call == "source.uids" || call == "source.flags") && next <= 5) source.box("INBOX").expunge(Uid(next++));
    return Fault::none;
  });
  sync();
  faults.clear();
  loop.advance(std::chrono::hours(2));
  sync();
  expect_nothing_held(sync());
  expect_in_step();
  expect_the_rest_goes_on();
}

}  // namespace
}  // namespace postern::testing
