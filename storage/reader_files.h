#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <memory>
#include <string>

namespace postern::storage {

/// A vault's files as one opening for reading sees them. Whatever would make, change or remove a file is refused, so a
/// reader leaves no trace and works on read-only media.
///
/// A writer may be at work meanwhile. RocksDB reads the MANIFEST, opens the tables it names, lists the folder, and
/// replays the logs it finds there. A log that was flushed and removed between the first step and the third would leave
/// a hole that nobody notices; so the listing is refused when the MANIFEST is no longer what it was at the beginning.
/// A file that is gone later is noticed by RocksDB itself. In both cases moved() tells that trying again helps: files
/// are only removed after the MANIFEST has been changed.
class ReaderFiles final : public rocksdb::FileSystemWrapper {
 public:
  /// `base` null: the operating system's.
  ReaderFiles(rocksdb::Env* base, std::filesystem::path vault);
  static const char* kClassName() { return "PosternReaderFiles"; }
  const char* Name() const override { return kClassName(); }

  /// Whether a writer has changed the MANIFEST since this was made.
  bool moved() const { return manifest() != manifest_; }

  rocksdb::IOStatus GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                std::vector<std::string>* children, rocksdb::IODebugContext* debug) override;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions&,
                                       std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string&, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>*, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus Truncate(const std::string& name, std::size_t, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions&,
                                       rocksdb::IODebugContext*) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
  rocksdb::IOStatus RenameFile(const std::string& name, const std::string&, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LinkFile(const std::string& name, const std::string&, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override;
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions&, rocksdb::FileLock**,
                             rocksdb::IODebugContext*) override;

 private:
  /// Name and length of the MANIFEST: it is only appended to, or replaced by one of another name.
  std::string manifest() const;

  const std::filesystem::path vault_;
  const std::string manifest_;
};

}  // namespace postern::storage
