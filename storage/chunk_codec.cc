#include "storage/chunk_codec.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <span>

#include "storage/wire.h"

namespace postern::storage {
namespace {

/// Without a dictionary a higher level gains next to nothing on small pieces: "zstd" in DECISIONS.md.
constexpr int kLevelOfSmall = 1;
constexpr std::size_t kSmall = 16u << 10;
/// Fewer octets than this are not tried: a zstd frame costs more than it saves.
constexpr std::size_t kTooSmall = 64;
constexpr std::size_t kTooSmallWithDictionary = 16;

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

Bytes with_header(ChunkCodec codec, std::size_t size, ByteView payload, std::uint32_t dictionary = 0) {
  constexpr std::size_t kLongestHeader = 10;
  RecordWriter out;
  out.reserve(kLongestHeader + payload.size());
  out.u8(static_cast<std::uint8_t>(ChunkSeal::open));
  out.u8(static_cast<std::uint8_t>(codec));
  out.varint(size);
  if (codec == ChunkCodec::zstd_dictionary) out.varint(dictionary);
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

}  // namespace

Result<ChunkHeader> chunk_header(ByteView value) {
  RecordReader in(value);
  const std::uint8_t seal = in.u8();
  const std::uint8_t codec = in.u8();
  if (!in.fine() || seal == 0) return damaged("its header is cut off");
  if (seal != static_cast<std::uint8_t>(ChunkSeal::open)) return newer("a seal");
  if (codec > static_cast<std::uint8_t>(ChunkCodec::slice)) return newer("a compression");
  ChunkHeader header;
  header.codec = static_cast<ChunkCodec>(codec);
  header.size = static_cast<std::size_t>(in.varint(kMaxChunk));
  if (header.codec == ChunkCodec::zstd_dictionary) header.dictionary = in.varint32();
  if (header.codec == ChunkCodec::slice) {
    header.slice.pack = in.varint();
    header.slice.before = in.varint();
    header.slice.size = header.size;
    if (!in.done() || !header.slice.valid()) return damaged("it names no part of a pack");
  }
  if (!in.fine()) return damaged("its size is out of range");
  header.payload = in.rest();
  return header;
}

Bytes encode_chunk(ByteView octets, int level, const Dictionary* dictionary) {
  if (octets.size() < (dictionary != nullptr ? kTooSmallWithDictionary : kTooSmall)) {
    return with_header(ChunkCodec::stored, octets.size(), octets);
  }
  // Room for less than the octets themselves: zstd gives up early on what does not shrink.
  const std::span<char> room = scratch().first(std::min(octets.size(), kMaxChunk) - 1);
  ZSTD_CCtx* const context = compressor();
  // Also ends what gave up early, and lets go of the dictionary used last, which may be gone.
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  std::size_t size = 0;
  if (dictionary != nullptr) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0);  // its number is in the chunk's header already
    ZSTD_CCtx_refCDict(context, dictionary->compressing());
    size = ZSTD_compress2(context, room.data(), room.size(), octets.data(), octets.size());
  } else {
    size = ZSTD_compressCCtx(context, room.data(), room.size(), octets.data(), octets.size(),
                             octets.size() < kSmall ? std::min(level, kLevelOfSmall) : level);
  }
  if (ZSTD_isError(size) != 0) return with_header(ChunkCodec::stored, octets.size(), octets);
  const ByteView frame(room.data(), size);
  if (dictionary == nullptr) return with_header(ChunkCodec::zstd, octets.size(), frame);
  return with_header(ChunkCodec::zstd_dictionary, octets.size(), frame, dictionary->number());
}

Bytes encode_slice(const Slice& slice) {
  RecordWriter out;
  out.u8(static_cast<std::uint8_t>(ChunkSeal::open));
  out.u8(static_cast<std::uint8_t>(ChunkCodec::slice));
  out.varint(slice.size);
  out.varint(slice.pack);
  out.varint(slice.before);
  return out.take();
}

Result<std::optional<Slice>> chunk_slice(ByteView value) {
  auto header = chunk_header(value);
  if (!header) return fail(std::move(header).error());
  if (header->codec != ChunkCodec::slice) return std::nullopt;
  return header->slice;
}

Result<std::size_t> chunk_content_size(ByteView value) {
  auto header = chunk_header(value);
  if (!header) return fail(std::move(header).error());
  return header->size;
}

Result<Bytes> decode_chunk(ByteView value, const Compression& compression) {
  const auto header = chunk_header(value);
  if (!header) return fail(header.error());
  const auto& [codec, size, number, slice, payload] = *header;
  if (codec == ChunkCodec::slice) return damaged("its octets are looked for where they do not lie");
  if (codec == ChunkCodec::stored) {
    if (payload.size() != size) return damaged("it is not as long as it says");
    return Bytes(payload);
  }
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != size) return damaged("its frame says another size");
  const Dictionary* dictionary = compression.find(number);
  if (codec == ChunkCodec::zstd_dictionary && dictionary == nullptr) {
    return damaged("its dictionary, number " + std::to_string(number) + ", is not in the vault");
  }
  Bytes octets(size, '\0');
  const std::size_t got =
      codec == ChunkCodec::zstd_dictionary
          ? ZSTD_decompress_usingDDict(decompressor(), octets.data(), size, payload.data(), payload.size(),
                                       dictionary->decompressing())
          : ZSTD_decompressDCtx(decompressor(), octets.data(), size, payload.data(), payload.size());
  if (ZSTD_isError(got) != 0 || got != size) return damaged("it cannot be decompressed");
  return octets;
}

}  // namespace postern::storage
