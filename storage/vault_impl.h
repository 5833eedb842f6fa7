#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

#include "storage/committer.h"
#include "storage/database.h"
#include "storage/dictionary_trainer.h"
#include "storage/object_codec.h"
#include "storage/pack_cache.h"
#include "storage/records_codec.h"
#include "storage/target_codec.h"
#include "storage/vault.h"

namespace postern::storage {

inline rocksdb::Slice slice(ByteView octets) { return {octets.data(), octets.size()}; }

/// What the committer remembers between groups so as not to read it back: uncommitted state, dropped by forget() when a
/// write fails. Only the committer's thread touches it.
struct WriterState {
  struct AccountState {
    HistorySeq end;
    AccountTotals totals;
  };
  struct Generation {
    Uid read_up_to;        // whether there is an entry shows by reading, up to here
    UidSet written;        // above it: the entries there are
    bool touched = false;  // by the group that is being gathered

    bool may_hold(Uid uid) const { return uid <= read_up_to || written.contains(uid); }
    void wrote(Uid uid);
  };
  /// The names of an account's mailboxes, so that putting one does not mean reading all. Two may have had one name.
  struct MailboxNames {
    std::set<std::pair<std::string, MailboxId>> ids;  // by wire octets
    MailboxId highest;
    /// The mailboxes that have that name, the latest first.
    std::vector<MailboxId> find(const std::string& wire) const;
  };
  std::unordered_map<AccountId, AccountState> accounts;
  std::unordered_map<AccountId, MailboxNames> mailbox_names;
  std::unordered_map<AccountId, std::uint64_t> audit_ends;
  std::map<std::pair<AccountId, MailboxId>, MailboxRecord> mailboxes;
  std::map<std::tuple<AccountId, MailboxId, UidValidity>, Generation> generations;
  /// Objects written lately, and their sizes: two messages with one body may both have been sealed before either was
  /// committed.
  std::unordered_map<Digest, std::uint64_t> recent_objects;

  void forget();
  /// After each group: ends "touched", and keeps the maps small.
  void group_done();
};

class Vault::Impl {
 public:
  using Prepared = Committer::Prepared;

  VaultOptions options;
  SystemClock system_clock;
  std::shared_ptr<HealthKeeper> health = std::make_shared<HealthKeeper>();
  std::unique_ptr<Database> database;
  WriterState state;
  std::unique_ptr<Committer> committer;        // none in a reader; ends before the rest
  std::atomic<std::uint64_t> next_pack = 1;    // the number of the next pack that is begun
  std::unique_ptr<DictionaryTrainer> trainer;  // none in a reader, or where none is wanted; ends before the committer

  WallTime now() const { return options.clock != nullptr ? options.clock->wall() : system_clock.wall(); }
  rocksdb::ColumnFamilyHandle* handle(Family family) const { return database->handle(family); }

  std::shared_ptr<const Compression> compression() const {
    const std::lock_guard lock(compression_mutex_);
    return compression_;
  }
  /// Reads the dictionaries; a writer then trains those that are wanting.
  Result<void> load_compression();
  /// Packs are numbered on from the last there is.
  Result<void> load_packs();
  /// Durable first, then used.
  void add_dictionary(const DictionaryRecord& record);

  /// One durable write of its own. `prepare` runs on the committer's thread.
  Result<void> write(std::function<Result<Prepared>(rocksdb::WriteBatch&)> prepare, bool first_only = true);
  /// ErrorKind::usage for a reader.
  Result<void> check_writable() const;

  // On the committer's thread.
  Result<WriterState::AccountState> account_state(AccountId account);
  Result<MailboxRecord> mailbox_state(AccountId account, MailboxId mailbox);
  Result<WriterState::MailboxNames*> mailbox_names(AccountId account);
  /// The mailbox that a name means: of several that had it the one that is present, then the latest.
  Result<std::optional<MailboxId>> mailbox_named(AccountId account, const WriterState::MailboxNames& names,
                                                 const MailboxName& name);
  Result<WriterState::Generation> generation_state(AccountId account, MailboxId mailbox, UidValidity uidvalidity);
  Result<Prepared> prepare_mailbox(rocksdb::WriteBatch& batch, AccountId account, MailboxRecord& record);
  Result<Prepared> prepare_generation(rocksdb::WriteBatch& batch, AccountId account, MailboxId mailbox,
                                      UidValidity uidvalidity);
  Result<IntentId> put_intent_row(Family family, AccountId account, TargetId target, const Bytes& value);
  Result<std::uint64_t> audit_end(AccountId account);
  Result<void> put_audit_rows(rocksdb::WriteBatch& batch, AccountId account, const std::vector<AuditRecord>& rows);
  /// What is bound to the place, and in doubt about it, at any target.
  Result<void> unbind(rocksdb::WriteBatch& batch, AccountId account, const Place& place);
  void put_history(rocksdb::WriteBatch& batch, AccountId account, WriterState::AccountState& state, HistoryRow row);
  void put_account_state(rocksdb::WriteBatch& batch, AccountId account, const WriterState::AccountState& now);
  void put_mailbox_row(rocksdb::WriteBatch& batch, AccountId account, const MailboxRecord& record);

  // From any thread.
  Result<std::optional<Entry>> entry(AccountId account, const Place& place) const;
  Result<std::optional<MailboxRecord>> mailbox(AccountId account, MailboxId mailbox) const;
  Result<std::optional<Recipe>> recipe(const Digest& digest) const;
  Result<std::optional<TargetRow>> target(AccountId account, TargetId target) const;
  /// A chunk's octets, verified against its name.
  Result<Bytes> chunk(const Digest& digest) const;
  /// A pack's content; only the messages' digests verify it.
  Result<std::shared_ptr<const Bytes>> pack(std::uint64_t number) const;
  Result<Bytes> content(const Slice& slice) const;
  /// A piece's octets: a chunk's, or some of a pack or of the recipe, which the message's digest alone verifies.
  Result<Bytes> content(const Piece& piece) const;
  std::unique_ptr<ObjectReader> reader(const Digest& digest, Recipe recipe) const;
  /// Those with a row of their own behind `seq`.
  Result<std::set<MailboxId>> mailboxes_changed_since(AccountId account, HistorySeq seq) const;
  Result<std::optional<SnapshotRecord>> last_snapshot(AccountId account, ByteView end) const;

  /// The entries of a commit become rows; defined in vault_commit.cc.
  class CommitJob;

 private:
  static constexpr std::size_t kPackCacheOctets = 4u << 20;
  mutable PackCache packs_{kPackCacheOctets};
  mutable std::mutex compression_mutex_;
  std::shared_ptr<const Compression> compression_ = std::make_shared<Compression>();
};

/// Reading that should not see later writes; a reader's view stands still by itself.
class View {
 public:
  explicit View(const Database& database)
      : database_(database), snapshot_(database.writable() ? database.db().GetSnapshot() : nullptr) {}
  ~View() {
    if (snapshot_ != nullptr) database_.db().ReleaseSnapshot(snapshot_);
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  const Database& database_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace postern::storage
