#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/mail/records.h"
#include "storage/body_sealer.h"
#include "storage/changes.h"
#include "storage/check.h"
#include "storage/families.h"
#include "storage/object_reader.h"

namespace rocksdb {
class Env;
}

namespace postern::storage {

/// How new chunks are compressed; each says for itself how it was.
struct CompressionOptions {
  int level = 3;           // of zstd: 1 to 19
  bool dictionary = true;  // train dictionaries on the vault's own mail, and use them
};

struct VaultOptions {
  enum class Mode : std::uint8_t {
    read_write,  // the one writer; a second one gets ErrorKind::vault_in_use, naming the first
    read_only,   // beside a running writer, as of the moment of opening (or of refresh())
  };
  std::filesystem::path path;
  Mode mode = Mode::read_write;
  bool create = true;                   // read_write: make a new vault where there is nothing
  std::string holder = "postern";       // what a second writer is told: "postern run"
  const Clock* clock = nullptr;         // stamps history and snapshots; null: the machine's. Must outlive the vault
  std::size_t cache_octets = 8u << 20;  // RocksDB's block cache
  std::size_t write_buffer_octets = 5u << 20;  // chunks gathered before a file is written; two at most
  CompressionOptions compression = {};
  std::chrono::milliseconds resume_interval{2'000};  // how often a full disk is tried again
  std::chrono::milliseconds resume_limit{60'000};    // one such try that takes longer will never end
  std::chrono::milliseconds settle_after{10'000};    // without a commit, until what the log holds goes to its tables
  rocksdb::Env* env = nullptr;  // null: the operating system; tests inject faults. Must outlive the vault
};

struct Account {
  AccountId id;
  std::string name;
};

struct Target {
  TargetId id;
  std::string name;
  HistorySeq cursor;
};

/// Whether the vault can be written. Reads go on in every state.
struct Health {
  enum class State : std::uint8_t {
    ok,
    read_only,  // no space: commits fail with store_full, tried again every resume_interval
    failed,     // an I/O error or damage: nothing is written until the vault is opened again
  };
  State state = State::ok;
  std::optional<Error> error;
};

/// The vault: messages by digest, and what every account knows of them; bytes in FORMAT.md. All functions block and may
/// be called from any thread; a written thing is durable when its function returns success or its `done` runs.
/// One thread inside, the committer, writes everything, many waiters to one sync.
/// Errors: store (damaged or unwritable), store_full, not_found, vault_in_use and vault_format (open).
class Vault {
 public:
  static Result<std::unique_ptr<Vault>> open(VaultOptions options);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// Waits for commits under way, syncs, gives the lock up. The destructor does it too, without telling how it went.
  /// Nothing may be called afterwards; idempotent.
  Result<void> close();

  Health health() const;
  const std::filesystem::path& path() const;
  /// 32 hex digits, made when the vault was.
  std::string id() const;
  /// Of what is on disk: a writer brings an older vault to this Postern's when it opens it, a reader leaves it.
  std::uint32_t format_version() const;
  /// read_only: catches up with the writer, by opening again. No other call may be under way meanwhile.
  Result<void> refresh();

  // --- accounts
  /// The account of that name, added when it is new.
  Result<AccountId> account_id(std::string_view name);
  Result<std::optional<AccountId>> find_account(std::string_view name) const;
  Result<std::vector<Account>> accounts() const;
  Result<AccountTotals> totals(AccountId account) const;
  Result<void> put_pass_summary(AccountId account, PassSummary summary);
  Result<std::optional<PassSummary>> pass_summary(AccountId account) const;

  // --- bodies: CPU work on the caller's thread
  /// Hashes, compresses and looks for a body held whole (at most kMaxWhole octets).
  static constexpr std::size_t kMaxWhole = 1u << 20;
  Result<SealedBody> seal(ByteView octets);
  /// The same for several that will be committed together: what is small in them is compressed together, and costs less
  /// the more there are.
  Result<std::vector<SealedBody>> seal(const std::vector<Bytes>& bodies);
  /// For larger ones.
  std::unique_ptr<BodySealer> sealer();
  /// How many dictionaries the vault has. They are trained once enough mail was sealed.
  std::size_t dictionaries() const;

  // --- source state
  Result<std::vector<MailboxRecord>> mailboxes(AccountId account) const;
  /// With an id: changes that mailbox (another name is a rename). Without: the mailbox of that wire name, of several
  /// the one that is present, then the latest; added when it is new. An empty `mailbox_id` leaves the one that is
  /// known. Generation and cursor of a mailbox that exists are not touched: they move by commits and new_generation().
  /// Writes nothing when nothing differs. Returns the mailbox as it is now.
  Result<MailboxRecord> put_mailbox(AccountId account, MailboxRecord record);
  /// UIDVALIDITYs of a mailbox under which there are entries, ascending.
  Result<std::vector<UidValidity>> generations(AccountId account, MailboxId mailbox) const;
  /// From now on `uidvalidity` is the current generation, without a cursor; the old one's entries stay.
  Result<void> new_generation(AccountId account, MailboxId mailbox, UidValidity uidvalidity);
  /// Both without waiting: `done` runs on the committer's thread. Many under way share a sync, and are written in the
  /// order of the calls.
  void put_mailbox(AccountId account, MailboxRecord record, std::function<void(Result<MailboxRecord>)> done);
  void new_generation(AccountId account, MailboxId mailbox, UidValidity uidvalidity,
                      std::function<void(Result<void>)> done);
  /// When the mailbox began generations at or after `since`, ascending, its first one left out. Reads the account's
  /// history back to then.
  Result<std::vector<WallTime>> generation_changes(AccountId account, MailboxId mailbox, WallTime since) const;
  /// UIDs of a generation that have not vanished.
  Result<UidSet> known_uids(AccountId account, MailboxId mailbox, UidValidity uidvalidity) const;
  /// Entries with UIDs in `range`, ascending, vanished ones included, at most `limit`.
  Result<std::vector<Entry>> entries(AccountId account, MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                     std::size_t limit) const;
  /// The same without a limit and without collecting; `visit` returns false to stop.
  using EntryVisitor = std::function<bool(const Entry&)>;
  Result<void> for_each_entry(AccountId account, MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                              const EntryVisitor& visit) const;

  // --- commits
  /// Returns at once. Commits become durable in the order of the calls; when one fails for want of a working store,
  /// all that wait behind it fail too (see CommitLine for other failures). `done` runs on the committer's thread and
  /// must be quick. An entry that exists with the same digest is not added again. A `held` digest that the vault does
  /// not have fails the commit, and its line, with not_found and Scope::message; nothing of it is written.
  using CommitDone = std::function<void(Result<Committed>)>;
  void commit(AccountId account, Changes changes, CommitDone done);
  Result<Committed> commit(AccountId account, Changes changes);

  // --- history and moments
  Result<HistorySeq> history_end(AccountId account) const;
  /// Rows after `after`, ascending, at most `limit`.
  Result<std::vector<HistoryRecord>> history(AccountId account, HistorySeq after, std::size_t limit) const;
  /// Names the end of the history, unless nothing has changed since the last snapshot.
  Result<std::optional<SnapshotRecord>> snapshot(AccountId account);
  Result<std::vector<SnapshotRecord>> snapshots(AccountId account) const;
  /// The last snapshot taken at or before `when`.
  Result<std::optional<SnapshotRecord>> snapshot_at(AccountId account, WallTime when) const;
  /// The mailboxes that were there just after `seq`, with the names and generations of then.
  Result<std::vector<MailboxRecord>> mailboxes_at(AccountId account, HistorySeq seq) const;
  /// The entries of a generation just after `seq`, without the vanished; ascending. `visit` returns false to stop.
  Result<void> for_each_entry_at(AccountId account, MailboxId mailbox, UidValidity uidvalidity, HistorySeq seq,
                                 const EntryVisitor& visit) const;

  // --- target state
  Result<TargetId> target_id(AccountId account, std::string_view name);
  Result<std::vector<Target>> targets(AccountId account) const;
  Result<HistorySeq> target_cursor(AccountId account, TargetId target) const;
  Result<void> set_target_cursor(AccountId account, TargetId target, HistorySeq seq);
  Result<std::vector<TargetMailboxRecord>> target_mailboxes(AccountId account, TargetId target) const;
  Result<void> put_target_mailbox(AccountId account, TargetId target, TargetMailboxRecord record);
  /// Bindings of a generation with UIDs in `range`, ascending, at most `limit`.
  Result<std::vector<Binding>> bindings(AccountId account, TargetId target, MailboxId mailbox, UidValidity uidvalidity,
                                        UidRange range, std::size_t limit) const;
  /// Bindings of a mailbox, all generations, ascending, after `after`, at most `limit`.
  Result<std::vector<Binding>> all_bindings(AccountId account, TargetId target, MailboxId mailbox,
                                            std::optional<Place> after, std::size_t limit) const;
  Result<IntentId> put_intent(AccountId account, TargetId target, Intent intent);
  Result<std::vector<Intent>> intents(AccountId account, TargetId target) const;
  Result<IntentId> put_store_intent(AccountId account, TargetId target, StoreIntent intent);
  Result<std::vector<StoreIntent>> store_intents(AccountId account, TargetId target) const;
  /// Of all mailboxes, or of one; ascending by place.
  Result<std::vector<Doubt>> doubts(AccountId account, TargetId target, std::optional<MailboxId> mailbox) const;
  Result<void> commit_target(AccountId account, TargetId target, TargetChanges changes);

  // --- deletions at servers, and the guard's memory
  /// Ascending by target and mailbox.
  Result<std::vector<GuardHold>> guard_holds(AccountId account) const;
  Result<std::vector<GuardHold>> guard_holds(AccountId account, TargetId target) const;
  /// Lets through those of `seen` that are still held as they were seen: the same UIDs, no more. Gives which.
  Result<std::vector<GuardHold>> acknowledge_holds(AccountId account, std::vector<GuardHold> seen);
  Result<void> put_audit(AccountId account, std::vector<AuditRecord> rows);
  /// The oldest first; `visit` returns false to stop.
  using AuditVisitor = std::function<bool(std::uint64_t seq, const AuditRecord& row)>;
  Result<void> for_each_audit(AccountId account, const AuditVisitor& visit) const;
  /// Which source filled the account, as set_origin() noted it; empty: not noted.
  Result<std::string> origin(AccountId account) const;
  Result<void> set_origin(AccountId account, std::string origin);

  // --- objects
  /// not_found when the vault does not hold it.
  Result<std::unique_ptr<ObjectReader>> open_object(const Digest& digest) const;
  /// The first octets of an object, at most `limit` (at most kMaxWhole), each chunk of its own verified; the whole
  /// message alone verifies what lies in packs.
  Result<Bytes> object_prefix(const Digest& digest, std::size_t limit) const;
  /// Its size when the vault holds it.
  Result<std::optional<std::uint64_t>> object_size(const Digest& digest) const;

  /// What the account's messages with these EMAILIDs are, in order: the one last entered with each. None where no such
  /// message was entered or its object is not there.
  Result<std::vector<std::optional<HeldBody>>> held_by_email_id(AccountId account,
                                                                const std::vector<std::string>& ids) const;

  // --- what a person has to see
  Result<void> put_quarantine(AccountId account, QuarantineRecord record);
  Result<void> clear_quarantine(AccountId account, QuarantineRecord record);
  Result<std::vector<QuarantineRecord>> quarantine(AccountId account) const;
  /// Everything held back is due now, and stays held until a pass has got it through. Gives how many there are.
  Result<std::size_t> retry_quarantine(AccountId account);

  /// Every row of a family whose key begins with `prefix`, as of one moment, in order; `visit` returns false to stop.
  using RowVisitor = std::function<bool(ByteView key, ByteView value)>;
  Result<void> for_each_row(Family family, ByteView prefix, const RowVisitor& visit) const;

  // --- integrity
  /// Every invariant of FORMAT.md; problems are in the report, an Error means that the check itself could not go on.
  Result<CheckReport> check(const CheckOptions& options) const;

  class Impl;

 private:
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace postern::storage
