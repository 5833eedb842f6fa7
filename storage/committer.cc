#include "storage/committer.h"

#include <rocksdb/convenience.h>

#include <algorithm>
#include <future>

#include "core/base/stop_point.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

/// A group ends here: enough to hide the cost of a sync, little enough to bound memory and the wait of the first in it.
constexpr std::size_t kGroupOctets = 3u << 20;
constexpr std::size_t kGroupJobs = 512;
/// Less in the log is left there: it is replayed in a few milliseconds, and small tables are no gain.
constexpr std::uint64_t kWorthSettling = 1u << 20;
/// How often the end of a try to resume is looked for, and how long it may take when the vault is being closed.
constexpr std::chrono::milliseconds kLookAtResume{20};
constexpr std::chrono::milliseconds kResumeLimitAtTheEnd{5'000};
constexpr std::size_t kKeptBatch = kGroupOctets + kGroupOctets / 4;

}  // namespace

Health HealthKeeper::get() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

void HealthKeeper::set(Health::State state, std::optional<Error> error) {
  {
    const std::lock_guard lock(mutex_);
    if (health_.state == Health::State::failed) return;
    health_ = {state, std::move(error)};
  }
  const std::lock_guard lock(watch_mutex_);
  if (changed_) changed_();
}

void HealthKeeper::watch(std::function<void()> changed) {
  const std::lock_guard lock(watch_mutex_);
  changed_ = std::move(changed);
}

void HealthKeeper::fail_with(const rocksdb::Status& status, const Error& error) {
  set(is_full(status) ? Health::State::read_only : Health::State::failed, error);
}

void HealthKeeper::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
  if (error != nullptr && !error->ok()) fail_with(*error, from_status(*error, "writing in the background"));
}

void HealthKeeper::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* recover) {
  *recover = false;
}

Committer::Committer(Database& database, HealthKeeper& health, Times times, std::function<void()> forget,
                     std::function<void()> group_done)
    : database_(database),
      health_(health),
      times_(times),
      forget_(std::move(forget)),
      group_done_(std::move(group_done)),
      thread_([this] { work(); }) {
  // A write in the background may fail while nobody commits anything.
  health_.watch([this] {
    const std::lock_guard lock(mutex_);
    wake_.notify_one();
  });
}

Committer::~Committer() {
  stop();
  health_.watch({});
}

void Committer::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(job));
      wake_.notify_one();
      return;
    }
  }
  job.done(Error(ErrorKind::cancelled, "the vault is being closed"));
}

Result<void> Committer::run(Job job) {
  std::promise<std::optional<Error>> promise;
  auto result = promise.get_future();
  job.done = [&promise](const std::optional<Error>& error) { promise.set_value(error); };
  submit(std::move(job));
  if (auto error = result.get()) return fail(*std::move(error));
  return {};
}

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (!thread_.joinable()) return;
  thread_.join();
  settle();
}

/// Moves what was written from the log to its tables: it is compressed there, and the next start has nothing to replay.
/// Nothing depends on its success: what was acknowledged is in the log. Commits wait for its end, so that none is
/// written beside it: while every memtable is being emptied a failure finds RocksDB without a way back (DECISIONS.md).
void Committer::settle() {
  if (unsettled_ < kWorthSettling || health_.get().state != Health::State::ok) return;
  unsettled_ = 0;
  [[maybe_unused]] const rocksdb::Status settled = database_.flush();
}

void Committer::work() {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock)) {
    lock.unlock();
    write_group();
    lock.lock();
  }
}

/// False when there is nothing left and stop() was called.
bool Committer::wait_for_work(std::unique_lock<std::mutex>& lock) {
  while (queue_.empty() && !stopping_) {
    if (health_.get().state != Health::State::read_only) {
      wait_idly(lock);
    } else if (wake_.wait_until(lock, next_try()) == std::cv_status::timeout) {
      lock.unlock();
      try_to_resume();
      lock.lock();
    }
  }
  return !queue_.empty();
}

void Committer::wait_idly(std::unique_lock<std::mutex>& lock) {
  if (unsettled_ < kWorthSettling) return wake_.wait(lock);
  if (wake_.wait_for(lock, times_.settle_after) == std::cv_status::no_timeout) return;
  lock.unlock();
  settle();
  lock.lock();
}

/// Not at once: RocksDB tells of an error before it has noted it, and until then sees nothing to resume from.
std::chrono::steady_clock::time_point Committer::next_try() {
  if (!next_try_) next_try_ = std::chrono::steady_clock::now() + times_.resume_interval;
  return *next_try_;
}

/// Resume() flushes every memtable into new files and starts a new log: what was acknowledged is then durable without
/// the log whose writing failed. That log must not be written again: RocksDB ends the process.
void Committer::try_to_resume() {
  next_try_ = std::chrono::steady_clock::now() + times_.resume_interval;
  const std::optional<rocksdb::Status> resumed = resume();
  if (!resumed) return start_again_is_needed("the vault could not be written to its tables after the disk was full");
  if (!resumed->ok()) return;
  if (broken_log_ != 0 && database_.log_number() == broken_log_) {
    return start_again_is_needed("the vault's log could not be replaced after the disk was full");
  }
  broken_log_ = 0;
  next_try_.reset();
  unsettled_ = 0;
  loose_chunks_ = false;
  health_.set(Health::State::ok, std::nullopt);
}

/// None when it did not come back: a flush that was begun just before the error was noted stays in RocksDB's queue
/// without anybody who is to take it, and Resume() waits for it. All it can be told then is to give everything up.
std::optional<rocksdb::Status> Committer::resume() {
  std::future<rocksdb::Status> resumed = std::async(std::launch::async, [this] { return database_.db().Resume(); });
  const auto begun = std::chrono::steady_clock::now();
  while (resumed.wait_for(kLookAtResume) == std::future_status::timeout) {
    const auto limit = is_stopping() ? std::min(times_.resume_limit, kResumeLimitAtTheEnd) : times_.resume_limit;
    if (std::chrono::steady_clock::now() - begun < limit) continue;
    rocksdb::CancelAllBackgroundWork(&database_.db());
    resumed.wait();
    return std::nullopt;
  }
  return resumed.get();
}

void Committer::start_again_is_needed(const std::string& why) {
  Error error(ErrorKind::store, why);
  error.remedy("start Postern again; nothing that was stored is lost");
  health_.set(Health::State::failed, std::move(error));
}

bool Committer::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Committer::write_group() {
  std::vector<Job> group;
  // Here too: where jobs keep coming, the wait between them never lasts as long as the interval.
  if (health_.get().state == Health::State::read_only && std::chrono::steady_clock::now() >= next_try())
    try_to_resume();
  const Health health = health_.get();
  if (health.state != Health::State::ok) {
    const Error error = health.error.value_or(Error(ErrorKind::store, "the vault cannot be written"));
    while (auto job = take_next(0, 0)) job->done(error);
    return;
  }
  group = gather();
  const bool durable = std::any_of(group.begin(), group.end(), [](const Job& job) { return !job.loose; });
  if (batch_.Count() != 0) {
    const rocksdb::Status written = write(durable);
    if (!written.ok()) {
      const Error error = from_status(written, "committing");
      health_.fail_with(written, error);
      next_try_ = std::chrono::steady_clock::now() + times_.resume_interval;
      return fail_all(group, error);
    }
    unsettled_ += batch_.GetDataSize();
  }
  for (Job& job : group) job.done(std::nullopt);
  group_done_();
}

/// Takes jobs while there is room, and prepares them; those whose preparation fails are told at once.
std::vector<Committer::Job> Committer::gather() {
  if (batch_.GetDataSize() > kKeptBatch) batch_ = rocksdb::WriteBatch();  // after a single commit of a larger size
  batch_.Clear();
  std::vector<Job> group;
  std::size_t octets = 0;
  while (auto job = take_next(group.size(), octets)) {
    batch_.SetSavePoint();
    auto prepared = job->prepare(batch_);
    if (!prepared) {
      batch_.RollbackToSavePoint();
      job->done(prepared.error());
      continue;
    }
    batch_.PopSavePoint();
    if (*prepared == Prepared::next_group) {
      const std::lock_guard lock(mutex_);
      queue_.push_front(*std::move(job));
      return group;
    }
    octets += job->octets;
    group.push_back(*std::move(job));
  }
  return group;
}

std::optional<Committer::Job> Committer::take_next(std::size_t taken, std::size_t octets) {
  const std::lock_guard lock(mutex_);
  if (queue_.empty() || taken >= kGroupJobs) return std::nullopt;
  if (taken > 0 && (queue_.front().first_only || octets + queue_.front().octets > kGroupOctets)) return std::nullopt;
  Job job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

rocksdb::Status Committer::write(bool durable) {
  // Refused where a write in the background has failed meanwhile: the log is as it was.
  if (rocksdb::Status filled = database_.fill_a_memtable(); !filled.ok()) return filled;
  rocksdb::Status written = write_to_log(durable);
  if (!written.ok()) broken_log_ = database_.log_number();
  return written;
}

/// Written first and synced then, not both in one call: with a log that was ended a sync notes in the MANIFEST how long
/// it is. Where there is no room for that, RocksDB's write fails with its rows in memory under numbers that the next
/// write is given again, and they come to light in parts.
rocksdb::Status Committer::write_to_log(bool durable) {
  if (durable && loose_chunks_) {
    rocksdb::Status synced = database_.db().SyncWAL();
    if (!synced.ok()) return synced;
    loose_chunks_ = false;
  }
  if (!durable) loose_chunks_ = true;
  stop_point::reached();
  rocksdb::Status written = database_.db().Write(rocksdb::WriteOptions(), &batch_);
  if (written.ok() && durable) written = database_.db().SyncWAL();
  stop_point::reached();
  return written;
}

/// A commit that waits may hold a cursor that stands for one that has just failed: it fails with it (I2).
void Committer::fail_all(std::vector<Job>& group, const Error& error) {
  forget_();
  for (Job& job : group) job.done(error);
  while (auto job = take_next(0, 0)) job->done(error);
}

}  // namespace postern::storage
