// Bodies above 1 MiB on their way in: their chunks are written while they come.

#include <condition_variable>
#include <mutex>

#include "core/crypto/sha256.h"
#include "storage/sealing.h"

namespace postern::storage {
namespace {

/// Counts chunks handed to the committer and not yet written, and remembers the first error.
class Outstanding {
 public:
  /// Waits until fewer than `limit` are outstanding, then counts one more.
  Result<void> begin(std::size_t limit) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ < limit; });
    if (error_) return fail(*error_);
    ++count_;
    return {};
  }
  void end(const std::optional<Error>& error) {
    const std::lock_guard lock(mutex_);
    --count_;
    if (error && !error_) error_ = error;
    changed_.notify_all();
  }
  Result<void> wait_for_all() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ == 0; });
    if (error_) return fail(*error_);
    return {};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
  std::optional<Error> error_;
};

/// Chunks of one body that may wait for the committer at a time.
constexpr std::size_t kMaxOutstanding = 4;

class StreamingSealer final : public BodySealer {
 public:
  explicit StreamingSealer(const Vault::Impl& vault) : vault_(vault), sealing_(vault) {}

  Result<void> add(ByteView octets) override {
    hash_.update(octets);
    size_ += octets.size();
    cutter_.add(octets, cuts_);
    return store_cuts();
  }

  Result<SealedBody> finish() override {
    cutter_.finish(cuts_);
    if (auto stored = store_cuts(); !stored) return fail(std::move(stored).error());
    if (auto written = outstanding_->wait_for_all(); !written) return fail(std::move(written).error());
    SealedBody body;
    body.digest = Digest(hash_.finish());
    body.size = size_;
    auto held = vault_.database->get(Family::object, body.digest.octets());
    if (!held) return fail(std::move(held).error());
    body.reused = held->has_value();
    if (body.reused) return body;
    const Recipe recipe = sealing_.finish(size_, cutter_.take_runs());
    if (auto same = check(body.digest, recipe); !same) return fail(std::move(same).error());
    body.recipe = encode_recipe(body.digest, recipe);
    return body;
  }

 private:
  Result<void> store_cuts() {
    for (const Cut& cut : std::exchange(cuts_, {})) {
      auto row = sealing_.add(cut);
      if (!row) return fail(std::move(row).error());
      if (!*row) continue;
      if (auto written = write(**std::move(row)); !written) return written;
    }
    return {};
  }

  /// The chunks are read back where something was decoded: what is kept must make the message again.
  Result<void> check(const Digest& digest, const Recipe& recipe) const {
    if (recipe.runs.empty()) return {};
    const auto reader = vault_.reader(digest, recipe);
    while (true) {
      auto octets = reader->next();
      if (!octets) return fail(std::move(octets).error());
      if (octets->empty()) return {};
    }
  }

  Result<void> write(SealedBody::Row row) {
    if (vault_.committer == nullptr) return fail(ErrorKind::usage, "the vault is open for reading only");
    if (auto room = outstanding_->begin(kMaxOutstanding); !room) return room;
    Committer::Job job;
    job.loose = true;
    job.octets = row.value.size();
    job.prepare = [handle = vault_.handle(Family::chunk),
                   row = std::move(row)](rocksdb::WriteBatch& batch) -> Result<Committer::Prepared> {
      batch.Put(handle, slice(row.key.octets()), slice(row.value));
      return Committer::Prepared::added;
    };
    // The sealer may be gone before its last chunk is written: abandoned.
    job.done = [outstanding = outstanding_](const std::optional<Error>& error) { outstanding->end(error); };
    vault_.committer->submit(std::move(job));
    return {};
  }

  const Vault::Impl& vault_;
  Sealing sealing_;
  BodyCutter cutter_;
  std::vector<Cut> cuts_;
  crypto::Sha256 hash_;
  std::uint64_t size_ = 0;
  std::shared_ptr<Outstanding> outstanding_ = std::make_shared<Outstanding>();
};

}  // namespace

std::unique_ptr<BodySealer> Vault::sealer() { return std::make_unique<StreamingSealer>(*impl_); }

}  // namespace postern::storage
