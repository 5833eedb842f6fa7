// Makes the golden vault of the current format:
//
//   golden_vault FOLDER
//
// Two writers one after the other, so that rows lie in tables, in a blob file, and in a log that has yet to be
// replayed.

#include <rocksdb/db.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "storage/families.h"
#include "tests/unit/storage/golden.h"

using namespace postern;
using namespace postern::storage;

namespace {

class StillClock final : public Clock {
 public:
  MonotonicTime now() const override { return {}; }
  WallTime wall() const override { return at; }
  WallTime at = golden::kFirst;
};

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
  std::exit(1);
}
void must(const Result<void>& result) {
  if (!result) must<int>(fail(result.error()));
}

NewEntry entry(Vault& vault, std::uint32_t uid, const Bytes& body, FlagSet flags, std::string_view email_id = {}) {
  SealedBody sealed;
  if (body.size() <= Vault::kMaxWhole) {
    sealed = must(vault.seal(body));
  } else {
    const auto sealer = vault.sealer();
    must(sealer->add(body));
    sealed = must(sealer->finish());
  }
  return {Uid(uid), std::move(flags), golden::kDate, ModSeq(100 + uid), std::move(sealed), std::string(email_id)};
}

MailboxRecord with_id(MailboxRecord record) {
  record.mailbox_id = golden::kMailboxId;
  return record;
}

void first_session(Vault& vault) {
  const AccountId alice = must(vault.account_id("alice"));
  must(vault.account_id("bob"));
  const MailboxId inbox = must(vault.put_mailbox(alice, with_id(golden::inbox()))).id;
  must(vault.new_generation(alice, inbox, golden::kGeneration));
  Changes changes{inbox, golden::kGeneration, {}, {}, {}, {}, {}};
  changes.appended.push_back(entry(vault, 1, golden::plain(), {"\\Seen"}, golden::kPlainId));
  changes.appended.push_back(entry(vault, 2, golden::incompressible(), {"\\Answered"}));
  changes.appended.push_back(entry(vault, 3, golden::large(), {}, golden::kLargeId));
  changes.appended.push_back(entry(vault, 4, golden::plain(), {"\\Draft"}));
  must(vault.commit(alice, std::move(changes)));
  must(vault.snapshot(alice));

  const AccountId bob = must(vault.account_id("bob"));
  const MailboxId his = must(vault.put_mailbox(bob, golden::inbox())).id;
  must(vault.new_generation(bob, his, golden::kGeneration));
  Changes file{his, golden::kGeneration, {}, {}, {}, {}, {}};
  file.appended.push_back(entry(vault, 1, golden::with_file(), {}));
  must(vault.commit(bob, std::move(file)));
}

/// Moves chunks of 4 KiB and more into a blob file, as RocksDB does by itself in a vault that grows.
void compact_chunks(const std::filesystem::path& path) {
  rocksdb::ColumnFamilyOptions with_blobs;
  with_blobs.enable_blob_files = true;
  with_blobs.min_blob_size = 4u << 10;
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, with_blobs}};
  for (const std::string_view name : kFamilyNames) families.emplace_back(std::string(name), with_blobs);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions options;
  options.db_host_id = "";
  rocksdb::Status status = rocksdb::DB::Open(options, path.string(), families, &handles, &db);
  rocksdb::CompactRangeOptions everything;
  everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  if (status.ok()) status = db->CompactRange(everything, handles[1], nullptr, nullptr);
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

void second_session(Vault& vault) {
  const AccountId alice = must(vault.account_id("alice"));
  const MailboxId inbox(1);
  Changes changes{inbox, golden::kGeneration, {}, {}, {}, golden::cursor(), {}};
  changes.flags.push_back({Uid(1), {"\\Seen", "\\Flagged", "$Work"}, ModSeq(200)});
  changes.vanished.add(Uid(4));
  must(vault.commit(alice, std::move(changes)));

  MailboxRecord record;
  record.name = golden::name("Entwürfe");
  MailboxRecord drafts = must(vault.put_mailbox(alice, record));
  drafts.name = golden::name("Drafts");
  must(vault.put_mailbox(alice, drafts));
  must(vault.new_generation(alice, drafts.id, golden::kGeneration));
  must(vault.new_generation(alice, drafts.id, golden::kNextGeneration));
  Changes more{drafts.id, golden::kNextGeneration, {}, {}, {}, {}, {}};
  more.appended.push_back(entry(vault, 1, golden::tiny(), {}));
  const Digest digest = must(vault.seal(golden::incompressible())).digest;
  must(vault.commit(alice, std::move(more)));
  record.name = golden::name("Gone");
  MailboxRecord gone = must(vault.put_mailbox(alice, record));
  gone.present = false;
  must(vault.put_mailbox(alice, gone));
  must(vault.snapshot(alice));

  const TargetId target = must(vault.target_id(alice, "new"));
  must(vault.put_target_mailbox(alice, target, golden::target_mailbox()));
  TargetChanges bound;
  bound.bind = {golden::binding(), golden::verified_binding()};
  bound.hold = {golden::hold()};
  const Digest plain = must(vault.seal(golden::plain())).digest;
  bound.audit = {golden::audit(plain).at(0)};
  must(vault.commit_target(alice, target, std::move(bound)));
  must(vault.put_audit(alice, {golden::audit(plain).at(1)}));
  must(vault.put_store_intent(alice, target, golden::store_intent()));
  must(vault.set_origin(alice, std::string(golden::kOrigin)));
  must(vault.put_intent(alice, target, golden::intent(digest)));
  must(vault.set_target_cursor(alice, target, HistorySeq(6)));
  must(vault.put_quarantine(alice, golden::quarantine()));
  must(vault.put_pass_summary(alice, golden::pass()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  StillClock clock;
  VaultOptions options;
  options.path = argv[1];
  options.clock = &clock;
  {
    const auto vault = must(Vault::open(options));
    first_session(*vault);
    must(vault->close());
  }
  compact_chunks(options.path);
  clock.at = golden::kSecond;
  // Without closing, which could leave nothing in the log.
  const pid_t writer = fork();
  if (writer == 0) {
    const auto vault = must(Vault::open(options));
    second_session(*vault);
    _exit(0);
  }
  int status = 1;
  if (writer < 0 || waitpid(writer, &status, 0) != writer || status != 0) return 1;
  // RocksDB opens a database without these, and a reader needs no lock.
  std::vector<std::filesystem::path> superfluous;
  for (const auto& file : std::filesystem::directory_iterator(options.path)) {
    const std::string name = file.path().filename().string();
    if (name.starts_with("OPTIONS-") || name.starts_with("LOG") || name == "LOCK" || name == "postern.lock")
      superfluous.push_back(file.path());
  }
  for (const auto& file : superfluous) std::filesystem::remove(file);
  return 0;
}
