#include "core/protocol/mime/splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "core/base/base64.h"
#include "core/protocol/mime/joiner.h"
#include "tests/support/mail/generator.h"
#include "tests/support/mail/split_copy.h"

namespace postern::mime {
namespace {

using testing::SplitCopy;

Bytes joined(const SplitCopy& split, std::size_t piece = SIZE_MAX) {
  Bytes out;
  Joiner joiner(split.runs);
  for (ByteView rest = split.content; !rest.empty();) {
    joiner.add(rest.substr(0, piece), out);
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  return out;
}

/// `octets` in base64, in lines of `line` characters.
Bytes lines_of(ByteView octets, std::size_t line, std::string_view end = "\r\n") {
  const Bytes characters = base64_encode(octets);
  Bytes out;
  for (std::size_t at = 0; at < characters.size(); at += line) {
    out += characters.substr(at, line);
    out += end;
  }
  return out;
}

const Bytes kFile = [] {
  std::mt19937 random(1);
  Bytes octets(10'000, '\0');
  for (char& c : octets) c = static_cast<char>(random());
  return octets;
}();

Bytes with_attachment(const Bytes& encoded, const Bytes& boundary = "b0") {
  return "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\npreamble\r\n--" + boundary +
         "\r\n\r\nhello\r\n--" + boundary + "\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         encoded + "\r\n--" + boundary + "--\r\nepilogue\r\n";
}

TEST(SplitterTest, AnAttachmentBecomesTheOctetsOfTheFile) {
  const Bytes message = with_attachment(lines_of(kFile, 76));
  const SplitCopy split = SplitCopy::of(message);
  ASSERT_EQ(split.runs.size(), 1u);
  EXPECT_EQ(split.runs[0].octets, kFile.size());
  EXPECT_EQ(split.runs[0].layout, (Base64Layout{76, true, true}));
  EXPECT_EQ(split.content.substr(split.runs[0].before, kFile.size()), kFile);
  EXPECT_EQ(joined(split), message);
}

TEST(SplitterTest, SaysWhereTheHeaderEndsAndThePartsBegin) {
  const SplitCopy split = SplitCopy::of(with_attachment(lines_of(kFile, 76)));
  EXPECT_TRUE(split.content.substr(split.header).starts_with("preamble"));
  ASSERT_EQ(split.parts.size(), 2u);
  EXPECT_TRUE(split.content.substr(split.parts[0]).starts_with("hello"));
  EXPECT_TRUE(split.content.substr(split.parts[1]).starts_with(kFile.substr(0, 100)));
}

TEST(SplitterTest, OneFileIsTheSameHoweverItIsEncoded) {
  for (const std::size_t line : {4u, 60u, 64u, 72u, 76u, 996u}) {
    for (const std::string_view end : {"\r\n", "\n"}) {
      const Bytes message = with_attachment(lines_of(kFile, line, end));
      const SplitCopy split = SplitCopy::of(message);
      ASSERT_EQ(split.runs.size(), 1u) << line;
      EXPECT_EQ(split.content.substr(split.runs[0].before, split.runs[0].octets), kFile) << line;
      EXPECT_EQ(joined(split), message) << line;
    }
  }
}

TEST(SplitterTest, WhatWouldNotEncodeToTheSameStaysAsItIs) {
  const Bytes good = lines_of(kFile, 76);
  const struct {
    std::string_view what;
    Bytes encoded;
    std::size_t least;  // octets that are decoded all the same
  } kCases[] = {
      {"a line longer than the first", good.substr(0, 780) + "QUFB" + good.substr(780), 500},
      {"a blank in the middle", good.substr(0, 800) + " " + good.substr(800), 500},
      {"an empty line in the middle", good.substr(0, 780) + "\r\n" + good.substr(780), 9'000},
      {"one bare LF", good.substr(0, 778) + "\n" + good.substr(780), 9'000},
      {"padding in the middle", good.substr(0, 774) + "QQ==\r\n" + good.substr(780), 0},
      {"digits without padding", good.substr(0, good.find('=')) + "\r\n", 9'000},
      {"not base64 at all", "This is a text, whatever its header says.\r\n", 0},
      {"lines of 75 characters", lines_of(kFile, 75), 0},
      {"lines beyond the longest", lines_of(kFile, 1'000), 0},
      {"one line of everything", lines_of(kFile, 100'000), 0},
  };
  for (const auto& c : kCases) {
    const Bytes message = with_attachment(c.encoded);
    const SplitCopy split = SplitCopy::of(message);
    std::uint64_t decoded = 0;
    for (const Base64Run& run : split.runs) decoded += run.octets;
    EXPECT_GE(decoded, c.least) << c.what;
    EXPECT_EQ(joined(split), message) << c.what;
  }
}

TEST(SplitterTest, FollowsMultipartsAndMessagesWithinMessages) {
  const Bytes inner = with_attachment(lines_of(kFile, 76), "inner");
  const Bytes forwarded =
      "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n" + inner +
      "--outer\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines_of(kFile, 60) + "--outer--\r\n";
  const SplitCopy split = SplitCopy::of(forwarded);
  ASSERT_EQ(split.runs.size(), 2u);
  EXPECT_EQ(split.runs[0].octets, kFile.size());
  EXPECT_EQ(split.runs[1].octets, kFile.size());
  EXPECT_EQ(joined(split), forwarded);
}

TEST(SplitterTest, ADelimiterOfAnOuterMultipartEndsTheInnerOnes) {
  const Bytes message =
      "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: multipart/mixed; "
      "boundary=inner\r\n\r\n--inner\r\n\r\ncut short\r\n--outer\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      lines_of(kFile, 76) + "--inner\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines_of(kFile, 76);
  const SplitCopy split = SplitCopy::of(message);
  EXPECT_EQ(split.parts.size(), 3u);  // a delimiter of a multipart that is over is text
  EXPECT_EQ(joined(split), message);
}

TEST(SplitterTest, ABodyWithoutMultipartIsDecodedToo) {
  const Bytes message = "Content-Transfer-Encoding: base64\n\n" + lines_of(kFile, 72, "\n");
  const SplitCopy split = SplitCopy::of(message);
  EXPECT_EQ(split.content.substr(split.header), kFile);
  EXPECT_EQ(joined(split), message);
}

TEST(SplitterTest, HostileStructureCostsNothing) {
  Bytes nested;
  for (int depth = 0; depth < 10'000; ++depth) {
    const Bytes boundary = "b" + std::to_string(depth);
    nested += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  Bytes runs = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 10'000; ++i) runs += "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUFB\r\n";
  Bytes parameters = "Content-Type: multipart/mixed;\r\n";
  for (int i = 0; i < 10'000; ++i) parameters += " boundary*" + std::to_string(i) + "=b;\r\n";
  const Bytes continued = parameters + "\r\n--b\r\n";
  const Bytes one_line = "Content-Transfer-Encoding: base64\r\n\r\n" + Bytes(1u << 20, 'A');
  for (const Bytes* message : {&std::as_const(nested), &std::as_const(runs), &continued, &one_line}) {
    const SplitCopy split = SplitCopy::of(*message, {7, 1'000});
    EXPECT_LE(split.runs.size(), kMostRuns);
    EXPECT_EQ(joined(split), *message);
  }
  EXPECT_EQ(SplitCopy::of(runs).runs.size(), kMostRuns);
}

TEST(SplitterTest, EveryMessageComesBackHoweverItIsHandedOver) {
  testing::MailGenerator mail(5);
  std::mt19937 random(6);
  std::size_t runs = 0;
  for (int round = 0; round < 2'000; ++round) {
    Bytes message = mail.next().octets;
    for (auto damage = random() % 4; damage > 0 && !message.empty(); --damage) {
      const std::size_t at = random() % message.size();
      switch (random() % 3) {
        case 0:
          message[at] = static_cast<char>(random());
          break;
        case 1:
          message.erase(at, random() % 100);
          break;
        case 2:
          message.insert(at, message.substr(random() % message.size(), random() % 200));
          break;
      }
    }
    const SplitCopy split = SplitCopy::of(message);
    runs += split.runs.size();
    const SplitCopy pieces = SplitCopy::of(message, {1 + random() % 90, 1 + random() % 3'000});
    ASSERT_EQ(pieces.content, split.content) << round;
    ASSERT_EQ(pieces.runs, split.runs) << round;
    ASSERT_EQ(joined_size(split.runs, split.content.size()), message.size()) << round;
    ASSERT_EQ(joined(split, 1 + random() % 500), message) << round;
  }
  EXPECT_GT(runs, 50u);
}

TEST(JoinerTest, RunsThatDoNotFitIntoTheContentHaveNoSize) {
  const Base64Layout layout{76, true, true};
  EXPECT_EQ(joined_size({{5, 3, layout}}, 10), 5u + 6 + 2);
  EXPECT_FALSE(joined_size({{8, 3, layout}}, 10));
  EXPECT_FALSE(joined_size({{UINT64_MAX, 3, layout}}, 10));
  EXPECT_FALSE(joined_size({{0, UINT64_MAX, layout}}, 10));
  EXPECT_FALSE(joined_size({}, UINT64_MAX));
}

}  // namespace
}  // namespace postern::mime
