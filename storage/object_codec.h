#pragma once

// The value of an object row: how its exact octets are made again (FORMAT.md, "object"). Pure.

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/digest.h"

namespace postern::storage {

/// What a piece of a recipe is. Persisted: DO NOT CHANGE. Kinds 2 (a base64 part, kept decoded) and 3 (octets in the
/// recipe itself) are set aside for cutting by MIME part; a reader of format 1 refuses them by name.
enum class PieceKind : std::uint8_t { whole = 0, chunk = 1, base64 = 2, inlined = 3 };

/// A piece: the octets of one chunk as they are.
struct Piece {
  Digest chunk;
  std::uint64_t size = 0;  // at most kMaxChunk
};

struct Recipe {
  std::uint64_t size = 0;  // of the object: the sum of the pieces
  std::vector<Piece> pieces;
};

/// `object` is the digest the row stands under: an object of one chunk has the chunk's digest, which is not written
/// twice.
Bytes encode_recipe(const Digest& object, const Recipe& recipe);
Result<Recipe> decode_recipe(const Digest& object, ByteView value);

}  // namespace postern::storage
