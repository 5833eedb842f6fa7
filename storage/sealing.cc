#include "storage/sealing.h"

#include <algorithm>

#include "core/crypto/sha256.h"

namespace postern::storage {
namespace {

/// A larger piece has enough in itself for zstd to refer to.
constexpr std::size_t kMaxWithDictionary = 64u << 10;
/// Text of fewer octets is not looked for in other messages: its row would cost what sharing it saves.
constexpr std::size_t kLookedFor = 256;

DictionaryUse use_of(const Cut& cut) { return cut.as == Cut::As::header ? DictionaryUse::header : DictionaryUse::text; }

/// What files decode to rarely compresses, and never with other files.
bool packs(const Cut& cut) {
  return cut.as == Cut::As::header || cut.as == Cut::As::inlined ||
         (cut.as == Cut::As::text && cut.content.size() <= Packer::kMaxPiece);
}

}  // namespace

Digest digest_of(ByteView octets) { return Digest(crypto::sha256(octets)); }

Result<std::optional<SealedBody::Row>> Sealing::add(const Cut& cut) {
  if (packer_ != nullptr && packs(cut)) return pack(cut);
  Piece piece{{}, cut.content.size()};
  if (cut.as == Cut::As::header || cut.as == Cut::As::inlined) {
    piece.inlined = encode(cut);
    recipe_.pieces.push_back(std::move(piece));
    return std::nullopt;
  }
  piece.chunk = digest_of(cut.content);
  recipe_.pieces.push_back(piece);
  auto held = vault_.database->get(Family::chunk, piece.chunk.octets());
  if (!held) return fail(std::move(held).error());
  if (*held) return std::nullopt;
  return SealedBody::Row{piece.chunk, encode(cut)};
}

/// A piece goes to a pack unless the vault, or this batch, has it.
Result<std::optional<SealedBody::Row>> Sealing::pack(const Cut& cut) {
  const bool looked_for = cut.as == Cut::As::text && cut.content.size() >= kLookedFor;
  const Digest digest = looked_for ? digest_of(cut.content) : Digest();
  if (looked_for) {
    if (const Packer::Place* known = packer_->find(digest)) {
      put(*known);
      return std::nullopt;
    }
    auto held = vault_.database->get(Family::chunk, digest.octets());
    if (!held) return fail(std::move(held).error());
    // A row that is damaged, or says another size, is written anew.
    const auto row = *held ? chunk_header(**held) : Result<ChunkHeader>(ChunkHeader());
    if (*held && row && row->size == cut.content.size()) {
      if (row->codec == ChunkCodec::slice) {
        put(row->slice);
      } else {
        recipe_.pieces.push_back({digest, cut.content.size()});
      }
      return std::nullopt;
    }
  }
  learn(cut);
  const Packer::Place place = packer_->add(use_of(cut), cut.content);
  put(place);
  if (!looked_for) return std::nullopt;
  packer_->remember(digest, place);
  return SealedBody::Row{digest, encode_slice(place.slice)};
}

void Sealing::put(const Packer::Place& place) {
  put(place.slice);
  if (std::find(packs_.begin(), packs_.end(), place.pack) == packs_.end()) packs_.push_back(place.pack);
}

/// What lies one behind the other is one piece.
void Sealing::put(const Slice& slice) {
  if (!recipe_.pieces.empty()) {
    Piece& last = recipe_.pieces.back();
    if (last.pack == slice.pack && last.before + last.size == slice.before) {
      last.size += slice.size;
      return;
    }
  }
  Piece piece;
  piece.size = slice.size;
  piece.pack = slice.pack;
  piece.before = slice.before;
  recipe_.pieces.push_back(std::move(piece));
}

Recipe Sealing::finish(std::uint64_t size, std::vector<mime::Base64Run> runs) {
  // An empty message is an empty piece: a recipe has at least one.
  if (recipe_.pieces.empty()) recipe_.pieces.push_back({{}, 0, encode_chunk({})});
  recipe_.size = size;
  recipe_.runs = std::move(runs);
  return std::move(recipe_);
}

void Sealing::learn(const Cut& cut) const {
  if (vault_.trainer) vault_.trainer->add(use_of(cut), cut.content);
}

Bytes Sealing::encode(const Cut& cut) const {
  const bool small = cut.as != Cut::As::file && cut.content.size() <= kMaxWithDictionary;
  if (small) learn(cut);
  const bool wanted = small && vault_.options.compression.dictionary;
  return encode_chunk(cut.content, compression_->level, wanted ? compression_->latest(use_of(cut)) : nullptr);
}

}  // namespace postern::storage
