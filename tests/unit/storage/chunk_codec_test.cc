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
    EXPECT_EQ(decode_chunk(encode_chunk(noise(size, 1)), {}).value(), noise(size, 1)) << size;
    EXPECT_EQ(decode_chunk(encode_chunk(Bytes(size, 'x')), {}).value(), Bytes(size, 'x')) << size;
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
    const auto cut = decode_chunk(ByteView(value).substr(0, size), {});
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().kind(), ErrorKind::store);
  }
  EXPECT_FALSE(decode_chunk(chunk(1, 0, 3, "four"), {}));
  EXPECT_FALSE(decode_chunk(chunk(1, 1, 3, "no zstd frame"), {}));
}

TEST(ChunkCodec, ASizeBeyondTheLimitTakesNoMemory) {
  EXPECT_FALSE(decode_chunk(chunk(1, 0, UINT64_MAX, ""), {}));
  EXPECT_FALSE(decode_chunk(chunk(1, 1, kMaxChunk + 1, "x"), {}));
}

TEST(ChunkCodec, SealsAndCodecsOfANewerPosternAreNamedAsThat) {
  EXPECT_EQ(decode_chunk(chunk(2, 0, 1, "x"), {}).error().kind(), ErrorKind::vault_format);
  EXPECT_EQ(decode_chunk(chunk(1, 4, 1, "x"), {}).error().kind(), ErrorKind::vault_format);
  EXPECT_EQ(decode_chunk(chunk(0, 0, 1, "x"), {}).error().kind(), ErrorKind::store);
}

TEST(ChunkCodec, AChunkMayLieInAPack) {
  const Slice slice{300, 70'000, 5};
  const Bytes value = encode_slice(slice);
  EXPECT_EQ(chunk_slice(value).value(), slice);
  EXPECT_EQ(chunk_content_size(value).value(), 5u);
  EXPECT_EQ(decode_chunk(value, {}).error().kind(), ErrorKind::store);  // it holds no octets
  EXPECT_FALSE(chunk_slice(encode_chunk("hello")).value());
  EXPECT_FALSE(chunk_slice(value + "x"));
  for (std::size_t size = 0; size < value.size(); ++size) EXPECT_FALSE(chunk_slice(ByteView(value).substr(0, size)));
  EXPECT_FALSE(chunk_slice(encode_slice({0, 0, 5})));
  EXPECT_FALSE(chunk_slice(encode_slice({1, kMaxChunk, 1})));
}

TEST(ChunkCodec, ADictionaryHoldsWhatMessagesHaveInCommon) {
  std::vector<Bytes> samples;
  for (int i = 0; i < 500; ++i) samples.push_back(message(i, 1'000));
  const Bytes octets = train_dictionary(samples);
  ASSERT_FALSE(octets.empty());
  Compression compression;
  compression.dictionaries[3] =
      std::make_shared<Dictionary>(3, DictionaryRecord{DictionaryUse::text, octets}, compression.level);
  const Bytes one = message(777, 1'000);
  const Bytes value = encode_chunk(one, compression.level, compression.latest(DictionaryUse::text));
  EXPECT_LT(value.size(), encode_chunk(one).size() / 2);
  EXPECT_EQ(decode_chunk(value, compression).value(), one);
  EXPECT_EQ(chunk_content_size(value).value(), one.size());
  const auto without = decode_chunk(value, {});
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().to_string().find("number 3"), std::string::npos);
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_chunk(ByteView(value).substr(0, size), compression)) << size;
  }
  const Bytes files = noise(5'000, 4);
  EXPECT_EQ(encode_chunk(files, 3, compression.latest(DictionaryUse::text)).size(), files.size() + 4);
}

TEST(ChunkCodec, TooLittleMailMakesNoDictionary) { EXPECT_TRUE(train_dictionary({"a", "b"}).empty()); }

TEST(ChunkCodec, DictionaryRowsAreReadStrictly) {
  const Bytes value = encode_dictionary({DictionaryUse::header, "octets"});
  EXPECT_EQ(decode_dictionary(value).value().octets, "octets");
  EXPECT_EQ(encode_dictionary(decode_dictionary(value).value()), value);
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_dictionary(ByteView(value).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_dictionary(encode_dictionary({static_cast<DictionaryUse>(3), "octets"})));
  EXPECT_FALSE(decode_dictionary(encode_dictionary({DictionaryUse::text, ""})));
}

}  // namespace
}  // namespace postern::storage
