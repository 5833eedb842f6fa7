#include "storage/object_codec.h"

#include <gtest/gtest.h>

#include "storage/chunk_codec.h"
#include "storage/wire.h"

namespace postern::storage {
namespace {

Digest digest(std::uint8_t octet) {
  std::array<std::uint8_t, 32> octets{};
  octets.fill(octet);
  return Digest(octets);
}

TEST(ObjectCodec, AnObjectOfOneChunkIsAFewOctets) {
  const Bytes value = encode_recipe(digest(1), {300, {{digest(1), 300}}});
  EXPECT_EQ(to_hex(value), "01ac0200");
  const Recipe recipe = decode_recipe(digest(1), value).value();
  EXPECT_EQ(recipe.size, 300u);
  ASSERT_EQ(recipe.pieces.size(), 1u);
  EXPECT_EQ(recipe.pieces[0].chunk, digest(1));
}

TEST(ObjectCodec, PiecesComeBackInOrder) {
  const Recipe recipe{kMaxChunk + 5, {{digest(2), kMaxChunk}, {digest(3), 5}}};
  const Bytes value = encode_recipe(digest(1), recipe);
  const Recipe again = decode_recipe(digest(1), value).value();
  ASSERT_EQ(again.pieces.size(), 2u);
  EXPECT_EQ(again.pieces[1].chunk, digest(3));
  EXPECT_EQ(encode_recipe(digest(1), again), value);
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_EQ(decode_recipe(digest(1), ByteView(value).substr(0, size)).error().kind(), ErrorKind::store) << size;
  }
}

TEST(ObjectCodec, SizesThatDoNotAddUpAreRefused) {
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {7, {{digest(2), 3}, {digest(3), 3}}})));
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {kMaxChunk + 1, {{digest(1), kMaxChunk + 1}}})));
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {0, {{digest(2), 0}}})));
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {0, {}})));
}

TEST(ObjectCodec, WhatIsInlinedAndWhatIsBase64ComeBack) {
  const Bytes header = encode_chunk("Subject: x\r\n\r\n");
  const Recipe recipe{
      14 + 1'000 + 38, {{{}, 14, header}, {digest(2), 1'000 + 27}}, {{14 + 1'000, 27, {38 / 4 * 4, true, true}}}};
  const Bytes value = encode_recipe(digest(1), recipe);
  const Recipe again = decode_recipe(digest(1), value).value();
  ASSERT_EQ(again.pieces.size(), 2u);
  EXPECT_EQ(again.pieces[0].inlined, header);
  EXPECT_EQ(again.pieces[0].size, 14u);
  EXPECT_EQ(again.runs, recipe.runs);
  EXPECT_EQ(encode_recipe(digest(1), again), value);
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_recipe(digest(1), ByteView(value).substr(0, size))) << size;
  }
}

TEST(ObjectCodec, PiecesInPacksComeBack) {
  const Recipe recipe{305, {{{}, 300, {}, 7, 70'000}, {{}, 5, {}, 8, 0}}};
  const Bytes value = encode_recipe(digest(1), recipe);
  const Recipe again = decode_recipe(digest(1), value).value();
  ASSERT_EQ(again.pieces.size(), 2u);
  EXPECT_EQ(again.pieces[0].slice(), (Slice{7, 70'000, 300}));
  EXPECT_EQ(again.pieces[1].slice(), (Slice{8, 0, 5}));
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(decode_recipe(digest(1), ByteView(value).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {0, {{{}, 0, {}, 7, 0}}})));
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {2, {{{}, 2, {}, 7, kMaxChunk - 1}}})));
  // A piece that stands in the recipe lies nowhere else.
  EXPECT_FALSE(decode_recipe(digest(1), encode_recipe(digest(1), {5, {{{}, 5, encode_slice({7, 0, 5})}}})));
}

TEST(ObjectCodec, RunsThatNoSplitterMakesAreRefused) {
  const std::vector<Piece> pieces = {{digest(2), 100}};
  const auto refused = [&](std::uint64_t size, mime::Base64Run run) {
    return !decode_recipe(digest(1), encode_recipe(digest(1), {size, pieces, {run}}));
  };
  EXPECT_FALSE(refused(100 - 27 + 36, {10, 27, {76, true, false}}));
  EXPECT_TRUE(refused(100 - 27 + 35, {10, 27, {76, true, false}}));  // another size
  EXPECT_TRUE(refused(100, {10, 0, {76, true, false}}));             // empty
  EXPECT_TRUE(refused(100 - 27 + 36, {80, 27, {76, true, false}}));  // beyond the content
  EXPECT_TRUE(refused(100 - 27 + 36, {10, 27, {0, true, false}}));   // no line
  EXPECT_TRUE(refused(100 - 27 + 36, {10, 27, {1'000, true, false}}));
}

TEST(ObjectCodec, PartsThatAreNotKnownAreRefused) {
  for (const int kind : {5, 200}) {
    RecordWriter out;
    out.u8(1);
    out.varint(1);
    out.u8(static_cast<std::uint8_t>(kind));
    EXPECT_FALSE(decode_recipe(digest(1), out.take()));
  }
}

}  // namespace
}  // namespace postern::storage
