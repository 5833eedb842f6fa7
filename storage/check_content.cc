#include "core/crypto/sha256.h"
#include "storage/check_context.h"
#include "storage/chunk_codec.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

constexpr std::uint64_t kProgressEvery = 256;

/// Walks the chunk family once, in step with the object family: an object of one chunk stands under the same digest in
/// both, so nearly everything is read once, in order, and nothing is remembered.
class ChunkWalk {
 public:
  explicit ChunkWalk(CheckContext& context) : context_(context) {
    rocksdb::ReadOptions read;
    read.snapshot = context.view.get();
    read.fill_cache = false;
    read.readahead_size = 512u << 10;  // for each table the walk is in at the moment
    it_.reset(context.database.db().NewIterator(read, context.database.handle(Family::chunk)));
    it_->SeekToFirst();
  }

  enum class Found : std::uint8_t { good, damaged, missing, unknown };

  /// Goes on to `digest`, looking at every chunk on the way. `unknown` when the walk broke off: look it up instead.
  Found advance_to(const Digest& digest, std::string& why, std::uint64_t& size) {
    while (it_->Valid() && it_->key().compare(slice(digest.octets())) < 0) step(why, size);
    if (!it_->Valid()) return it_->status().ok() ? Found::missing : Found::unknown;
    if (it_->key() != slice(digest.octets())) return Found::missing;
    return step(why, size) ? Found::good : Found::damaged;
  }

  void finish() {
    std::string why;
    std::uint64_t size = 0;
    while (it_->Valid()) step(why, size);
    if (!it_->status().ok()) {
      context_.problem("record", "", from_status(it_->status(), "reading family chunk").to_string());
    }
  }

 private:
  /// Looks at the chunk here and moves behind it.
  bool step(std::string& why, std::uint64_t& size) {
    ++context_.report.chunks;
    bool good = true;
    if (it_->key().size() != Digest::kOctets) {
      good = false;
      why = "a chunk under a damaged key";
    } else if (context_.options.read_data) {
      good = verify(why, size);
    }
    it_->Next();
    return good;
  }

  bool verify(std::string& why, std::uint64_t& size) const {
    const auto octets = decode_chunk({it_->value().data(), it_->value().size()});
    if (!octets) {
      why = octets.error().what();
      return false;
    }
    size = octets->size();
    if (slice(crypto::view(crypto::sha256(*octets))) == it_->key()) return true;
    why = "it does not hash to its name";
    return false;
  }

  CheckContext& context_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

class ContentCheck {
 public:
  explicit ContentCheck(CheckContext& context) : context_(context), walk_(context) {}

  Result<void> run() {
    bool go_on = true;
    context_.scan(Family::object, [&](ByteView key, ByteView value) -> Result<void> {
      if (!go_on) return {};
      const auto digest = Digest::from_octets(key);
      if (!digest) return fail(ErrorKind::store, "an object under a damaged key");
      ++context_.report.objects;
      auto recipe = decode_recipe(*digest, value);
      if (!recipe) {
        context_.content_problem("object_damaged", *digest, recipe.error().what());
        return {};
      }
      check(*digest, *recipe);
      if (context_.options.read_data) context_.report.octets += recipe->size;
      if (context_.report.objects % kProgressEvery == 0) {
        go_on = context_.progress(context_.report.objects, context_.report.octets);
      }
      return {};
    });
    if (!go_on) return fail(ErrorKind::cancelled, "the check was stopped");
    walk_.finish();
    return {};
  }

 private:
  void check(const Digest& object, const Recipe& recipe) {
    const bool whole = recipe.pieces.size() == 1 && recipe.pieces.front().chunk == object;
    if (whole && check_whole(object, recipe)) return;
    check_pieces(object, recipe);
  }

  /// False when the walk cannot tell.
  bool check_whole(const Digest& object, const Recipe& recipe) {
    std::string why;
    std::uint64_t size = recipe.size;
    switch (walk_.advance_to(object, why, size)) {
      case ChunkWalk::Found::good:
        if (size != recipe.size) context_.content_problem("object_damaged", object, "its chunk has another size");
        return true;
      case ChunkWalk::Found::damaged:
        context_.content_problem("chunk_damaged", object, "chunk " + object.to_hex() + ": " + why);
        return true;
      case ChunkWalk::Found::missing:
        context_.content_problem("chunk_missing", object, "chunk " + object.to_hex());
        return true;
      case ChunkWalk::Found::unknown:
        break;
    }
    return false;
  }

  void check_pieces(const Digest& object, const Recipe& recipe) {
    crypto::Sha256 hash;
    for (const Piece& piece : recipe.pieces) {
      auto value = context_.get(Family::chunk, piece.chunk.octets());
      const std::string name = "chunk " + piece.chunk.to_hex();
      if (!value) return context_.content_problem("chunk_damaged", object, name + ": " + value.error().what());
      if (!*value) return context_.content_problem("chunk_missing", object, name);
      if (!context_.options.read_data) continue;
      auto octets = decode_chunk(**value);
      if (!octets) return context_.content_problem("chunk_damaged", object, name + ": " + octets.error().what());
      if (octets->size() != piece.size || Digest(crypto::sha256(*octets)) != piece.chunk) {
        return context_.content_problem("chunk_damaged", object, name + ": it does not hash to its name");
      }
      hash.update(*octets);
    }
    if (context_.options.read_data && Digest(hash.finish()) != object) {
      context_.content_problem("object_damaged", object, "its pieces do not make the message");
    }
  }

  CheckContext& context_;
  ChunkWalk walk_;
};

}  // namespace

Result<void> check_content(CheckContext& context) { return ContentCheck(context).run(); }

}  // namespace postern::storage
