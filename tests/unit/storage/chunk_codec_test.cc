#include "storage/chunk_codec.h"

#include "storage/wire.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

Bytes chunk(std::uint8_t seal, std::uint8_t codec, std::uint64_t size, ByteView payload) {
  RecordWriter out;
  out.u8(seal);
  out.u8(codec);
  out.varint(size);
  out.octets(payload);
  return out.take();
}

TEST(ChunkCodec, OctetsComeBack) {
  for (const std::size_t size : {0u, 1u, 63u, 64u, 4'096u, 1u << 20}) {
    EXPECT_EQ(decode_chunk(encode_chunk(noise(size, 1))).value(), noise(size, 1)) << size;
    EXPECT_EQ(decode_chunk(encode_chunk(Bytes(size, 'x'))).value(), Bytes(size, 'x')) << size;
  }
}

TEST(ChunkCodec, WhatDoesNotShrinkIsStoredAsItIs) {
  const Bytes octets = noise(10'000, 2);
  const Bytes value = encode_chunk(octets);
  EXPECT_EQ(value.size(), octets.size() + 4);
  EXPECT_TRUE(value.ends_with(octets));
  EXPECT_LT(encode_chunk(message(1, 10'000)).size(), 3'000u);
}

TEST(ChunkCodec, DamageIsAnErrorNotACrash) {
  const Bytes value = encode_chunk(message(1, 3'000));
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto cut = decode_chunk(ByteView(value).substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().kind(), ErrorKind::store);
  }
  EXPECT_FALSE(decode_chunk(chunk(1, 0, 3, "four")));
  EXPECT_FALSE(decode_chunk(chunk(1, 1, 3, "no zstd frame")));
}

TEST(ChunkCodec, ASizeBeyondTheLimitTakesNoMemory) {
  EXPECT_FALSE(decode_chunk(chunk(1, 0, UINT64_MAX, "")));
  EXPECT_FALSE(decode_chunk(chunk(1, 1, kMaxChunk + 1, "x")));
}

TEST(ChunkCodec, SealsAndCodecsOfANewerPosternAreNamedAsThat) {
  EXPECT_EQ(decode_chunk(chunk(2, 0, 1, "x")).error().kind(), ErrorKind::vault_format);
  EXPECT_EQ(decode_chunk(chunk(1, 2, 1, "x")).error().kind(), ErrorKind::vault_format);
  EXPECT_EQ(decode_chunk(chunk(0, 0, 1, "x")).error().kind(), ErrorKind::store);
}

}  // namespace
}  // namespace postern::storage
