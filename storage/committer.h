#pragma once

#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "storage/database.h"
#include "storage/vault.h"

namespace postern::storage {

/// The vault's health as RocksDB's background threads and the committer see it. Thread-safe.
class HealthKeeper final : public rocksdb::EventListener {
 public:
  Health get() const;
  void set(Health::State state, std::optional<Error> error);
  /// After a failure: read_only for a full disk, else failed, which nothing takes back.
  void fail_with(const rocksdb::Status& status, const Error& error);
  /// `changed` runs after each change, on the thread that brought it; in the place of the one before, which is not
  /// running any more when this returns.
  void watch(std::function<void()> changed);
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  /// RocksDB does not try by itself: while it does, DB::Resume() is refused, and it looks only every five seconds.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error, bool* recover) override;

 private:
  mutable std::mutex mutex_;
  Health health_;
  std::mutex watch_mutex_;  // never taken within mutex_, nor the other way round
  std::function<void()> changed_;
};

/// The one thread that writes. Jobs are prepared in the order of submit(), gathered into one WriteBatch and synced
/// together; `done` runs on this thread, in the same order. Rules that make a crash harmless (DECISIONS.md):
///   - what refers and what is referred to travel in one batch; chunks written before theirs ("loose") are synced
///   first;
///   - after a failure everything that waits fails too, and nothing is written until the cause is gone (full disk) or
///   the
///     vault is opened again (anything else).
class Committer {
 public:
  enum class Prepared : std::uint8_t {
    added,       // its rows are in the batch
    nothing,     // there is nothing to write
    next_group,  // it must read what this batch has yet to write: prepare it again after
  };
  struct Job {
    /// Adds rows to the batch, from committed state and the job alone. An error must leave no trace outside the batch.
    std::function<Result<Prepared>(rocksdb::WriteBatch&)> prepare;
    std::function<void(const std::optional<Error>&)> done;
    std::size_t octets = 0;
    bool loose = false;       // need not be durable when `done` runs
    bool first_only = false;  // reads what any job may have written: only first in a group
  };

  struct Times {  // see VaultOptions
    std::chrono::milliseconds resume_interval, resume_limit, settle_after;
  };
  /// `forget` runs on the committer's thread after a failed write: caches of uncommitted state must go.
  Committer(Database& database, HealthKeeper& health, Times times, std::function<void()> forget,
            std::function<void()> group_done);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  void submit(Job job);
  /// Submits and waits.
  Result<void> run(Job job);
  /// Prepares and writes what has been submitted, then ends the thread, and settles. Idempotent.
  void stop();

 private:
  void work();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void wait_idly(std::unique_lock<std::mutex>& lock);
  void settle();
  std::chrono::steady_clock::time_point next_try();
  void try_to_resume();
  std::optional<rocksdb::Status> resume();
  bool is_stopping();
  void start_again_is_needed(const std::string& why);
  void write_group();
  std::vector<Job> gather();
  rocksdb::Status write(bool durable);
  rocksdb::Status write_to_log(bool durable);
  void fail_all(std::vector<Job>& group, const Error& error);
  std::optional<Job> take_next(std::size_t taken, std::size_t octets);

  Database& database_;
  HealthKeeper& health_;
  const Times times_;
  const std::function<void()> forget_;
  const std::function<void()> group_done_;
  rocksdb::WriteBatch batch_;                                      // of the group at hand; its memory is kept
  std::uint64_t unsettled_ = 0;                                    // octets written since all was in tables
  bool loose_chunks_ = false;                                      // written, and not yet synced
  std::uint64_t broken_log_ = 0;                                   // the log whose writing failed last
  std::optional<std::chrono::steady_clock::time_point> next_try_;  // of a disk that is known to be full
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace postern::storage
