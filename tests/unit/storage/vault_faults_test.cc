// Full disks, failing disks, damaged files.

#include <gmock/gmock.h>
#include <rocksdb/env.h>

#include <fstream>
#include <functional>
#include <future>

#include "storage/committer.h"
#include "tests/support/faulty_disk/faulty_disk.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using testing::HasSubstr;
using State = Health::State;

class VaultFaultsTest : public VaultTest {
 protected:
  void SetUp() override {
    open_with([](VaultOptions&) {});
    inbox = mailbox();
  }
  void TearDown() override { vault.reset(); }

  void open_with(const std::function<void(VaultOptions&)>& change) {
    vault.reset();
    VaultOptions with_faults = options();
    with_faults.env = disk.env();
    with_faults.resume_interval = std::chrono::milliseconds(5);
    change(with_faults);
    open(with_faults);
  }
  void wait_for(State state) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (vault->health().state != state && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(vault->health().state, state);
  }
  /// Some 50 KB each, in one commit.
  void append_together(std::uint32_t first, std::uint32_t last) {
    Changes all = changes(inbox);
    for (std::uint32_t uid = first; uid <= last; ++uid) all.appended.push_back(entry(uid, noise(50'000, uid)));
    commit(std::move(all));
  }

  Result<Committed> try_append(std::uint32_t uid) {
    Changes one = changes(inbox);
    one.appended.push_back(entry(uid, message(static_cast<int>(uid))));
    return vault->commit(account, std::move(one));
  }

  /// Turns every octet of a file's second half over.
  static void damage(const std::filesystem::path& file) {
    std::fstream octets(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
    octets.seekg(size / 2);
    const char octet = static_cast<char>(octets.get());
    octets.seekp(size / 2);
    octets.put(static_cast<char>(octet ^ 0x40));
  }

  std::filesystem::path largest(std::string_view extension) {
    std::filesystem::path found;
    std::uintmax_t size = 0;
    for (const auto& file : std::filesystem::directory_iterator(vault_path())) {
      if (file.path().extension() != extension || file.file_size() <= size) continue;
      size = file.file_size();
      found = file.path();
    }
    return found;
  }
  std::filesystem::path vault_path() const { return folder.path() / "vault"; }

  FaultyDisk disk;
  MailboxId inbox;
};

TEST_F(VaultFaultsTest, F30AFullDiskLosesNothingAndGoesOnByItself) {
  for (std::uint32_t uid = 1; uid <= 10; ++uid) ASSERT_TRUE(try_append(uid));
  disk.switches().full = true;
  const auto refused = try_append(11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::store_full);
  EXPECT_FALSE(refused.error().remedy().empty());
  EXPECT_EQ(vault->health().state, State::read_only);
  EXPECT_EQ(try_append(11).error().kind(), ErrorKind::store_full);
  EXPECT_EQ(entries(inbox).size(), 10u);
  EXPECT_EQ(read(entries(inbox)[3].digest), message(4));

  disk.switches().full = false;
  while (vault->health().state != State::ok) std::this_thread::yield();  // the committer tries every 5 ms
  ASSERT_TRUE(try_append(11));
  expect_sound();
  disk.switches().full = false;
  vault.reset();
  open(options());
  EXPECT_EQ(entries(inbox).size(), 11u);
  expect_sound();
}

TEST_F(VaultFaultsTest, F30AFullDiskIsTriedAgainThoughCommitsKeepComing) {
  VaultOptions patient = options();
  patient.env = disk.env();
  patient.resume_interval = std::chrono::milliseconds(50);
  vault.reset();
  open(patient);
  disk.switches().full = true;
  ASSERT_FALSE(try_append(1));
  disk.switches().full = false;
  // A fleet's passes leave no pause of the length of the interval.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool stored = false;
  while (!stored && std::chrono::steady_clock::now() < deadline) stored = try_append(1).has_value();
  EXPECT_TRUE(stored);
  expect_sound();
}

TEST_F(VaultFaultsTest, F30ADiskThatIsFullWhenAVaultSettlesIsNoticedAndTriedAgainThoughNobodyCommits) {
  open_with([](VaultOptions& soon) { soon.settle_after = std::chrono::milliseconds(1); });
  disk.switches().full_for_tables = true;
  append_together(1, 40);
  wait_for(State::read_only);
  disk.switches().full_for_tables = false;
  wait_for(State::ok);
  ASSERT_TRUE(try_append(41));
  EXPECT_EQ(entries(inbox).size(), 41u);
  expect_sound();
}

TEST_F(VaultFaultsTest, F30ACommitThatFailedWhenItsLogWasNotedDoesNotComeBackInParts) {
  open_with([](VaultOptions& small) { small.write_buffer_octets = 256u << 10; });
  disk.switches().tables_wait = true;  // so that it is a commit that notes the log before it as complete
  disk.switches().full_for_manifest = true;
  std::uint32_t uid = 0;
  bool stored = true;
  while (stored && uid < 100) {
    Changes two = changes(inbox);
    for (const unsigned seed : {1u, 2u}) two.appended.push_back(entry(uid + seed, noise(20'000, uid + seed)));
    uid += 2;
    stored = vault->commit(account, std::move(two)).has_value();
  }
  ASSERT_FALSE(stored);
  disk.switches().full_for_manifest = false;
  disk.release_tables();
  wait_for(State::ok);
  for (int more = 0; more < 10; ++more) {
    ++uid;
    append(inbox, uid, message(static_cast<int>(uid), 100));
    expect_sound();
  }
  vault.reset();
  open(options());
  EXPECT_GE(entries(inbox).size(), uid - 2);
  expect_sound();
}

TEST_F(VaultFaultsTest, F30AVaultIsClosedOnAFullDiskAndLosesNothing) {
  append_together(1, 40);
  disk.switches().full = true;
  EXPECT_TRUE(vault->close());
  disk.switches().full = false;
  open(options());
  EXPECT_EQ(entries(inbox).size(), 40u);
  expect_sound();
}

/// Flushes that begin late, as on a machine that has more to do.
class HeldFlushes final : public rocksdb::EnvWrapper {
 public:
  explicit HeldFlushes(rocksdb::Env* env) : EnvWrapper(env) {}
  static const char* kClassName() { return "HeldFlushes"; }
  const char* Name() const override { return kClassName(); }

  void Schedule(void (*work)(void*), void* argument, Priority priority, void* tag, void (*drop)(void*)) override {
    if (hold && priority == HIGH) {
      held_ = [=, this] { EnvWrapper::Schedule(work, argument, priority, tag, drop); };
    } else {
      EnvWrapper::Schedule(work, argument, priority, tag, drop);
    }
  }
  void release() {
    hold = false;
    held_();
  }
  std::atomic<bool> hold = false;

 private:
  std::function<void()> held_;
};

/// The committer on a database of its own, and what it is told of the background.
class CommitterFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database = Database::open_writer(options(), std::make_shared<HealthKeeper>()).value();
    const Committer::Times times{std::chrono::milliseconds(5), std::chrono::seconds(3), std::chrono::hours(1)};
    committer = std::make_unique<Committer>(
        *database, health, times, [] {}, [] {});
  }
  void TearDown() override {
    committer.reset();
    database.reset();
  }
  VaultOptions options() {
    VaultOptions options;
    options.path = folder.path() / "vault";
    options.env = &flushes;
    return options;
  }

  /// To the one family that has something in memory in a vault that was just made.
  Result<void> write() {
    Committer::Job job;
    job.prepare = [&](rocksdb::WriteBatch& batch) -> Result<Committer::Prepared> {
      batch.Put(database->handle(Family::meta), "key", "value");
      return Committer::Prepared::added;
    };
    return committer->run(std::move(job));
  }
  void wait_for_the_end_of(State state) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (health.get().state == state && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  }

  TempFolder folder;
  FaultyDisk disk;
  HeldFlushes flushes{disk.env()};
  HealthKeeper health;
  std::unique_ptr<Database> database;
  std::unique_ptr<Committer> committer;
};

TEST_F(CommitterFaultsTest, F30AFullDiskThatWasFoundInTheBackgroundIsTriedAgainThoughNobodyCommits) {
  ASSERT_TRUE(write());
  rocksdb::Status full = rocksdb::Status::NoSpace();
  health.OnBackgroundError(rocksdb::BackgroundErrorReason::kFlush, &full);
  EXPECT_EQ(health.get().state, State::read_only);
  wait_for_the_end_of(State::read_only);
  EXPECT_EQ(health.get().state, State::ok);
}

TEST_F(CommitterFaultsTest, F30ALogThatWasNotWrittenNeedNotBeReplaced) {
  disk.switches().full_for_tables = true;
  EXPECT_FALSE(database->flush().ok());  // nothing is left in memory that the log would be replaced for
  EXPECT_EQ(write().error().kind(), ErrorKind::store_full);
  disk.switches().full_for_tables = false;
  wait_for_the_end_of(State::read_only);
  EXPECT_EQ(health.get().state, State::ok) << health.get().error->to_string();
  EXPECT_TRUE(write());
}

TEST_F(CommitterFaultsTest, F30WhereRocksDbDoesNotComeBackAfterAFullDiskTheVaultIsFailedAndLosesNothing) {
  ASSERT_TRUE(write());
  rocksdb::FlushOptions begin_only;
  begin_only.wait = false;
  flushes.hold = true;
  ASSERT_TRUE(database->db().Flush(begin_only, database->handle(Family::meta)).ok());
  disk.switches().full = true;
  EXPECT_EQ(write().error().kind(), ErrorKind::store_full);
  flushes.release();
  disk.switches().full = false;
  wait_for_the_end_of(State::read_only);
  ASSERT_EQ(health.get().state, State::failed);
  EXPECT_THAT(health.get().error->remedy(), HasSubstr("start Postern again"));

  committer.reset();
  database.reset();
  const auto again = Database::open_writer(options(), std::make_shared<HealthKeeper>());
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ((*again)->get(Family::meta, "key").value(), "value");
}

TEST_F(VaultFaultsTest, F30RocksDbDoesNotTryBesideUs) {
  HealthKeeper health;
  bool recover = true;
  health.OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason::kWriteCallback, rocksdb::Status::NoSpace(), &recover);
  EXPECT_FALSE(recover);
}

TEST_F(VaultFaultsTest, F30CommitsWaitingBehindAFailedOneFailWithIt) {
  ASSERT_TRUE(try_append(1));
  disk.switches().full = true;
  std::vector<std::future<Result<Committed>>> results;
  const auto line = std::make_shared<CommitLine>();
  for (std::uint32_t uid = 2; uid <= 30; ++uid) {
    Changes one = changes(inbox);
    one.appended.push_back(entry(uid, message(static_cast<int>(uid))));
    one.cursor = SourceCursor{kGeneration, uid + 1, uid, ModSeq(), {}};
    one.line = line;
    auto promise = std::make_shared<std::promise<Result<Committed>>>();
    results.push_back(promise->get_future());
    vault->commit(account, std::move(one), [promise](Result<Committed> r) { promise->set_value(std::move(r)); });
    if (uid == 20) disk.switches().full = false;
  }
  bool failed = false;
  std::uint32_t stored = 1;
  for (auto& result : results) {
    const auto committed = result.get();
    if (!committed) failed = true;
    if (committed) {
      EXPECT_FALSE(failed) << "a commit behind a failed one went through";
      ++stored;
    }
  }
  EXPECT_EQ(entries(inbox).size(), stored);
  expect_sound();
}

TEST_F(VaultFaultsTest, F32AfterAFailedSyncNothingIsWrittenUntilReopening) {
  ASSERT_TRUE(try_append(1));
  disk.switches().sync_fails = true;
  EXPECT_EQ(try_append(2).error().kind(), ErrorKind::store);
  EXPECT_EQ(vault->health().state, State::failed);
  disk.switches().sync_fails = false;
  EXPECT_EQ(try_append(3).error().kind(), ErrorKind::store);
  EXPECT_EQ(vault->put_quarantine(account, {}).error().kind(), ErrorKind::store);
  vault.reset();
  open(options());
  EXPECT_THAT(entries(inbox).size(), testing::AnyOf(1u, 2u));  // the second was never acknowledged
  ASSERT_TRUE(try_append(3));
  expect_sound();
}

TEST_F(VaultFaultsTest, F34ADamagedChunkIsNamedWithTheMessagesItTouches) {
  vault.reset();
  VaultOptions small_buffers = options();
  small_buffers.write_buffer_octets = 256u << 10;
  open(small_buffers);
  for (std::uint32_t uid = 1; uid <= 40; ++uid) append(inbox, uid, noise(100'000, uid));
  vault.reset();
  damage(largest(".blob"));
  open(options());
  CheckOptions data;
  data.read_data = true;
  const CheckReport report = vault->check(data).value();
  ASSERT_FALSE(report.problems.empty());
  EXPECT_EQ(report.problems[0].kind, "chunk_damaged");
  EXPECT_THAT(report.problems[0].detail, HasSubstr("touches alice: INBOX: UIDVALIDITY 7 UID "));
  const Digest damaged = Digest::from_hex(report.problems[0].digest).value();
  EXPECT_EQ(vault->object_prefix(damaged, 100'000).error().kind(), ErrorKind::store);
  EXPECT_EQ(report.objects, 40u);
}

TEST_F(VaultFaultsTest, F34DamageInTheMiddleOfTheLogIsRefusedNotRolledBack) {
  for (std::uint32_t uid = 1; uid <= 50; ++uid) ASSERT_TRUE(try_append(uid));
  vault.reset();
  damage(largest(".log"));
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
  EXPECT_FALSE(opened.error().remedy().empty());
}

TEST_F(VaultFaultsTest, F35AMissingTableIsNoticed) {
  vault.reset();
  VaultOptions small_buffers = options();
  small_buffers.write_buffer_octets = 256u << 10;
  open(small_buffers);
  for (std::uint32_t uid = 1; uid <= 40; ++uid) append(inbox, uid, noise(100'000, uid));
  vault.reset();
  std::filesystem::remove(largest(".sst"));
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
}

TEST_F(VaultFaultsTest, F35AMissingBlobFileIsNoticed) {
  vault.reset();
  VaultOptions small_buffers = options();
  small_buffers.write_buffer_octets = 256u << 10;
  open(small_buffers);
  for (std::uint32_t uid = 1; uid <= 40; ++uid) append(inbox, uid, noise(100'000, uid));
  vault.reset();
  std::filesystem::remove(largest(".blob"));
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
}

}  // namespace
}  // namespace postern::storage
