#pragma once

// The value of an object row: how its exact octets are made again (FORMAT.md, "object"). Pure.

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/digest.h"
#include "core/protocol/mime/base64_lines.h"
#include "storage/chunk_codec.h"

namespace postern::storage {

/// What stands next in a recipe. Persisted: DO NOT CHANGE. Kinds 2 and 3 came with format 4, kind 4 with
/// format 5.
enum class RecipePart : std::uint8_t { whole = 0, chunk = 1, run = 2, inlined = 3, slice = 4 };

/// A piece of the content: a chunk's octets, those of a chunk that stands in the recipe itself, or some of a pack.
struct Piece {
  Digest chunk;              // only of a chunk
  std::uint64_t size = 0;    // octets of content; at most kMaxChunk
  Bytes inlined = {};        // not empty: the value that a chunk row would have
  std::uint64_t pack = 0;    // not 0: the octets lie in that pack
  std::uint64_t before = 0;  // there, after so many others
  bool is_inlined() const { return !inlined.empty(); }
  bool is_slice() const { return pack != 0; }
  Slice slice() const { return {pack, before, size}; }
};

/// The pieces one after the other are the content; with `runs` of it in base64 it is the message (mime::Joiner).
struct Recipe {
  std::uint64_t size = 0;  // of the message
  std::vector<Piece> pieces;
  std::vector<mime::Base64Run> runs = {};
};

/// Octets of content that a recipe takes in: a header block of everyday size, and what is too small for a chunk.
inline constexpr std::size_t kMaxInlined = 64u << 10;

/// Whether it is one chunk as it is, under the message's own digest.
bool is_whole(const Digest& object, const Recipe& recipe);
/// `object` is the digest the row stands under: an object that is one chunk as it is has the chunk's digest, which is
/// not written twice.
Bytes encode_recipe(const Digest& object, const Recipe& recipe);
Result<Recipe> decode_recipe(const Digest& object, ByteView value);

}  // namespace postern::storage
