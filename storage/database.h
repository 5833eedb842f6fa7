#pragma once

#include <rocksdb/db.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage/families.h"
#include "storage/lock_file.h"
#include "storage/vault.h"

namespace postern::storage {

class ReaderFiles;

/// The open RocksDB with its families. Thread-safe for reading; only the committer writes.
class Database {
 public:
  /// Takes the lock, makes what is missing, checks the format version.
  static Result<std::unique_ptr<Database>> open_writer(const VaultOptions& options,
                                                       std::shared_ptr<rocksdb::EventListener> listener);
  /// As of now, whether or not a writer is at work; writes nothing (see ReaderFiles).
  static Result<std::unique_ptr<Database>> open_reader(const VaultOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> close();

  rocksdb::DB& db() const { return *db_; }
  /// Null for a family that came with a later format than the vault has, in a reader: get() and scan() take it as
  /// empty.
  rocksdb::ColumnFamilyHandle* handle(Family family) const { return handles_[static_cast<std::size_t>(family)]; }
  const std::string& id() const { return id_; }
  std::uint32_t format() const { return format_; }
  bool writable() const { return lock_.has_value(); }

  /// Sees to it that not every memtable is empty, so that DB::Resume() has something to flush: only then does it leave
  /// a log behind whose writing failed (DECISIONS.md). Before each write.
  rocksdb::Status fill_a_memtable();
  /// Writes every memtable to its table, after which no log is needed.
  rocksdb::Status flush();
  /// The number of the log that is written now; 0 when it cannot be told.
  std::uint64_t log_number() const;

  Result<std::optional<Bytes>> get(Family family, ByteView key, const rocksdb::Snapshot* snapshot = nullptr) const;
  /// Rows with from <= key < end (no end when empty), in order. `visit` returns false to stop, or an error.
  using Visitor = std::function<Result<bool>(ByteView key, ByteView value)>;
  Result<void> scan(Family family, ByteView from, ByteView end, const Visitor& visit,
                    const rocksdb::Snapshot* snapshot = nullptr) const;
  /// All rows that begin with `prefix`.
  Result<void> scan_prefix(Family family, ByteView prefix, const Visitor& visit,
                           const rocksdb::Snapshot* snapshot = nullptr) const;
  /// All rows that begin with `prefix`, the last first.
  Result<void> scan_back(Family family, ByteView prefix, const Visitor& visit) const;
  /// The last key that begins with `prefix`, if any.
  Result<std::optional<Bytes>> last_key(Family family, ByteView prefix) const;

 private:
  Database() = default;
  static Result<std::unique_ptr<Database>> open_reader_once(const VaultOptions& options,
                                                            const std::shared_ptr<ReaderFiles>& files);
  /// In a folder without a vault.
  Result<void> make_families(const VaultOptions& options, const rocksdb::DBOptions& db_options);
  Result<void> open_families(const VaultOptions& options, const rocksdb::DBOptions& db_options,
                             const std::vector<Family>& there);
  rocksdb::ColumnFamilyDescriptor default_family(const VaultOptions& options) const;
  Result<void> read_meta(const std::filesystem::path& path, bool may_write);
  Result<void> check_blob_files(const VaultOptions& options);
  Result<void> write_meta();
  /// A vault of an older format becomes one of this format.
  Result<void> upgrade(const VaultOptions& options);

  std::optional<LockFile> lock_;
  std::unique_ptr<rocksdb::Env> reader_env_;  // null in a writer; outlives db_
  rocksdb::DB* db_ = nullptr;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyNames.size()> handles_{};
  std::shared_ptr<rocksdb::Cache> cache_;
  std::string id_;
  std::uint32_t format_ = 0;
};

}  // namespace postern::storage
