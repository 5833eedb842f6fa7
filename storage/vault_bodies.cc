// Bodies on their way in, and objects on their way out.

#include <condition_variable>
#include <mutex>

#include "core/crypto/sha256.h"
#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/status.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

static_assert(Vault::kMaxWhole == kMaxChunk);

Digest digest_of(ByteView octets) { return Digest(crypto::sha256(octets)); }

Error damaged_chunk(const Digest& chunk) {
  Error error(ErrorKind::store, "the vault's chunk " + chunk.to_hex() + " does not hash to its name");
  error.remedy("run postern check --read-data to see which messages it touches");
  return error;
}

}  // namespace

Result<std::optional<Recipe>> Vault::Impl::recipe(const Digest& digest) const {
  auto row = database->get(Family::object, digest.octets());
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  auto recipe = decode_recipe(digest, **row);
  if (!recipe) return fail(std::move(recipe).error());
  return *std::move(recipe);
}

Result<Bytes> Vault::Impl::chunk(const Digest& digest) const {
  rocksdb::PinnableSlice value;
  rocksdb::ReadOptions read;
  read.fill_cache = false;  // content would drive keys, filters and entries out
  const rocksdb::Status got = database->db().Get(read, handle(Family::chunk), slice(digest.octets()), &value);
  if (got.IsNotFound()) {
    Error error(ErrorKind::store, "the vault lacks the chunk " + digest.to_hex());
    error.remedy("run postern check to see which messages it touches");
    return fail(std::move(error));
  }
  if (!got.ok()) return fail(from_status(got, "reading chunk " + digest.to_hex()));
  auto octets = decode_chunk({value.data(), value.size()});
  if (!octets) return fail(std::move(octets).error().at("chunk " + digest.to_hex()));
  if (digest_of(*octets) != digest) return fail(damaged_chunk(digest));
  return octets;
}

Result<SealedBody> Vault::seal(ByteView octets) {
  if (octets.size() > kMaxWhole) return fail(ErrorKind::internal, "a body above 1 MiB has to be streamed");
  SealedBody body;
  body.digest = digest_of(octets);
  body.size = octets.size();
  auto held = impl_->database->get(Family::object, body.digest.octets());
  if (!held) return fail(std::move(held).error());
  if (*held) {
    body.reused = true;
    return body;
  }
  body.chunks.push_back({body.digest, encode_chunk(octets)});
  body.recipe = encode_recipe(body.digest, {body.size, {{body.digest, body.size}}});
  return body;
}

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
  StreamingSealer(const Database& database, Committer* committer) : database_(database), committer_(committer) {}

  Result<void> add(ByteView octets) override {
    hash_.update(octets);
    recipe_.size += octets.size();
    while (!octets.empty()) {
      const ByteView taken = octets.substr(0, kMaxChunk - buffer_.size());
      octets.remove_prefix(taken.size());
      buffer_ += taken;
      if (buffer_.size() < kMaxChunk) continue;
      if (auto cut = cut_chunk(); !cut) return cut;
    }
    return {};
  }

  Result<SealedBody> finish() override {
    const Digest digest(hash_.finish());
    if (!buffer_.empty() || recipe_.pieces.empty()) {
      if (auto cut = cut_chunk(); !cut) return fail(std::move(cut).error());
    }
    if (auto written = outstanding_->wait_for_all(); !written) return fail(std::move(written).error());
    auto held = database_.get(Family::object, digest.octets());
    if (!held) return fail(std::move(held).error());
    SealedBody body;
    body.digest = digest;
    body.size = recipe_.size;
    body.reused = held->has_value();
    if (!body.reused) body.recipe = encode_recipe(digest, recipe_);
    return body;
  }

 private:
  Result<void> cut_chunk() {
    const Digest digest = digest_of(buffer_);
    recipe_.pieces.push_back({digest, buffer_.size()});
    auto held = database_.get(Family::chunk, digest.octets());
    if (!held) return fail(std::move(held).error());
    if (!*held) {
      if (auto written = write(digest, encode_chunk(buffer_)); !written) return written;
    }
    buffer_.clear();
    return {};
  }

  Result<void> write(const Digest& digest, Bytes value) {
    if (committer_ == nullptr) return fail(ErrorKind::usage, "the vault is open for reading only");
    if (auto room = outstanding_->begin(kMaxOutstanding); !room) return room;
    Committer::Job job;
    job.loose = true;
    job.octets = value.size();
    job.prepare = [handle = database_.handle(Family::chunk), digest,
                   value = std::move(value)](rocksdb::WriteBatch& batch) -> Result<Committer::Prepared> {
      batch.Put(handle, slice(digest.octets()), slice(value));
      return Committer::Prepared::added;
    };
    // The sealer may be gone before its last chunk is written: abandoned.
    job.done = [outstanding = outstanding_](const std::optional<Error>& error) { outstanding->end(error); };
    committer_->submit(std::move(job));
    return {};
  }

  const Database& database_;
  Committer* const committer_;
  crypto::Sha256 hash_;
  Bytes buffer_;
  Recipe recipe_;
  std::shared_ptr<Outstanding> outstanding_ = std::make_shared<Outstanding>();
};

}  // namespace

std::unique_ptr<BodySealer> Vault::sealer() {
  return std::make_unique<StreamingSealer>(*impl_->database, impl_->committer.get());
}

namespace {

class PieceReader final : public ObjectReader {
 public:
  using ReadChunk = std::function<Result<Bytes>(const Digest&)>;
  PieceReader(const Digest& digest, Recipe recipe, ReadChunk read)
      : digest_(digest), recipe_(std::move(recipe)), read_(std::move(read)) {}

  const Digest& digest() const override { return digest_; }
  std::uint64_t size() const override { return recipe_.size; }

  Result<Bytes> next() override {
    if (at_ == recipe_.pieces.size()) return Bytes();
    const Piece& piece = recipe_.pieces[at_];
    auto octets = read_(piece.chunk);
    if (!octets) return octets;
    ++at_;
    if (octets->size() != piece.size) return mismatch();
    // A chunk was verified against its name; a whole object is its one chunk.
    if (recipe_.pieces.size() == 1 && piece.chunk == digest_) return octets;
    hash_.update(*octets);
    if (at_ == recipe_.pieces.size() && Digest(hash_.finish()) != digest_) return mismatch();
    return octets;
  }

 private:
  Result<Bytes> mismatch() const {
    Error error(ErrorKind::store, "the vault's pieces of message " + digest_.to_hex() + " do not make that message");
    error.remedy("run postern check --read-data");
    return fail(std::move(error));
  }

  const Digest digest_;
  const Recipe recipe_;
  const ReadChunk read_;
  crypto::Sha256 hash_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<ObjectReader>> Vault::open_object(const Digest& digest) const {
  auto recipe = impl_->recipe(digest);
  if (!recipe) return fail(std::move(recipe).error());
  if (!*recipe) return fail(ErrorKind::not_found, "the vault holds no message " + digest.to_hex());
  return std::make_unique<PieceReader>(digest, **std::move(recipe),
                                       [impl = impl_.get()](const Digest& chunk) { return impl->chunk(chunk); });
}

Result<Bytes> Vault::object_prefix(const Digest& digest, std::size_t limit) const {
  auto recipe = impl_->recipe(digest);
  if (!recipe) return fail(std::move(recipe).error());
  if (!*recipe) return fail(ErrorKind::not_found, "the vault holds no message " + digest.to_hex());
  Bytes octets;
  for (const Piece& piece : (*recipe)->pieces) {
    if (octets.size() >= std::min(limit, kMaxWhole)) break;
    auto chunk = impl_->chunk(piece.chunk);
    if (!chunk) return chunk;
    octets += *chunk;
  }
  if (octets.size() > std::min(limit, kMaxWhole)) octets.resize(std::min(limit, kMaxWhole));
  return octets;
}

Result<std::vector<std::optional<HeldBody>>> Vault::held_by_email_id(AccountId account,
                                                                     const std::vector<std::string>& ids) const {
  std::vector<std::optional<HeldBody>> held(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty() || ids[i].size() > kMaxEmailId) continue;
    auto row = impl_->database->get(Family::identity, identity_key(account, ids[i]));
    if (!row) return fail(std::move(row).error());
    if (!*row) continue;
    auto identity = decode_identity(**row);
    // A row that cannot be read, or one whose object is gone: the body is fetched again then, which mends it.
    if (!identity && identity.error().kind() == ErrorKind::store) continue;
    if (!identity) return fail(std::move(identity).error());
    auto object = impl_->database->get(Family::object, identity->digest.octets());
    if (!object) return fail(std::move(object).error());
    if (*object) held[i] = HeldBody{identity->digest, identity->size};
  }
  return held;
}

Result<std::optional<std::uint64_t>> Vault::object_size(const Digest& digest) const {
  auto recipe = impl_->recipe(digest);
  if (!recipe) return fail(std::move(recipe).error());
  if (!*recipe) return std::nullopt;
  return (*recipe)->size;
}

}  // namespace postern::storage
