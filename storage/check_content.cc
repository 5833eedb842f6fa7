#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <unordered_map>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/joiner.h"
#include "storage/check_context.h"
#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/pack_order.h"
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
    in_rounds([this](PackOrder& packed, bool first) { walk_objects(packed, first); });
    if (go_on_) in_rounds([this](PackOrder& packed, bool first) { walk_chunks(packed, first); });
    if (!go_on_) return fail(ErrorKind::cancelled, "the check was stopped");
    walk_packs();
    return {};
  }

 private:
  /// `walk` gathers rows; they are checked, until there are no more.
  void in_rounds(const std::function<void(PackOrder& packed, bool first)>& walk) {
    PackOrder packed(kGathered);
    for (std::uint64_t from = 0; go_on_ && from != PackOrder::kEnd; from = packed.next()) {
      packed.begin(from);
      walk(packed, from == 0);
      for (const auto& [pack, item] : packed.take()) {
        if (go_on_) check(item);
      }
    }
  }

  /// In the first round checks those that need no pack's octets, and in each gathers others.
  void walk_objects(PackOrder& packed, bool first) {
    context_.scan(Family::object, [&](ByteView key, ByteView value) -> Result<void> {
      if (!go_on_) return {};
      const auto digest = Digest::from_octets(key);
      if (!digest) return first ? fail(ErrorKind::store, "an object under a damaged key") : Result<void>();
      auto recipe = decode_recipe(*digest, value);
      if (!recipe) {
        if (!first) return {};
        ++context_.report.objects;
        context_.content_problem("object_damaged", *digest, recipe.error().what());
        return {};
      }
      if (first) context_.note(*digest, recipe->size);
      const auto slice = std::find_if(recipe->pieces.begin(), recipe->pieces.end(),
                                      [](const Piece& piece) { return piece.is_slice(); });
      if (context_.options.read_data && slice != recipe->pieces.end()) {
        packed.add(slice->pack, Family::object, *digest, value);
      } else if (first) {
        check(*digest, *recipe);
      }
      return {};
    });
  }

  /// Counts them, and looks at those that no message names: the next message with that content would.
  void walk_chunks(PackOrder& packed, bool first) {
    context_.scan(Family::chunk, [&](ByteView key, ByteView value) -> Result<void> {
      if (first) ++context_.report.chunks;
      const auto digest = Digest::from_octets(key);
      if (!digest) return first ? fail(ErrorKind::store, "a chunk under a damaged key") : Result<void>();
      const auto slice = chunk_slice(value);
      if (!slice) return first ? Result<void>(fail(slice.error())) : Result<void>();
      if (!context_.options.read_data) return {};
      if (*slice) {
        packed.add((*slice)->pack, Family::chunk, *digest, value);
      } else if (first && !referred_to_.contains(*digest)) {
        auto content = decode_chunk(value, *context_.compression);
        if (!content) return fail(std::move(content).error());
        if (Digest(crypto::sha256(*content)) != *digest)
          return fail(ErrorKind::store, "a chunk that does not hash to its name");
      }
      return {};
    });
  }

  void check(const PackOrder::Item& item) {
    if (item.family == Family::object) {
      if (const auto recipe = decode_recipe(item.key, item.value)) check(item.key, *recipe);
      return;
    }
    const auto slice = chunk_slice(item.value);
    if (!slice || !*slice) return;
    const auto content = read_slice(item.key, **slice);
    if (!content || Digest(crypto::sha256(*content)) == item.key) return;
    context_.problem("chunk_damaged", item.key.to_hex(), "it does not hash to its name");
  }

  void check(const Digest& object, const Recipe& recipe) {
    ++context_.report.objects;
    if (pieces_are_right(object, recipe) && context_.options.read_data) context_.report.octets += recipe.size;
    if (context_.report.objects % kProgressEvery == 0) {
      go_on_ = context_.progress(context_.report.objects, context_.report.octets);
    }
  }

  bool pieces_are_right(const Digest& object, const Recipe& recipe) {
    crypto::Sha256 hash;
    mime::Joiner joiner(recipe.runs);
    for (const Piece& piece : recipe.pieces) {
      auto content = read(object, piece);
      if (!content) return false;
      if (!context_.options.read_data) continue;
      if (recipe.runs.empty()) {
        hash.update(*content);
        continue;
      }
      joined_.clear();
      joiner.add(*content, joined_);
      hash.update(joined_);
    }
    if (!context_.options.read_data || Digest(hash.finish()) == object) return true;
    // A message that comes out right had the right chunks: they are hashed only to tell which is not.
    find_damage(object, recipe);
    return false;
  }

  /// A piece's octets with read_data, valid until the next; none when there was a problem, which is in the report.
  std::optional<ByteView> read(const Digest& object, const Piece& piece) {
    if (piece.is_slice()) return read_slice(object, piece.slice());
    if (piece.is_inlined()) return context_.options.read_data ? decode(object, piece, piece.inlined) : ByteView();
    referred_to_.add(piece.chunk);
    auto value = context_.get(Family::chunk, piece.chunk.octets());
    const std::string name = "chunk " + piece.chunk.to_hex();
    if (value && *value) {
      const auto slice = chunk_slice(**value);
      if (slice && *slice) return read_slice(object, **slice);
      return context_.options.read_data ? decode(object, piece, **value) : ByteView();
    }
    if (value) {
      context_.content_problem("chunk_missing", object, name);
    } else {
      context_.content_problem("chunk_damaged", object, name + ": " + value.error().what());
    }
    return std::nullopt;
  }

  std::optional<ByteView> decode(const Digest& object, const Piece& piece, ByteView value) {
    auto content = decode_chunk(value, *context_.compression);
    const std::string why = !content                        ? content.error().what()
                            : content->size() != piece.size ? "it has another size than the message says"
                                                            : "";
    if (why.empty()) {
      content_ = *std::move(content);
      return content_;
    }
    if (piece.is_inlined()) {
      context_.content_problem("object_damaged", object, why);
    } else {
      context_.content_problem("chunk_damaged", object, "chunk " + piece.chunk.to_hex() + ": " + why);
    }
    return std::nullopt;
  }

  std::optional<ByteView> read_slice(const Digest& object, const Slice& slice) {
    const std::string name = "pack " + std::to_string(slice.pack);
    const Pack& pack = find_pack(slice.pack);
    if (!pack.there) {
      context_.content_problem("chunk_missing", object, name);
    } else if (!pack.damage.empty()) {
      context_.content_problem("chunk_damaged", object, name + ": " + pack.damage);
    } else if (slice.before + slice.size > pack.size) {
      context_.content_problem("chunk_damaged", object, name + ": it is shorter than its messages say");
    } else if (!context_.options.read_data) {
      return ByteView();
    } else if (auto content = content_of(slice.pack)) {
      slice_content_ = std::move(content);  // the cache may drop it
      return ByteView(*slice_content_).substr(slice.before, slice.size);
    } else {
      context_.content_problem("chunk_damaged", object, name + ": it cannot be decompressed");
    }
    return std::nullopt;
  }

  /// What is remembered of each pack.
  struct Pack {
    bool there = false;
    std::uint64_t size = 0;
    std::string damage;
  };

  const Pack& find_pack(std::uint64_t number) {
    const auto [it, unknown] = packs_.try_emplace(number);
    if (!unknown) return it->second;
    Pack& pack = it->second;
    auto value = context_.get(Family::pack, pack_key(number));
    pack.there = !value || *value;
    if (!value) pack.damage = value.error().what();
    if (!value || !*value) return pack;
    const auto size = chunk_content_size(**value);
    if (size) {
      pack.size = *size;
    } else {
      pack.damage = size.error().what();
    }
    return pack;
  }

  std::shared_ptr<const Bytes> content_of(std::uint64_t number) {
    if (auto known = contents_.find(number)) return known;
    auto value = context_.get(Family::pack, pack_key(number));
    if (!value || !*value) return nullptr;
    auto content = decode_chunk(**value, *context_.compression);
    if (!content) return nullptr;
    auto shared = std::make_shared<const Bytes>(*std::move(content));
    contents_.add(number, shared);
    return shared;
  }

  void find_damage(const Digest& object, const Recipe& recipe) {
    bool found = false;
    for (const Piece& piece : recipe.pieces) {
      if (piece.is_inlined() || piece.is_slice()) continue;
      const auto content = read(object, piece);
      if (!content || Digest(crypto::sha256(*content)) == piece.chunk) continue;
      context_.content_problem("chunk_damaged", object,
                               "chunk " + piece.chunk.to_hex() + ": it does not hash to its name");
      found = true;
    }
    if (!found) context_.content_problem("object_damaged", object, "its pieces do not make the message");
  }

  /// Those that messages name have been looked at with them.
  void walk_packs() {
    context_.scan(Family::pack, [&](ByteView key, ByteView value) -> Result<void> {
      ++context_.report.packs;
      const auto number = parse_pack_key(key);
      if (!number) return fail(ErrorKind::store, "a pack under a damaged key");
      if (!context_.options.read_data || packs_.contains(*number)) return {};
      auto content = decode_chunk(value, *context_.compression);
      if (!content) return fail(std::move(content).error());
      return {};
    });
  }

  static constexpr std::size_t kGathered = 16u << 20;
  static constexpr std::size_t kContents = 16u << 20;

  CheckContext& context_;
  bool go_on_ = true;
  ReferredTo referred_to_;
  std::unordered_map<std::uint64_t, Pack> packs_;
  PackCache contents_{kContents};
  Bytes content_;                               // of the piece at hand
  std::shared_ptr<const Bytes> slice_content_;  // or of its pack
  Bytes joined_;                                // scratch
};

}  // namespace

Result<void> check_content(CheckContext& context) { return ContentCheck(context).run(); }

}  // namespace postern::storage
