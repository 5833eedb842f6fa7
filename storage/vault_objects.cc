// Objects on their way out.

#include "core/crypto/sha256.h"
#include "core/protocol/mime/joiner.h"
#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/status.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

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
  const auto slice = chunk_slice({value.data(), value.size()});
  auto octets = slice && *slice ? content(**slice) : decode_chunk({value.data(), value.size()}, *compression());
  if (!octets) return fail(std::move(octets).error().at("chunk " + digest.to_hex()));
  if (Digest(crypto::sha256(*octets)) != digest) return fail(damaged_chunk(digest));
  return octets;
}

Result<void> Vault::Impl::load_packs() {
  if (!committer) return {};  // who only reads, and checks, needs none
  auto last = database->last_key(Family::pack, {});
  if (!last) return fail(std::move(last).error());
  if (!*last) return {};
  const auto number = parse_pack_key(**last);
  if (!number || *number == UINT64_MAX) {
    Error error(ErrorKind::store, "the vault holds a pack under a damaged key");
    error.remedy("run postern check; restore the vault from a backup");
    return fail(std::move(error));
  }
  next_pack = *number + 1;
  return {};
}

Result<std::shared_ptr<const Bytes>> Vault::Impl::pack(std::uint64_t number) const {
  if (auto known = packs_.find(number)) return known;
  const std::string name = "pack " + std::to_string(number);
  auto value = database->get(Family::pack, pack_key(number));
  if (!value) return fail(std::move(value).error().at(name));
  if (!*value) {
    Error error(ErrorKind::store, "the vault lacks the " + name);
    error.remedy("run postern check to see which messages it touches");
    return fail(std::move(error));
  }
  auto content = decode_chunk(**value, *compression());
  if (!content) return fail(std::move(content).error().at(name));
  auto shared = std::make_shared<const Bytes>(*std::move(content));
  packs_.add(number, shared);
  return shared;
}

Result<Bytes> Vault::Impl::content(const Slice& slice) const {
  auto whole = pack(slice.pack);
  if (!whole) return fail(std::move(whole).error());
  if (slice.before > (*whole)->size() || slice.size > (*whole)->size() - slice.before) {
    Error error(ErrorKind::store,
                "the vault's pack " + std::to_string(slice.pack) + " is shorter than its messages say");
    error.remedy("run postern check --read-data to see which messages it touches");
    return fail(std::move(error));
  }
  return (*whole)->substr(slice.before, slice.size);
}

Result<Bytes> Vault::Impl::content(const Piece& piece) const {
  auto octets = piece.is_slice()     ? content(piece.slice())
                : piece.is_inlined() ? decode_chunk(piece.inlined, *compression())
                                     : chunk(piece.chunk);
  if (octets && octets->size() != piece.size) {
    Error error(ErrorKind::store,
                "the vault's chunk " + piece.chunk.to_hex() + " has another size than its messages say");
    error.remedy("run postern check --read-data to see which messages it touches");
    return fail(std::move(error));
  }
  return octets;
}

namespace {

class PieceReader final : public ObjectReader {
 public:
  PieceReader(const Vault::Impl& vault, const Digest& digest, Recipe recipe)
      : vault_(vault), digest_(digest), recipe_(std::move(recipe)), joiner_(recipe_.runs) {}

  const Digest& digest() const override { return digest_; }
  std::uint64_t size() const override { return recipe_.size; }

  Result<Bytes> next() override {
    Bytes out;
    while (out.empty() && !over()) {
      if (content_.empty()) {
        auto content = vault_.content(recipe_.pieces[at_]);
        if (!content) return content;
        content_ = *std::move(content);
        ++at_;
      }
      give(out);
    }
    if (!out.empty()) hash_.update(out);
    if (!out.empty() && over() && Digest(hash_.finish()) != digest_) return mismatch();
    return out;
  }

 private:
  /// Base64 is at most twice as long as what it stands for.
  static constexpr std::size_t kSlice = kMaxChunk / 2;

  bool over() const { return at_ == recipe_.pieces.size() && content_.size() == given_; }

  void give(Bytes& out) {
    if (recipe_.runs.empty()) {
      out = std::exchange(content_, {});
      return;
    }
    const ByteView slice = ByteView(content_).substr(given_, kSlice);
    given_ += slice.size();
    joiner_.add(slice, out);
    if (given_ < content_.size()) return;
    content_.clear();
    given_ = 0;
  }

  Result<Bytes> mismatch() const {
    Error error(ErrorKind::store, "the vault's pieces of message " + digest_.to_hex() + " do not make that message");
    error.remedy("run postern check --read-data");
    return fail(std::move(error));
  }

  const Vault::Impl& vault_;
  const Digest digest_;
  const Recipe recipe_;
  mime::Joiner joiner_;
  crypto::Sha256 hash_;
  std::size_t at_ = 0;     // the piece that is read next
  Bytes content_;          // of the piece before
  std::size_t given_ = 0;  // octets of it
};

}  // namespace

std::unique_ptr<ObjectReader> Vault::Impl::reader(const Digest& digest, Recipe recipe) const {
  return std::make_unique<PieceReader>(*this, digest, std::move(recipe));
}

Result<std::unique_ptr<ObjectReader>> Vault::open_object(const Digest& digest) const {
  auto recipe = impl_->recipe(digest);
  if (!recipe) return fail(std::move(recipe).error());
  if (!*recipe) return fail(ErrorKind::not_found, "the vault holds no message " + digest.to_hex());
  return impl_->reader(digest, **std::move(recipe));
}

Result<Bytes> Vault::object_prefix(const Digest& digest, std::size_t limit) const {
  auto recipe = impl_->recipe(digest);
  if (!recipe) return fail(std::move(recipe).error());
  if (!*recipe) return fail(ErrorKind::not_found, "the vault holds no message " + digest.to_hex());
  limit = std::min(limit, kMaxWhole);
  Bytes octets;
  mime::Joiner joiner((*recipe)->runs);
  for (const Piece& piece : (*recipe)->pieces) {
    if (octets.size() >= limit) break;
    auto content = impl_->content(piece);
    if (!content) return content;
    joiner.add(*content, octets);
  }
  if (octets.size() > limit) octets.resize(limit);
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
