#include "storage/object_codec.h"

#include "core/protocol/mime/joiner.h"
#include "storage/record_frame.h"

namespace postern::storage {
namespace {

constexpr std::uint8_t kRunCrlf = 1;
constexpr std::uint8_t kRunLastLineEnds = 2;

void write_piece(RecordWriter& out, const Piece& piece) {
  if (piece.is_inlined()) {
    out.u8(static_cast<std::uint8_t>(RecipePart::inlined));
    out.text(piece.inlined);
    return;
  }
  if (piece.is_slice()) {
    out.u8(static_cast<std::uint8_t>(RecipePart::slice));
    out.varint(piece.pack);
    out.varint(piece.before);
    out.varint(piece.size);
    return;
  }
  out.u8(static_cast<std::uint8_t>(RecipePart::chunk));
  out.digest(piece.chunk);
  out.varint(piece.size);
}

void write_run(RecordWriter& out, const mime::Base64Run& run) {
  out.u8(static_cast<std::uint8_t>(RecipePart::run));
  out.varint(run.before);
  out.varint(run.octets);
  const int bits = (run.layout.crlf ? kRunCrlf : 0) | (run.layout.last_line_ends ? kRunLastLineEnds : 0);
  out.u8(static_cast<std::uint8_t>(bits));
  out.varint(run.layout.line / 4);
}

mime::Base64Run read_run(RecordReader& in) {
  mime::Base64Run run;
  run.before = in.varint();
  run.octets = in.varint();
  const std::uint8_t bits = read_bits(in, kRunCrlf | kRunLastLineEnds);
  run.layout.crlf = (bits & kRunCrlf) != 0;
  run.layout.last_line_ends = (bits & kRunLastLineEnds) != 0;
  run.layout.line = static_cast<std::uint16_t>(4 * in.varint(mime::kLongestBase64Line / 4));
  if (run.octets == 0 || !mime::valid(run.layout)) in.refuse();
  return run;
}

Piece read_inlined(RecordReader& in) {
  Piece piece;
  piece.inlined = in.text();
  const auto size = chunk_content_size(piece.inlined);
  const auto elsewhere = chunk_slice(piece.inlined);
  if (!size || *size > kMaxInlined || !elsewhere || *elsewhere) in.refuse();
  piece.size = size.value_or(0);
  return piece;
}

Piece read_slice(RecordReader& in) {
  Piece piece;
  piece.pack = in.varint();
  piece.before = in.varint();
  piece.size = in.varint();
  if (piece.size == 0 || !piece.slice().valid()) in.refuse();
  return piece;
}

/// After the pieces the runs; neither more than the record can hold.
void read_parts(RecordReader& in, const Digest& object, Recipe& recipe) {
  while (in.fine() && !in.done()) {
    const auto part = static_cast<RecipePart>(in.u8());
    if (part == RecipePart::run && !recipe.pieces.empty()) {
      recipe.runs.push_back(read_run(in));
    } else if (!recipe.runs.empty()) {
      in.refuse();
    } else if (part == RecipePart::whole && recipe.pieces.empty()) {
      recipe.pieces.push_back({object, recipe.size});
      if (recipe.size > kMaxChunk || !in.done()) in.refuse();
    } else if (part == RecipePart::chunk) {
      const Digest chunk = in.digest();
      recipe.pieces.push_back({chunk, in.varint(kMaxChunk)});
      if (recipe.pieces.back().size == 0) in.refuse();
    } else if (part == RecipePart::inlined) {
      recipe.pieces.push_back(read_inlined(in));
    } else if (part == RecipePart::slice) {
      recipe.pieces.push_back(read_slice(in));
    } else {
      in.refuse();
    }
  }
}

}  // namespace

Bytes encode_recipe(const Digest& object, const Recipe& recipe) {
  RecordWriter out = begin_record();
  out.varint(recipe.size);
  if (is_whole(object, recipe)) {
    out.u8(static_cast<std::uint8_t>(RecipePart::whole));
    return out.take();
  }
  for (const Piece& piece : recipe.pieces) write_piece(out, piece);
  for (const mime::Base64Run& run : recipe.runs) write_run(out, run);
  return out.take();
}

bool is_whole(const Digest& object, const Recipe& recipe) {
  if (recipe.pieces.size() != 1) return false;
  const Piece& only = recipe.pieces.front();
  return !only.is_inlined() && !only.is_slice() && only.chunk == object;
}

Result<Recipe> decode_recipe(const Digest& object, ByteView value) {
  RecordReader in = open_record(value);
  Recipe recipe;
  recipe.size = in.varint();
  read_parts(in, object, recipe);
  std::uint64_t content = 0;
  for (const Piece& piece : recipe.pieces) content += piece.size;
  const bool respelled = is_whole(object, recipe) && encode_recipe(object, recipe) != value;
  if (!in.done() || recipe.pieces.empty() || respelled || mime::joined_size(recipe.runs, content) != recipe.size) {
    return fail(damaged_record("object", value));
  }
  return recipe;
}

}  // namespace postern::storage
