#include "tests/support/faulty_disk/faulty_disk.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace postern::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  enum class Kind : std::uint8_t { log, table, manifest, other };
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, Kind kind, std::shared_ptr<FaultyDisk::Switches> switches)
      : FSWritableFileOwnerWrapper(std::move(file)), kind_(kind), switches_(std::move(switches)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (kind_ == Kind::table) wait_for_release();
    if (!is_full()) return FSWritableFileOwnerWrapper::Append(data, options, debug);
    FSWritableFileOwnerWrapper::Append(Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
    return IOStatus::NoSpace("No space left on device");
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    ++switches_->syncs;
    if (switches_->no_sync) return IOStatus::OK();
    if (switches_->sync_fails) return IOStatus::IOError("Input/output error");
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }

 private:
  bool is_full() const {
    if (kind_ == Kind::table && switches_->full_for_tables) return true;
    if (kind_ == Kind::manifest && switches_->full_for_manifest) return true;
    return switches_->full;
  }
  void wait_for_release() {
    ++switches_->waiting;
    switches_->tables_wait.wait(true);
    --switches_->waiting;
  }

  const Kind kind_;
  const std::shared_ptr<FaultyDisk::Switches> switches_;
};

FaultyFile::Kind kind_of(const std::string& name) {
  if (name.ends_with(".log")) return FaultyFile::Kind::log;
  if (name.ends_with(".sst") || name.ends_with(".blob")) return FaultyFile::Kind::table;
  if (name.find("/MANIFEST-") != std::string::npos) return FaultyFile::Kind::manifest;
  return FaultyFile::Kind::other;
}

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(std::shared_ptr<FaultyDisk::Switches> switches)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), switches_(std::move(switches)) {}
  static const char* kClassName() { return "FaultyFileSystem"; }
  const char* Name() const override { return kClassName(); }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    const IOStatus made = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (made.ok()) *file = std::make_unique<FaultyFile>(std::move(*file), kind_of(name), switches_);
    return made;
  }

 private:
  const std::shared_ptr<FaultyDisk::Switches> switches_;
};

}  // namespace

FaultyDisk::FaultyDisk()
    : switches_(std::make_shared<Switches>()),
      env_(rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(switches_))) {}

FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::release_tables() {
  switches_->tables_wait = false;
  switches_->tables_wait.notify_all();
}

rocksdb::Env* FaultyDisk::env() const { return env_.get(); }

}  // namespace postern::storage
