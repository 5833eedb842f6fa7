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

TEST(ObjectCodec, PieceKindsSetAsideAreRefused) {
  for (const int kind : {2, 3, 200}) {
    RecordWriter out;
    out.u8(1);
    out.varint(1);
    out.u8(static_cast<std::uint8_t>(kind));
    EXPECT_FALSE(decode_recipe(digest(1), out.take()));
  }
}

}  // namespace
}  // namespace postern::storage
