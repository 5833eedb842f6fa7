#include "storage/chunk_codec.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <span>

#include "storage/wire.h"

namespace postern::storage {
namespace {

/// See "zstd" in DECISIONS.md.
constexpr int kLevel = 3;
constexpr int kLevelOfSmall = 1;
constexpr std::size_t kSmall = 16u << 10;
/// Fewer octets than this are not tried: a zstd frame costs more than it saves.
constexpr std::size_t kTooSmall = 64;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* compressor() {
  static thread_local const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* decompressor() {
  static thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  return context.get();
}

/// Where a thread compresses to: neither taken anew nor cleared for each message, and the result is copied to memory
/// of its own size.
std::span<char> scratch() {
  static thread_local const std::unique_ptr<char[]> octets = std::make_unique_for_overwrite<char[]>(kMaxChunk);
  return {octets.get(), kMaxChunk};
}

Bytes with_header(ChunkCodec codec, std::size_t size, ByteView payload) {
  constexpr std::size_t kLongestHeader = 5;
  RecordWriter out;
  out.reserve(kLongestHeader + payload.size());
  out.u8(static_cast<std::uint8_t>(ChunkSeal::open));
  out.u8(static_cast<std::uint8_t>(codec));
  out.varint(size);
  out.octets(payload);
  return out.take();
}

tl::unexpected<Error> damaged(std::string_view how) {
  Error error(ErrorKind::store, "the vault holds a damaged chunk: " + std::string(how));
  error.remedy("run postern check --read-data to see which messages it touches");
  return fail(std::move(error));
}

tl::unexpected<Error> newer(std::string_view what) {
  Error error(ErrorKind::vault_format,
              "the vault holds a chunk with " + std::string(what) + " that this Postern does not know");
  error.remedy("use the newer Postern that wrote it");
  return fail(std::move(error));
}

struct ChunkHeader {
  ChunkCodec codec = ChunkCodec::stored;
  std::size_t size = 0;  // of the content
  ByteView payload;
};

Result<ChunkHeader> read_header(ByteView value) {
  RecordReader in(value);
  const std::uint8_t seal = in.u8();
  const std::uint8_t codec = in.u8();
  if (!in.fine() || seal == 0) return damaged("its header is cut off");
  if (seal != static_cast<std::uint8_t>(ChunkSeal::open)) return newer("a seal");
  if (codec > static_cast<std::uint8_t>(ChunkCodec::zstd)) return newer("a compression");
  const auto size = static_cast<std::size_t>(in.varint(kMaxChunk));
  if (!in.fine()) return damaged("its size is out of range");
  return ChunkHeader{static_cast<ChunkCodec>(codec), size, in.rest()};
}

}  // namespace

Bytes encode_chunk(ByteView octets) {
  if (octets.size() >= kTooSmall) {
    // Room for less than the octets themselves: zstd gives up early on what does not shrink.
    const std::span<char> room = scratch().first(std::min(octets.size(), kMaxChunk) - 1);
    const std::size_t size = ZSTD_compressCCtx(compressor(), room.data(), room.size(), octets.data(), octets.size(),
                                               octets.size() < kSmall ? kLevelOfSmall : kLevel);
    if (ZSTD_isError(size) == 0) return with_header(ChunkCodec::zstd, octets.size(), ByteView(room.data(), size));
  }
  return with_header(ChunkCodec::stored, octets.size(), octets);
}

Result<std::size_t> chunk_content_size(ByteView value) {
  auto header = read_header(value);
  if (!header) return fail(std::move(header).error());
  return header->size;
}

Result<Bytes> decode_chunk(ByteView value) {
  const auto header = read_header(value);
  if (!header) return fail(header.error());
  const auto& [codec, size, payload] = *header;
  if (codec == ChunkCodec::stored) {
    if (payload.size() != size) return damaged("it is not as long as it says");
    return Bytes(payload);
  }
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != size) return damaged("its frame says another size");
  Bytes octets(size, '\0');
  const std::size_t got = ZSTD_decompressDCtx(decompressor(), octets.data(), size, payload.data(), payload.size());
  if (ZSTD_isError(got) != 0 || got != size) return damaged("it cannot be decompressed");
  return octets;
}

}  // namespace postern::storage
