#pragma once

// The value of an object row: how its exact octets are made again (FORMAT.md, "object"). Pure.

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/digest.h"
#include "core/protocol/mime/base64_lines.h"

namespace postern::storage {

/// What stands next in a recipe. Persisted: DO NOT CHANGE. Kinds 2 and 3 came with format 4.
enum class RecipePart : std::uint8_t { whole = 0, chunk = 1, run = 2, inlined = 3 };

/// A piece of the content: a chunk's octets, or those of a chunk that stands in the recipe itself.
struct Piece {
  Digest chunk;            // not of one that is inlined
  std::uint64_t size = 0;  // octets of content; of a chunk at most kMaxChunk
  Bytes inlined = {};      // not empty: the value that a chunk row would have
  bool is_inlined() const { return !inlined.empty(); }
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
