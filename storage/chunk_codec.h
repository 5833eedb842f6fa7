#pragma once

// The value of a chunk row: a header and the octets, compressed when that makes them fewer (FORMAT.md, "chunk"). Pure.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage/dictionary.h"

namespace postern::storage {

/// Octets of a chunk, before compression.
inline constexpr std::size_t kMaxChunk = 1u << 20;

/// Whether the octets that follow are readable by anybody. Persisted: DO NOT CHANGE. 2 is set aside for an AEAD.
enum class ChunkSeal : std::uint8_t { open = 1, aead = 2 };
/// How the octets are compressed. Persisted: DO NOT CHANGE. 2 came with format 4: zstd with a dictionary of `meta`,
/// whose number follows the size. 3 came with format 5: the octets lie in a pack.
enum class ChunkCodec : std::uint8_t { stored = 0, zstd = 1, zstd_dictionary = 2, slice = 3 };

/// Octets within the content of a pack: many small pieces, compressed together under a number.
struct Slice {
  std::uint64_t pack = 0;    // from 1 on
  std::uint64_t before = 0;  // octets of the pack's content before these
  std::uint64_t size = 0;

  /// A pack's content is a chunk's: at most kMaxChunk.
  bool valid() const { return pack != 0 && before <= kMaxChunk && size <= kMaxChunk - before; }
  friend bool operator==(const Slice&, const Slice&) = default;
};

/// At most kMaxChunk octets in; without a dictionary when there is none. Uses a compression context of the calling
/// thread's own.
Bytes encode_chunk(ByteView octets, int level = Compression::kDefaultLevel, const Dictionary* dictionary = nullptr);

/// What stands before the octets, and those as they are.
struct ChunkHeader {
  ChunkCodec codec = ChunkCodec::stored;
  std::size_t size = 0;          // of the content, at most kMaxChunk
  std::uint32_t dictionary = 0;  // its number
  Slice slice;                   // of codec slice, which has no payload
  ByteView payload;              // views the value
};
/// Errors as of decode_chunk().
Result<ChunkHeader> chunk_header(ByteView value);

/// The row of a chunk whose octets lie in a pack.
Bytes encode_slice(const Slice& slice);
/// Where a row's octets lie, unless in itself.
Result<std::optional<Slice>> chunk_slice(ByteView value);

/// How many octets the chunk has, by the header alone.
Result<std::size_t> chunk_content_size(ByteView value);

/// The octets of a row that holds them itself. Sizes are checked before memory is taken: ErrorKind::store for damage, a
/// dictionary that is not among `compression`'s included, ErrorKind::vault_format for a seal or codec of a newer
/// Postern.
Result<Bytes> decode_chunk(ByteView value, const Compression& compression);

}  // namespace postern::storage
