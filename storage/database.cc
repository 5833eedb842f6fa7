#include "storage/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/metadata.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "core/crypto/random.h"
#include "storage/keys.h"
#include "storage/layout.h"
#include "storage/options.h"
#include "storage/reader_files.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

rocksdb::Slice slice(ByteView octets) { return {octets.data(), octets.size()}; }
ByteView view(const rocksdb::Slice& octets) { return {octets.data(), octets.size()}; }

/// A busy writer changes its MANIFEST some twenty times a second, and opening takes some hundredths of one.
constexpr int kReaderAttempts = 100;

/// What stands in the vault's folder before it is opened.
enum class Found : std::uint8_t { nothing, vault };

Result<Found> look_at(const std::filesystem::path& path) {
  std::error_code ec;
  if (std::filesystem::exists(path / "CURRENT", ec)) return Found::vault;
  for (std::filesystem::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (name == kLockFileName || name == "LOCK" || name == "lost+found") continue;
    // Files of a vault without CURRENT: making a new one here would bury what is left of the old.
    if (name.ends_with(".sst") || name.ends_with(".blob") || name.starts_with("MANIFEST-")) {
      // A crash while a vault was being made leaves a first MANIFEST and nothing else.
      if (name == "MANIFEST-000001") continue;
      return fail(damaged_vault(path, "the file CURRENT is missing"));
    }
    if (name.ends_with(".dbtmp") || name.ends_with(".log") || name == "IDENTITY" || name.starts_with("OPTIONS-"))
      continue;
    Error error(ErrorKind::config, "the folder " + path.string() + " holds other files, for instance " + name);
    error.remedy("name an empty folder, or one that does not exist, as vault.path");
    return fail(std::move(error));
  }
  if (ec && ec != std::errc::no_such_file_or_directory) {
    Error error(ErrorKind::store, "cannot look into " + path.string() + ": " + ec.message());
    error.remedy("give the user that runs Postern access to the vault's folder");
    return fail(std::move(error));
  }
  return Found::nothing;
}

Error no_vault(const std::filesystem::path& path) {
  Error error(ErrorKind::not_found, "there is no vault at " + path.string());
  error.remedy("check vault.path; postern sync or postern run makes the vault");
  return error;
}

Result<void> make_folder(const std::filesystem::path& path) {
  std::error_code ec;
  if (std::filesystem::is_directory(path, ec)) return {};
  std::filesystem::create_directories(path.parent_path(), ec);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    Error error(ErrorKind::store, "cannot make the vault's folder " + path.string() + ": " + std::strerror(errno));
    error.remedy("make it by hand and give it to the user that runs Postern");
    return fail(std::move(error));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open_writer(const VaultOptions& options,
                                                        std::shared_ptr<rocksdb::EventListener> listener) {
  std::error_code ec;
  if (!options.create && !std::filesystem::exists(options.path / "CURRENT", ec)) return fail(no_vault(options.path));
  if (auto made = make_folder(options.path); !made) return fail(std::move(made).error());
  std::unique_ptr<Database> database(new Database);
  auto lock = LockFile::take(options.path, options.holder);
  if (!lock) return fail(std::move(lock).error());
  database->lock_ = *std::move(lock);

  const auto found = look_at(options.path);
  if (!found) return fail(found.error());
  rocksdb::DBOptions db_options = database_options(options);
  db_options.listeners.push_back(std::move(listener));
  db_options.create_if_missing = true;
  db_options.create_missing_column_families = true;
  Result<void> opened;
  if (*found == Found::vault) {
    auto families = check_families(options, db_options);
    if (!families) return fail(std::move(families).error());
    opened = database->open_families(options, db_options, *families);
  } else {
    opened = database->make_families(options, db_options);
  }
  if (!opened) return fail(std::move(opened).error());
  if (auto checked = database->check_blob_files(options); !checked) return fail(std::move(checked).error());
  if (auto read = database->read_meta(options.path, true); !read) return fail(std::move(read).error());
  if (auto upgraded = database->upgrade(options); !upgraded) return fail(std::move(upgraded).error());
  return database;
}

Result<std::unique_ptr<Database>> Database::open_reader(const VaultOptions& options) {
  std::error_code ec;
  if (!std::filesystem::exists(options.path / "CURRENT", ec)) {
    if (ec == std::errc::permission_denied) {
      return fail(ErrorKind::store, "cannot look into " + options.path.string() + ": " + ec.message());
    }
    return fail(no_vault(options.path));
  }
  for (int attempt = 1;; ++attempt) {
    const auto files = std::make_shared<ReaderFiles>(options.env, options.path);
    auto opened = open_reader_once(options, files);
    if (opened || attempt == kReaderAttempts || !files->moved()) return opened;
  }
}

Result<std::unique_ptr<Database>> Database::open_reader_once(const VaultOptions& options,
                                                             const std::shared_ptr<ReaderFiles>& files) {
  std::unique_ptr<Database> database(new Database);
  database->reader_env_ = rocksdb::NewCompositeEnv(files);
  rocksdb::DBOptions db_options = database_options(options);
  db_options.env = database->reader_env_.get();
  const auto families = check_families(options, db_options);
  if (!families) return fail(families.error());
  if (auto opened = database->open_families(options, db_options, *families); !opened)
    return fail(std::move(opened).error());
  if (auto read = database->read_meta(options.path, false); !read) return fail(std::move(read).error());
  return database;
}

/// Opening makes missing families too, with a file of options and two syncs each: 30 ms where this takes 5.
Result<void> Database::make_families(const VaultOptions& options, const rocksdb::DBOptions& db_options) {
  cache_ = rocksdb::NewLRUCache(options.cache_octets, 2);
  const std::string path = options.path.string();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.emplace_back(std::string(kFamilyNames[i]), family_options(static_cast<Family>(i), options, cache_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::Status made = rocksdb::DB::Open(db_options, path, {default_family(options)}, &handles, &db_);
  if (made.ok()) {
    default_ = handles.front();
    made = db_->CreateColumnFamilies(families, &handles);
    std::copy_n(handles.begin(), std::min(handles.size(), handles_.size()), handles_.begin());
  }
  if (!made.ok()) return fail(from_status(made, "opening " + path));
  return {};
}

Result<void> Database::open_families(const VaultOptions& options, const rocksdb::DBOptions& db_options,
                                     const std::vector<Family>& there) {
  cache_ = rocksdb::NewLRUCache(options.cache_octets, 2);
  const std::string path = options.path.string();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const Family family : there) {
    families.emplace_back(std::string(kFamilyNames[static_cast<std::size_t>(family)]),
                          family_options(family, options, cache_));
  }
  families.push_back(default_family(options));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status opened = reader_env_ == nullptr
                                     ? rocksdb::DB::Open(db_options, path, families, &handles, &db_)
                                     : rocksdb::DB::OpenForReadOnly(db_options, path, families, &handles, &db_);
  if (!opened.ok()) return fail(from_status(opened, "opening " + path));
  default_ = handles.back();
  for (std::size_t i = 0; i < there.size(); ++i) handles_[static_cast<std::size_t>(there[i])] = handles[i];
  return {};
}

rocksdb::ColumnFamilyDescriptor Database::default_family(const VaultOptions& options) const {
  return {rocksdb::kDefaultColumnFamilyName, family_options(Family::guard, options, cache_)};
}

/// RocksDB does for its tables at opening, and not for blob files: each is there, as long as it was.
Result<void> Database::check_blob_files(const VaultOptions& options) {
  rocksdb::ColumnFamilyMetaData family;
  db_->GetColumnFamilyMetaData(handle(Family::chunk), &family);
  for (const rocksdb::BlobMetaData& file : family.blob_files) {
    const std::string name = options.path.string() + "/" + file.blob_file_name;
    std::uint64_t size = 0;
    const rocksdb::Status found = db_->GetEnv()->GetFileSize(name, &size);
    if (!found.ok()) return fail(damaged_vault(options.path, "the file " + name + " cannot be found"));
    if (size != file.blob_file_size) return fail(damaged_vault(options.path, "the file " + name + " has another size"));
  }
  return {};
}

Result<void> Database::read_meta(const std::filesystem::path& path, bool may_write) {
  auto format = get(Family::meta, kFormatMetaKey);
  if (!format) return fail(std::move(format).error());
  if (!*format) {
    // A crash after the families were made and before the first row: nothing can be in them.
    auto anything = last_key(Family::entry, {});
    if (!anything) return fail(std::move(anything).error());
    if (*anything) return fail(damaged_vault(path, "its format version is missing"));
    if (!may_write) return fail(ErrorKind::not_found, "the vault " + path.string() + " is still being made");
    return write_meta();
  }
  if ((*format)->size() != 4) return fail(damaged_vault(path, "its format version cannot be read"));
  const std::uint32_t version = get_be32(**format);
  if (version > kFormatVersion) {
    return fail(newer_vault(
        path, "format " + std::to_string(version) + ", this Postern knows " + std::to_string(kFormatVersion)));
  }
  if (version == 0) return fail(damaged_vault(path, "its format version is 0"));
  for (std::size_t i = 0; i < handles_.size(); ++i) {
    if (handles_[i] == nullptr && came_with_format(static_cast<Family>(i)) <= version) {
      return fail(damaged_vault(path, "families are missing"));
    }
  }
  format_ = version;
  auto id = get(Family::meta, kIdMetaKey);
  if (!id) return fail(std::move(id).error());
  if (!*id || (*id)->size() != 16) return fail(damaged_vault(path, "its id is missing"));
  id_ = to_hex(**id);
  return {};
}

Result<void> Database::write_meta() {
  crypto::SystemRandom random;
  const Bytes id = random.octets(16);
  Bytes version;
  put_be32(version, kFormatVersion);
  rocksdb::WriteBatch batch;
  batch.Put(handle(Family::meta), slice(kIdMetaKey), slice(id));
  batch.Put(handle(Family::meta), slice(kFormatMetaKey), slice(version));
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status written = db_->Write(write, &batch);
  if (!written.ok()) return fail(from_status(written, "writing the first rows"));
  id_ = to_hex(id);
  format_ = kFormatVersion;
  return {};
}

/// The families first: an older Postern refuses a vault with a family that it does not know. After a crash before the
/// number is written the next writer goes on here. No row of the new format is written before its number is durable.
Result<void> Database::upgrade(const VaultOptions& options) {
  if (format_ == kFormatVersion) return {};
  for (std::size_t i = 0; i < handles_.size(); ++i) {
    if (handles_[i] != nullptr) continue;
    const std::string name(kFamilyNames[i]);
    const rocksdb::Status made =
        db_->CreateColumnFamily(family_options(static_cast<Family>(i), options, cache_), name, &handles_[i]);
    if (!made.ok()) return fail(from_status(made, "making the family " + name));
  }
  Bytes version;
  put_be32(version, kFormatVersion);
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status written = db_->Put(write, handle(Family::meta), slice(kFormatMetaKey), slice(version));
  if (!written.ok()) return fail(from_status(written, "writing the new format version"));
  format_ = kFormatVersion;
  return {};
}

Database::~Database() { [[maybe_unused]] const auto closed = close(); }

Result<void> Database::close() {
  Result<void> result;
  if (db_ != nullptr) {
    for (rocksdb::ColumnFamilyHandle*& handle : handles_) {
      if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
      handle = nullptr;
    }
    if (default_ != nullptr) db_->DestroyColumnFamilyHandle(default_);
    default_ = nullptr;
    const rocksdb::Status closed = db_->Close();
    if (!closed.ok()) result = fail(from_status(closed, "closing"));
    delete db_;
    db_ = nullptr;
  }
  lock_.reset();
  return result;
}

rocksdb::Status Database::fill_a_memtable() {
  for (rocksdb::ColumnFamilyHandle* family : handles_) {
    std::uint64_t entries = 0;
    if (db_->GetIntProperty(family, rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries) && entries > 0) {
      return rocksdb::Status::OK();
    }
  }
  rocksdb::WriteOptions memory_only;
  memory_only.disableWAL = true;
  return db_->Delete(memory_only, default_, "");  // of a row that never was: takes no room
}

rocksdb::Status Database::flush() {
  rocksdb::FlushOptions options;
  options.allow_write_stall = true;  // the only writer waits for it anyhow
  std::vector<rocksdb::ColumnFamilyHandle*> families(handles_.begin(), handles_.end());
  families.push_back(default_);  // a log is needed as long as any family may have something in it
  return db_->Flush(options, families);
}

std::uint64_t Database::log_number() const {
  std::unique_ptr<rocksdb::LogFile> log;
  if (!db_->GetCurrentWalFile(&log).ok() || !log) return 0;
  return log->LogNumber();
}

Result<std::optional<Bytes>> Database::get(Family family, ByteView key, const rocksdb::Snapshot* snapshot) const {
  if (handle(family) == nullptr) return std::nullopt;
  rocksdb::PinnableSlice value;
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  const rocksdb::Status got = db_->Get(read, handle(family), slice(key), &value);
  if (got.IsNotFound()) return std::nullopt;
  if (!got.ok()) return fail(from_status(got, "reading"));
  return Bytes(value.data(), value.size());
}

Result<void> Database::scan(Family family, ByteView from, ByteView end, const Visitor& visit,
                            const rocksdb::Snapshot* snapshot) const {
  if (handle(family) == nullptr) return {};
  rocksdb::ReadOptions read;
  const rocksdb::Slice upper = slice(end);
  if (!end.empty()) read.iterate_upper_bound = &upper;
  read.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read, handle(family)));
  for (it->Seek(slice(from)); it->Valid(); it->Next()) {
    auto go_on = visit(view(it->key()), view(it->value()));
    if (!go_on) return fail(std::move(go_on).error());
    if (!*go_on) return {};
  }
  if (!it->status().ok()) return fail(from_status(it->status(), "reading"));
  return {};
}

Result<void> Database::scan_prefix(Family family, ByteView prefix, const Visitor& visit,
                                   const rocksdb::Snapshot* snapshot) const {
  return scan(family, prefix, after_prefix(Bytes(prefix)), visit, snapshot);
}

Result<void> Database::scan_back(Family family, ByteView prefix, const Visitor& visit) const {
  if (handle(family) == nullptr) return {};
  rocksdb::ReadOptions read;
  const Bytes end = after_prefix(Bytes(prefix));
  const rocksdb::Slice lower = slice(prefix), upper = slice(end);
  read.iterate_lower_bound = &lower;
  if (!end.empty()) read.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read, handle(family)));
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    auto go_on = visit(view(it->key()), view(it->value()));
    if (!go_on) return fail(std::move(go_on).error());
    if (!*go_on) return {};
  }
  if (!it->status().ok()) return fail(from_status(it->status(), "reading"));
  return {};
}

Result<std::optional<Bytes>> Database::last_key(Family family, ByteView prefix) const {
  if (handle(family) == nullptr) return std::nullopt;
  rocksdb::ReadOptions read;
  const rocksdb::Slice lower = slice(prefix);
  if (!prefix.empty()) read.iterate_lower_bound = &lower;
  const Bytes end = after_prefix(Bytes(prefix));
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(read, handle(family)));
  if (end.empty()) {
    it->SeekToLast();
  } else {
    it->SeekForPrev(slice(end));
    // The end itself is a key of somebody else.
    if (it->Valid() && it->key() == slice(end)) it->Prev();
  }
  if (!it->status().ok()) return fail(from_status(it->status(), "reading"));
  if (!it->Valid() || (!prefix.empty() && !it->key().starts_with(slice(prefix)))) return std::nullopt;
  return Bytes(view(it->key()));
}

}  // namespace postern::storage
