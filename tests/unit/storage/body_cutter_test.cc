#include "storage/body_cutter.h"

#include <gtest/gtest.h>

#include <random>

#include "core/base/base64.h"
#include "core/protocol/mime/joiner.h"
#include "storage/chunk_codec.h"
#include "storage/object_codec.h"
#include "tests/support/mail/generator.h"

namespace postern::storage {
namespace {

struct Whole {
  std::vector<Cut> cuts;
  std::vector<mime::Base64Run> runs;

  Bytes joined() const {
    Bytes out;
    mime::Joiner joiner(runs);
    for (const Cut& cut : cuts) joiner.add(cut.content, out);
    return out;
  }
};

Whole cut(ByteView octets, std::size_t step = SIZE_MAX) {
  Whole whole;
  BodyCutter cutter;
  for (; !octets.empty(); octets.remove_prefix(std::min(step, octets.size()))) {
    cutter.add(octets.substr(0, step), whole.cuts);
  }
  cutter.finish(whole.cuts);
  whole.runs = cutter.take_runs();
  return whole;
}

Bytes base64_lines(const Bytes& octets) {
  const Bytes characters = base64_encode(octets);
  Bytes out;
  for (std::size_t at = 0; at < characters.size(); at += 76) out += characters.substr(at, 76) + "\r\n";
  return out;
}

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes octets(size, '\0');
  for (char& c : octets) c = static_cast<char>(random());
  return octets;
}

const Bytes kMultipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
const Bytes kText = "--b\r\n\r\n";
const Bytes kFile = "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n";

TEST(BodyCutter, TheHeaderIsApartFromTheBody) {
  const Whole whole = cut("Subject: x\r\n\r\n" + Bytes(1'000, 'b'));
  ASSERT_EQ(whole.cuts.size(), 2u);
  EXPECT_EQ(whole.cuts[0].as, Cut::As::header);
  EXPECT_EQ(whole.cuts[0].content, "Subject: x\r\n\r\n");
  EXPECT_EQ(whole.cuts[1].as, Cut::As::text);
}

TEST(BodyCutter, AFileIsApartFromWhatIsAroundIt) {
  const Bytes file = noise(10'000, 1);
  const Whole whole = cut(kMultipart + kText + Bytes(300, 't') + "\r\n" + kFile + base64_lines(file) + "--b--\r\n");
  ASSERT_EQ(whole.cuts.size(), 4u);
  EXPECT_EQ(whole.cuts[1].as, Cut::As::text);
  EXPECT_EQ(whole.cuts[2].as, Cut::As::file);
  EXPECT_EQ(whole.cuts[2].content, file);
  EXPECT_EQ(whole.cuts[3].as, Cut::As::inlined);
}

TEST(BodyCutter, ASmallFileIsDecodedAndStaysWithItsNeighbours) {
  const Whole whole =
      cut(kMultipart + kText + Bytes(300, 't') + "\r\n" + kFile + base64_lines(noise(1'000, 2)) + "--b--\r\n");
  EXPECT_EQ(whole.cuts.size(), 2u);
  EXPECT_EQ(whole.runs.size(), 1u);
}

TEST(BodyCutter, ALargeTextPartIsTheSameUnderEveryDelimiter) {
  const auto body = [](const Bytes& boundary) {
    return "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n\r\n" +
           Bytes(50'000, 'l') + "\r\n--" + boundary + "--\r\n";
  };
  for (const Bytes& boundary : {Bytes("one"), Bytes("another")}) {
    const Whole whole = cut(body(boundary));
    ASSERT_EQ(whole.cuts.size(), 4u);
    EXPECT_EQ(whole.cuts[2].content, Bytes(50'000, 'l') + "\r\n");
  }
}

TEST(BodyCutter, AHeaderThatNeverEndsIsText) {
  const Whole whole = cut(Bytes(200'000, 'h'));
  ASSERT_EQ(whole.cuts.size(), 1u);
  EXPECT_EQ(whole.cuts[0].as, Cut::As::text);
  const Whole long_header = cut("X: " + Bytes(kMaxInlined, 'h') + "\r\n\r\nbody");
  EXPECT_EQ(long_header.cuts[0].as, Cut::As::text);
}

TEST(BodyCutter, NoPieceIsLargerThanAChunkAndAllOfThemAreTheMessage) {
  testing::MailGenerator mail(3);
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    Bytes octets = mail.next().octets;
    if (round % 30 == 0) octets = mail.with_attachments(3'000'000).octets;
    const Whole whole = cut(octets);
    for (const Cut& piece : whole.cuts) {
      ASSERT_LE(piece.content.size(), kMaxChunk);
      ASSERT_FALSE(piece.content.empty());
      if (piece.as == Cut::As::header) ASSERT_LE(piece.content.size(), kMaxInlined);
    }
    ASSERT_EQ(whole.joined(), octets);
    const Whole pieces = cut(octets, 1 + random() % 70'000);
    ASSERT_EQ(pieces.runs, whole.runs);
    ASSERT_EQ(pieces.cuts.size(), whole.cuts.size());
    for (std::size_t i = 0; i < whole.cuts.size(); ++i) ASSERT_EQ(pieces.cuts[i].content, whole.cuts[i].content);
  }
}

}  // namespace
}  // namespace postern::storage
