#pragma once

// The value of a chunk row: a header and the octets, compressed when that makes them fewer (FORMAT.md, "chunk"). Pure.

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage/dictionary.h"

namespace postern::storage {

/// Octets of a chunk, before compression.
inline constexpr std::size_t kMaxChunk = 1u << 20;

/// Whether the octets that follow are readable by anybody. Persisted: DO NOT CHANGE. 2 is set aside for an AEAD.
enum class ChunkSeal : std::uint8_t { open = 1, aead = 2 };
/// How the octets are compressed. Persisted: DO NOT CHANGE. 2 came with format 4: zstd with a dictionary of `meta`,
/// whose number follows the size.
enum class ChunkCodec : std::uint8_t { stored = 0, zstd = 1, zstd_dictionary = 2 };

/// At most kMaxChunk octets in; without a dictionary when there is none. Uses a compression context of the calling
/// thread's own.
Bytes encode_chunk(ByteView octets, int level = Compression::kDefaultLevel, const Dictionary* dictionary = nullptr);

/// What stands before the octets, and those as they are.
struct ChunkHeader {
  ChunkCodec codec = ChunkCodec::stored;
  std::size_t size = 0;          // of the content, at most kMaxChunk
  std::uint32_t dictionary = 0;  // its number
  ByteView payload;              // views the value
};
/// Errors as of decode_chunk().
Result<ChunkHeader> chunk_header(ByteView value);
/// How many octets decode_chunk() would give, by the header alone.
Result<std::size_t> chunk_content_size(ByteView value);

/// The octets. Sizes are checked before memory is taken: ErrorKind::store for damage, a dictionary that is not among
/// `compression`'s included, ErrorKind::vault_format for a seal or codec of a newer Postern.
Result<Bytes> decode_chunk(ByteView value, const Compression& compression);

}  // namespace postern::storage
