#include "core/protocol/mime/part_header.h"

#include <gtest/gtest.h>

namespace postern::mime {
namespace {

PartHeader read(std::string_view lines) {
  PartHeader header;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    header.add(line);
    lines.remove_prefix(line.size());
  }
  return header;
}

TEST(PartHeaderTest, SaysHowTheBodyIsRead) {
  const struct {
    std::string_view lines;
    PartHeader::Body body;
  } kCases[] = {
      {"", PartHeader::Body::text},
      {"Content-Transfer-Encoding: base64\n", PartHeader::Body::base64},
      {"content-transfer-encoding :BASE64 \r\n", PartHeader::Body::base64},
      {"Content-Transfer-Encoding:\r\n base64\r\n", PartHeader::Body::base64},
      {"Content-Transfer-Encoding: quoted-printable\r\nContent-Transfer-Encoding: base64\r\n", PartHeader::Body::text},
      {"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", PartHeader::Body::base64},
      {"Content-Type: multipart/mixed\r\n", PartHeader::Body::text},
      {"Content-Type: multipart/mixed; boundary=a\r\nContent-Transfer-Encoding: base64\r\n",
       PartHeader::Body::multipart},
      {"Content-Type: MESSAGE/RFC822\r\n", PartHeader::Body::message},
      {"X-Content-Type: message/rfc822\r\n", PartHeader::Body::text},
  };
  for (const auto& c : kCases) EXPECT_EQ(read(c.lines).body(), c.body) << c.lines;
}

TEST(PartHeaderTest, FindsTheBoundaryHoweverItIsWritten) {
  const struct {
    std::string type;
    std::optional<std::string> boundary;
  } kCases[] = {
      {"multipart/mixed; boundary=simple", "simple"},
      {"multipart/mixed; boundary=\"with ; and = in it\"", "with ; and = in it"},
      {"multipart/mixed; boundary=\"a\\\"b\"; charset=x", "a\"b"},
      {"multipart/mixed; type=\"x; boundary=no\"; BOUNDARY = yes", "yes"},
      {"multipart/mixed;\r\n\tboundary=\"folded\"", "folded"},
      {"multipart/mixed; boundary=", std::nullopt},
      {"multipart/mixed; boundary=\"unclosed", "unclosed"},
      {"multipart/mixed; boundary=" + std::string(201, 'b'), std::nullopt},
      {"multipart/mixed; boundary*=us-ascii''x", std::nullopt},
  };
  for (const auto& c : kCases) EXPECT_EQ(read("Content-Type: " + c.type + "\r\n").boundary(), c.boundary) << c.type;
}

TEST(PartHeaderTest, RemembersLittleOfALongValue) {
  PartHeader header;
  header.add("Content-Type: multipart/mixed;\r\n");
  for (int i = 0; i < 10'000; ++i) header.add(" x=y;\r\n");
  header.add(" boundary=late\r\n");
  EXPECT_FALSE(header.boundary());
  EXPECT_EQ(header.body(), PartHeader::Body::text);
}

}  // namespace
}  // namespace postern::mime
