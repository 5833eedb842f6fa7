#include "daemon/wiring/vault_port.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "core/crypto/sha256.h"
#include "core/io/loop.h"
#include "core/io/task_group.h"
#include "core/io/worker_pool.h"
#include "core/protocol/mime/stable_header.h"
#include "storage/vault.h"
#include "tests/support/faulty_disk/faulty_disk.h"

namespace postern::daemon {
namespace {

constexpr UidValidity kGeneration{7};

class VaultPortTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "postern-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    storage::VaultOptions options;
    options.path = folder / "vault";
    options.env = disk.env();
    auto opened = storage::Vault::open(options);
    ASSERT_TRUE(opened) << opened.error().to_string();
    vault = *std::move(opened);
    account = vault->account_id("alice").value();
    port = make_vault_port(*vault, account, *workers, loop);
  }
  void TearDown() override {
    disk.release_tables();
    port.reset();
    pool.reset();
    vault.reset();
    std::filesystem::remove_all(folder);
  }

  MailboxId inbox() {
    MailboxRecord record;
    record.name = *MailboxName::from_utf8("INBOX", '/');
    const MailboxId id = loop.run(port->put_mailbox(record)).value().id;
    EXPECT_TRUE(loop.run(port->new_generation(id, kGeneration)));
    return id;
  }

  sync::NewEntry arrived(std::uint32_t uid, const Bytes& octets, std::size_t step = 4'096) {
    sync::NewEntry entry;
    entry.message.uid = Uid(uid);
    entry.message.size = octets.size();
    entry.body = port->receive(octets.size());
    for (std::size_t at = 0; at < octets.size(); at += step) entry.body->append(ByteView(octets).substr(at, step));
    EXPECT_EQ(entry.body->size(), octets.size());
    return entry;
  }

  sync::MailboxChanges changes(MailboxId mailbox) {
    sync::MailboxChanges out;
    out.mailbox = mailbox;
    out.uidvalidity = kGeneration;
    return out;
  }

  Task<Result<Bytes>> read_all(Digest digest) {
    auto source = co_await port->open_object(digest);
    if (!source) co_return fail(source.error());
    Bytes all;
    for (;;) {
      auto piece = co_await (*source)->next({});
      if (!piece) co_return fail(piece.error());
      if (piece->empty()) co_return all;
      all += *piece;
    }
  }

  std::filesystem::path folder;
  storage::FaultyDisk disk;
  Loop loop;
  std::unique_ptr<storage::Vault> vault;
  std::unique_ptr<WorkerPool> pool = std::make_unique<WorkerPool>(2);
  std::unique_ptr<Workers> workers = pool->for_loop(loop);
  AccountId account;
  std::unique_ptr<sync::Vault> port;
};

Bytes mail(int number, std::size_t octets) {
  Bytes out = "Message-ID: <" + std::to_string(number) + "@example.org>\r\nSubject: test\r\n\r\n";
  while (out.size() < octets) out += std::to_string(out.size() * 7919 + static_cast<unsigned>(number)) + "\r\n";
  return out;
}

/// A message that does not shrink.
Bytes noise(std::uint32_t seed) {
  Bytes out = "Subject: noise\r\n\r\n";
  std::mt19937 random(seed);
  while (out.size() < 200'000) out.push_back(static_cast<char>(random()));
  return out;
}

TEST_F(VaultPortTest, SmallAndLargeMessagesAreCommittedTogetherAndReadBack) {
  const MailboxId id = inbox();
  const Bytes small = mail(1, 700);
  const Bytes exact = mail(2, 1u << 20).substr(0, 1u << 20);
  const Bytes large = mail(3, (3u << 20) + 5);
  sync::MailboxChanges all = changes(id);
  all.appended.push_back(arrived(1, small));
  all.appended.push_back(arrived(2, exact));
  all.appended.push_back(arrived(3, large, 3u << 20));
  all.appended.push_back(arrived(4, ""));
  all.appended.push_back(arrived(5, small));
  all.cursor = SourceCursor{kGeneration, 6, 5, ModSeq(1), {}};
  const auto committed = loop.run(port->commit(std::move(all)));
  ASSERT_TRUE(committed) << committed.error().to_string();
  EXPECT_EQ(committed->messages, 5u);
  EXPECT_EQ(committed->octets, 2 * small.size() + exact.size() + large.size());
  EXPECT_EQ(committed->bodies_reused, 1u);
  EXPECT_EQ(port->octets_in_flight(), 0u);
  const auto entries = loop.run(port->entries(id, kGeneration, {1, 10}, 10)).value();
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(loop.run(read_all(entries[0].digest)).value(), small);
  EXPECT_EQ(loop.run(read_all(entries[1].digest)).value(), exact);
  EXPECT_EQ(loop.run(read_all(entries[2].digest)).value(), large);
  EXPECT_EQ(loop.run(read_all(entries[3].digest)).value(), "");
  EXPECT_TRUE(loop.run(port->mailboxes()).value().at(0).cursor);
}

TEST_F(VaultPortTest, CommitsUnderWayBecomeDurableInTheOrderOfTheCalls) {
  const MailboxId id = inbox();
  std::vector<Task<Result<sync::Committed>>> tasks;
  // The first takes longest to seal.
  for (std::uint32_t uid = 1; uid <= 20; ++uid) {
    sync::MailboxChanges one = changes(id);
    one.appended.push_back(arrived(uid, mail(static_cast<int>(uid), uid == 1 ? 4u << 20 : 500)));
    tasks.push_back(port->commit(std::move(one)));
  }
  EXPECT_GT(port->octets_in_flight(), 4u << 20);
  for (auto& task : tasks) EXPECT_TRUE(loop.run(std::move(task)));
  const auto history = loop.run(port->history(HistorySeq(2), 100)).value();
  ASSERT_EQ(history.size(), 20u);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(history[i].place.uid, Uid(i + 1));
  EXPECT_EQ(port->octets_in_flight(), 0u);
}

TEST_F(VaultPortTest, OnceACommitHasFailedThoseBehindItFailAndTheNextGoesOn) {
  const MailboxId id = inbox();
  sync::MailboxChanges bad = changes(MailboxId(99));
  bad.appended.push_back(arrived(1, mail(1, 500)));
  sync::MailboxChanges behind = changes(id);
  behind.cursor = SourceCursor{kGeneration, 2, 1, ModSeq(1), {}};
  auto first = port->commit(std::move(bad));
  auto second = port->commit(std::move(behind));
  EXPECT_FALSE(loop.run(std::move(first)));
  EXPECT_FALSE(loop.run(std::move(second)));
  EXPECT_FALSE(loop.run(port->mailboxes()).value().at(0).cursor);
  sync::MailboxChanges good = changes(id);
  good.appended.push_back(arrived(1, mail(1, 500)));
  EXPECT_TRUE(loop.run(port->commit(std::move(good))));
  EXPECT_EQ(port->octets_in_flight(), 0u);
}

TEST_F(VaultPortTest, AMessageFoundByItsEmailIdIsEnteredWithoutABody) {
  const MailboxId mailbox = inbox();
  sync::MailboxChanges first = changes(mailbox);
  first.appended.push_back(arrived(1, "Subject: hi\r\n\r\n"));
  first.appended.back().message.email_id = "M1";
  const auto stored = loop.run(port->commit(std::move(first)));
  ASSERT_TRUE(stored) << stored.error().to_string();
  EXPECT_EQ(stored->messages, 1u);

  const auto held = loop.run(port->held_by_email_id({"M0", "M1"})).value();
  ASSERT_EQ(held.size(), 2u);
  EXPECT_FALSE(held[0]);
  ASSERT_TRUE(held[1]);
  EXPECT_EQ(held[1]->size, 15u);

  sync::MailboxChanges second = changes(mailbox);
  second.appended.push_back(arrived(2, "Subject: another\r\n\r\n"));
  sync::NewEntry moved;
  moved.message.uid = Uid(3);
  moved.held = held[1]->digest;
  second.appended.push_back(std::move(moved));
  const auto reused = loop.run(port->commit(std::move(second)));
  ASSERT_TRUE(reused) << reused.error().to_string();
  EXPECT_EQ(reused->messages, 1u);
  EXPECT_EQ(reused->octets, 20u);
  EXPECT_EQ(reused->bodies_reused, 1u);
  EXPECT_EQ(port->octets_in_flight(), 0u);
  const auto entries = loop.run(port->entries(mailbox, kGeneration, {1, 10}, 10)).value();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[2].digest, entries[0].digest);
}

TEST_F(VaultPortTest, AMessageThatIsNotHeldFailsItsCommitAndIsNamed) {
  sync::MailboxChanges one = changes(inbox());
  sync::NewEntry moved;
  moved.message.uid = Uid(3);
  moved.held = Digest(crypto::sha256("nowhere"));
  one.appended.push_back(std::move(moved));
  const auto failed = loop.run(port->commit(std::move(one)));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(failed.error().scope(), Scope::message);
  EXPECT_THAT(failed.error().what(), ::testing::HasSubstr(Digest(crypto::sha256("nowhere")).to_hex()));
}

TEST_F(VaultPortTest, RoomReturnsWhenWorkIsDoneOrWaitingCannotHelp) {
  const MailboxId id = inbox();
  sync::NewEntry held = arrived(1, mail(1, 1'000));
  EXPECT_TRUE(loop.run(port->room(10, {})));  // nothing is being worked on
  sync::MailboxChanges one = changes(id);
  one.appended.push_back(std::move(held));
  auto commit = port->commit(std::move(one));
  EXPECT_TRUE(loop.run(port->room(10, {})));
  EXPECT_EQ(port->octets_in_flight(), 0u);
  EXPECT_TRUE(loop.run(std::move(commit)));
}

/// Like a pull: takes a message from the line only where there is room for it.
struct Pull {
  static constexpr std::uint64_t kBudget = 4u << 20;
  static constexpr std::uint32_t kMessages = 200;
  static constexpr std::size_t kSize = 200'000;
  std::uint32_t taken = 0;
  std::uint64_t most_in_flight = 0;
  bool waits = false;
  int committed = 0;
};

TEST_F(VaultPortTest, WhenTheDiskDoesNotKeepUpNothingMoreIsTakenFromTheLineAndReadsGoOn) {
  const MailboxId id = inbox();
  disk.switches().tables_wait = true;
  Pull pull;
  TaskGroup tasks(loop);
  const auto commit_one = [&](Task<Result<sync::Committed>> commit) -> Task<void> {
    if (co_await std::move(commit)) ++pull.committed;
  };
  const auto take_all = [&]() -> Task<void> {
    while (pull.taken < Pull::kMessages) {
      pull.waits = true;
      EXPECT_TRUE(co_await port->room(Pull::kBudget, {}));
      pull.waits = false;
      sync::MailboxChanges one = changes(id);
      one.appended.push_back(arrived(++pull.taken, noise(pull.taken)));
      pull.most_in_flight = std::max(pull.most_in_flight, port->octets_in_flight());
      tasks.spawn(commit_one(port->commit(std::move(one))));
    }
  };
  tasks.spawn(take_all());
  while (pull.taken < Pull::kMessages && (disk.switches().waiting == 0 || !pull.waits)) {
    const auto held = loop.run(port->entries(id, kGeneration, {1, 1'000}, 1'000));
    ASSERT_TRUE(held) << "reads go on";
  }
  EXPECT_LT(pull.taken, Pull::kMessages) << "more than all memtables and the budget hold";
  disk.release_tables();
  EXPECT_TRUE(loop.run(tasks.join({})));
  EXPECT_EQ(pull.committed, static_cast<int>(Pull::kMessages));
  EXPECT_LT(pull.most_in_flight, Pull::kBudget + 2 * Pull::kSize);
  EXPECT_EQ(loop.run(port->entries(id, kGeneration, {1, 1'000}, 1'000)).value().size(), std::size_t{Pull::kMessages});
  EXPECT_EQ(vault->health().state, storage::Health::State::ok);
}

TEST_F(VaultPortTest, AnAbandonedBodyGivesItsRoomBack) {
  { const sync::NewEntry small = arrived(1, mail(1, 1'000)); }
  EXPECT_EQ(port->octets_in_flight(), 0u);
  { const sync::NewEntry large = arrived(1, mail(1, 5u << 20)); }
  EXPECT_TRUE(loop.run(port->room(1, {})));
  EXPECT_EQ(port->octets_in_flight(), 0u);
}

TEST_F(VaultPortTest, AnIdentityIsTheStableHeaderAndTheSize) {
  const MailboxId id = inbox();
  const Bytes octets = mail(1, 2u << 20);
  sync::MailboxChanges one = changes(id);
  one.appended.push_back(arrived(1, octets));
  ASSERT_TRUE(loop.run(port->commit(std::move(one))));
  const Digest digest = loop.run(port->entries(id, kGeneration, {1, 1}, 1)).value().at(0).digest;
  const auto identities = loop.run(port->identities({digest, digest})).value();
  const sync::Identity expected{Digest(crypto::sha256(mime::stable_header(octets))), octets.size()};
  EXPECT_THAT(identities, testing::ElementsAre(expected, expected));
  EXPECT_EQ(loop.run(port->open_object(Digest())).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(loop.run(port->identities({Digest()})).error().kind(), ErrorKind::not_found);
}

TEST_F(VaultPortTest, TargetsKeepCursorsMailboxesBindingsAndIntents) {
  const MailboxId id = inbox();
  sync::MailboxChanges one = changes(id);
  for (std::uint32_t uid = 1; uid <= 3; ++uid) one.appended.push_back(arrived(uid, mail(static_cast<int>(uid), 300)));
  ASSERT_TRUE(loop.run(port->commit(std::move(one))));
  const TargetId target = loop.run(port->target_id("new")).value();
  EXPECT_EQ(loop.run(port->target_id("new")).value(), target);
  EXPECT_NE(loop.run(port->target_id("other")).value(), target);
  EXPECT_EQ(loop.run(port->target_cursor(target)).value(), HistorySeq());
  ASSERT_TRUE(loop.run(port->set_target_cursor(target, HistorySeq(4))));
  EXPECT_EQ(loop.run(port->target_cursor(target)).value(), HistorySeq(4));

  Intent intent;
  intent.mailbox = id;
  intent.items.push_back({{id, kGeneration, Uid(1)}, Digest(), 300, {"\\Seen"}});
  const IntentId intent_id = loop.run(port->put_intent(target, intent)).value();
  EXPECT_EQ(loop.run(port->intents(target)).value().at(0).items.at(0).flags, (FlagSet{"\\Seen"}));
  sync::Vault::TargetChanges bound;
  for (std::uint32_t uid = 1; uid <= 3; ++uid) {
    bound.bind.push_back({{id, kGeneration, Uid(uid)}, UidValidity(1), Uid(uid + 10), {"\\Seen"}});
  }
  bound.end_intent = intent_id;
  ASSERT_TRUE(loop.run(port->commit_target(target, bound)));
  EXPECT_TRUE(loop.run(port->intents(target)).value().empty());
  EXPECT_EQ(loop.run(port->bindings(target, id, kGeneration, {2, 3}, 10)).value().size(), 2u);
  const auto rest = loop.run(port->all_bindings(target, id, Place{id, kGeneration, Uid(1)}, 10)).value();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].target_uid, Uid(12));
  sync::Vault::TargetChanges unbound;
  unbound.unbind.push_back({id, kGeneration, Uid(2)});
  ASSERT_TRUE(loop.run(port->commit_target(target, unbound)));
  EXPECT_EQ(loop.run(port->all_bindings(target, id, std::nullopt, 10)).value().size(), 2u);
}

TEST_F(VaultPortTest, HeldDeletionsAuditStoreIntentsAndTheOrigin) {
  const MailboxId id = inbox();
  const TargetId target = loop.run(port->target_id("new")).value();
  const StoreIntent store{{}, id, UidValidity(1), {{"\\Seen"}, {}}, {4, 5}, {}};
  const IntentId intent = loop.run(port->put_store_intent(target, store)).value();
  EXPECT_EQ(loop.run(port->store_intents(target)).value().at(0).uids, store.uids);
  sync::Vault::TargetChanges changes;
  changes.hold.emplace_back();
  changes.hold[0].mailbox = id;
  changes.hold[0].target = target;
  changes.hold[0].uids = {1, 2};
  changes.audit.emplace_back();
  changes.audit[0].uid = Uid(1);
  changes.end_store_intent = intent;
  const Place place{id, UidValidity(1), Uid(4)};
  changes.doubt = {{place, Digest(), UidValidity(9), 12, {}, 1, 0, {}}};
  ASSERT_TRUE(loop.run(port->commit_target(target, changes)));
  EXPECT_TRUE(loop.run(port->store_intents(target)).value().empty());
  EXPECT_EQ(loop.run(port->guard_holds(target)).value().at(0).uids, (UidSet{1, 2}));
  ASSERT_TRUE(loop.run(port->put_audit({AuditRecord()})));
  std::vector<Uid> audited;
  ASSERT_TRUE(vault->for_each_audit(account, [&](std::uint64_t, const AuditRecord& row) {
    audited.push_back(row.uid);
    return true;
  }));
  EXPECT_EQ(audited, (std::vector<Uid>{Uid(1), Uid(0)}));
  EXPECT_EQ(loop.run(port->doubts(target, id)).value().at(0).place, place);
  sync::Vault::TargetChanges released;
  released.release = {id};
  released.end_doubt = {place};
  ASSERT_TRUE(loop.run(port->commit_target(target, released)));
  EXPECT_TRUE(loop.run(port->guard_holds(target)).value().empty());
  EXPECT_TRUE(loop.run(port->doubts(target, std::nullopt)).value().empty());
  EXPECT_EQ(loop.run(port->origin()).value(), "");
  ASSERT_TRUE(loop.run(port->set_origin("imap.example alice")));
  EXPECT_EQ(loop.run(port->origin()).value(), "imap.example alice");
}

TEST_F(VaultPortTest, QuarantineAndSnapshots) {
  const MailboxId id = inbox();
  QuarantineRecord record;
  record.place = {id, kGeneration, Uid(5)};
  record.reason = "UID FETCH Server error";
  ASSERT_TRUE(loop.run(port->put_quarantine(record)));
  EXPECT_EQ(loop.run(port->quarantine()).value().at(0).reason, record.reason);
  ASSERT_TRUE(loop.run(port->clear_quarantine(record)));
  EXPECT_TRUE(loop.run(port->quarantine()).value().empty());
  const auto snapshot = loop.run(port->snapshot()).value();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->seq, loop.run(port->history_end()).value());
  EXPECT_FALSE(loop.run(port->snapshot()).value());
}

}  // namespace
}  // namespace postern::daemon
