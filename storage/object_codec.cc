#include "storage/object_codec.h"

#include "storage/chunk_codec.h"
#include "storage/wire.h"

namespace postern::storage {

Bytes encode_recipe(const Digest& object, const Recipe& recipe) {
  RecordWriter out;
  out.u8(kRecordVersion);
  out.varint(recipe.size);
  if (recipe.pieces.size() == 1 && recipe.pieces.front().chunk == object) {
    out.u8(static_cast<std::uint8_t>(PieceKind::whole));
    return out.take();
  }
  for (const Piece& piece : recipe.pieces) {
    out.u8(static_cast<std::uint8_t>(PieceKind::chunk));
    out.digest(piece.chunk);
    out.varint(piece.size);
  }
  return out.take();
}

Result<Recipe> decode_recipe(const Digest& object, ByteView value) {
  RecordReader in(value);
  if (in.u8() != kRecordVersion) in.refuse();
  Recipe recipe;
  recipe.size = in.varint();
  std::uint64_t sum = 0;
  while (in.fine() && !in.done()) {
    const auto kind = static_cast<PieceKind>(in.u8());
    Piece piece;
    if (kind == PieceKind::whole && recipe.pieces.empty()) {
      piece = {object, recipe.size};
      if (piece.size > kMaxChunk || !in.done()) in.refuse();
    } else if (kind == PieceKind::chunk) {
      piece.chunk = in.digest();
      piece.size = in.varint(kMaxChunk);
      if (piece.size == 0) in.refuse();
    } else {
      in.refuse();
    }
    sum += piece.size;
    recipe.pieces.push_back(piece);
  }
  const bool respelled =
      recipe.pieces.size() == 1 && recipe.pieces.front().chunk == object && encode_recipe(object, recipe) != value;
  if (!in.done() || recipe.pieces.empty() || sum != recipe.size || respelled) {
    return fail(damaged_record("object", value));
  }
  return recipe;
}

}  // namespace postern::storage
