#include <algorithm>
#include <array>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/joiner.h"
#include "storage/check_context.h"
#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

constexpr std::uint64_t kProgressEvery = 256;

/// Which chunks a message refers to, in memory that does not grow: may take a few others for one of them.
class ReferredTo {
 public:
  void add(const Digest& chunk) {
    for (const std::size_t bit : bits_of(chunk)) bits_[bit] = true;
  }
  bool contains(const Digest& chunk) const {
    const auto bits = bits_of(chunk);
    return std::all_of(bits.begin(), bits.end(), [&](std::size_t bit) { return bits_[bit]; });
  }

 private:
  static constexpr std::size_t kBits = std::size_t{1} << 26;

  /// A digest is random: its octets are as good as any hash of it.
  static std::array<std::size_t, 2> bits_of(const Digest& chunk) {
    const ByteView octets = chunk.octets();
    return {get_be32(octets.substr(0, 4)) % kBits, get_be32(octets.substr(4, 4)) % kBits};
  }

  std::vector<bool> bits_ = std::vector<bool>(kBits);
};

class ContentCheck {
 public:
  explicit ContentCheck(CheckContext& context) : context_(context) {}

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
    walk_chunks();
    return {};
  }

 private:
  void check(const Digest& object, const Recipe& recipe) {
    crypto::Sha256 hash;
    mime::Joiner joiner(recipe.runs);
    for (const Piece& piece : recipe.pieces) {
      if (!read(object, piece)) return;
      if (!context_.options.read_data) continue;
      joined_.clear();
      joiner.add(content_, joined_);
      hash.update(joined_);
    }
    // A message that comes out right had the right chunks: they are hashed only to tell which is not.
    if (context_.options.read_data && Digest(hash.finish()) != object) find_damage(object, recipe);
  }

  /// A piece's octets to content_, with read_data; false when there was a problem, which is in the report.
  bool read(const Digest& object, const Piece& piece) {
    if (piece.is_inlined()) return !context_.options.read_data || decode(object, piece, piece.inlined);
    referred_to_.add(piece.chunk);
    auto value = context_.get(Family::chunk, piece.chunk.octets());
    const std::string name = "chunk " + piece.chunk.to_hex();
    if (value && *value) return !context_.options.read_data || decode(object, piece, **value);
    if (value) {
      context_.content_problem("chunk_missing", object, name);
    } else {
      context_.content_problem("chunk_damaged", object, name + ": " + value.error().what());
    }
    return false;
  }

  bool decode(const Digest& object, const Piece& piece, ByteView value) {
    auto content = decode_chunk(value, *context_.compression);
    const std::string why = !content                        ? content.error().what()
                            : content->size() != piece.size ? "it has another size than the message says"
                                                            : "";
    if (why.empty()) {
      content_ = *std::move(content);
      return true;
    }
    if (piece.is_inlined()) {
      context_.content_problem("object_damaged", object, why);
    } else {
      context_.content_problem("chunk_damaged", object, "chunk " + piece.chunk.to_hex() + ": " + why);
    }
    return false;
  }

  void find_damage(const Digest& object, const Recipe& recipe) {
    bool found = false;
    for (const Piece& piece : recipe.pieces) {
      if (piece.is_inlined() || !read(object, piece) || Digest(crypto::sha256(content_)) == piece.chunk) continue;
      context_.content_problem("chunk_damaged", object,
                               "chunk " + piece.chunk.to_hex() + ": it does not hash to its name");
      found = true;
    }
    if (!found) context_.content_problem("object_damaged", object, "its pieces do not make the message");
  }

  /// Counts them, and looks at those that no message refers to: the next message with that content would.
  void walk_chunks() {
    context_.scan(Family::chunk, [&](ByteView key, ByteView value) -> Result<void> {
      const auto digest = Digest::from_octets(key);
      if (!digest) return fail(ErrorKind::store, "a chunk under a damaged key");
      ++context_.report.chunks;
      if (!context_.options.read_data || referred_to_.contains(*digest)) return {};
      auto content = decode_chunk(value, *context_.compression);
      if (!content) return fail(std::move(content).error());
      if (Digest(crypto::sha256(*content)) == *digest) return {};
      return fail(ErrorKind::store, "a chunk that does not hash to its name");
    });
  }

  CheckContext& context_;
  ReferredTo referred_to_;
  Bytes content_;  // of the piece at hand
  Bytes joined_;   // scratch
};

}  // namespace

Result<void> check_content(CheckContext& context) { return ContentCheck(context).run(); }

}  // namespace postern::storage
