#pragma once

#include <atomic>
#include <memory>

namespace rocksdb {
class Env;
}

namespace postern::storage {

/// The operating system's files with switches for what disks do. Thread-safe.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  /// For VaultOptions; lives as long as this does.
  rocksdb::Env* env() const;

  struct Switches {
    std::atomic<bool> full = false;               // every write says ENOSPC, after half of it was written
    std::atomic<bool> full_for_tables = false;    // the same for tables and blob files alone
    std::atomic<bool> full_for_manifest = false;  // and for the list of files alone
    std::atomic<bool> sync_fails = false;         // fsync says EIO
    std::atomic<bool> no_sync = false;            // fsync does nothing: for tests of many small writes
    std::atomic<int> syncs = 0;                   // how many there were
    std::atomic<bool> tables_wait = false;        // writing tables and blob files, but not the log, does not get on …
    std::atomic<int> waiting = 0;                 // … and so many writes stand still
  };
  Switches& switches() { return *switches_; }
  /// Ends tables_wait.
  void release_tables();

 private:
  std::shared_ptr<Switches> switches_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace postern::storage
