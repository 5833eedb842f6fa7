#include "core/protocol/mime/stable_header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace postern::mime {
namespace {

using namespace std::string_literals;

const Bytes kMail =
    "Return-Path: <a@example.org>\r\n"
    "Received: from x by y; Thu, 22 Aug 2002 12:36:23 +0200\r\n"
    "Date: Thu, 22 Aug 2002 12:36:23 +0200\r\n"
    "From: Alice <alice@example.org>\r\n"
    "To: Bob <bob@example.org>,\r\n"
    "\tCarol <carol@example.org>\r\n"
    "Cc: \r\n"
    "Subject: Hello  there\r\n"
    "Message-ID: <1@example.org>\r\n"
    "X-Other: y\r\n"
    "\r\n"
    "Subject: not in the header\r\n";

Bytes canonical(std::vector<std::string> values) {
  Bytes out = "stable header 1\n";
  for (std::size_t i = 0; i < kStableFields.size(); ++i) out += std::string(kStableFields[i]) + values[i] + "\n";
  return out;
}

const Bytes kNothing = canonical({"", "", "", "", "", ""});

Bytes replaced(Bytes text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != Bytes::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

TEST(StableHeaderTest, HoldsTheFieldsInOneForm) {
  EXPECT_EQ(stable_header(kMail),
            canonical({":<1@example.org>", ":Thu, 22 Aug 2002 12:36:23 +0200", ":Alice <alice@example.org>",
                       ":Bob <bob@example.org>, Carol <carol@example.org>", ":", ":Hello there"}));
}

TEST(StableHeaderTest, ServersThatNormaliseMakeNoDifference) {
  const Bytes stable = stable_header(kMail);
  EXPECT_EQ(stable_header(replaced(kMail, "\r\n", "\n")), stable);
  EXPECT_EQ(stable_header(replaced(kMail, "\r\n\t", " ")), stable) << "unfolded";
  EXPECT_EQ(stable_header(replaced(kMail, "22 Aug", "\r\n   22\n\tAug")), stable) << "folded elsewhere";
  EXPECT_EQ(stable_header("Received: from z\r\n" + kMail), stable) << "a trace field more";
  EXPECT_EQ(stable_header(kMail + "another body"), stable);
  EXPECT_EQ(stable_header(replaced(replaced(kMail, "Message-ID:", "MESSAGE-Id :"), "Cc: ", "CC:")), stable);
}

TEST(StableHeaderTest, AHeaderFieldsAnswerIsEnough) {
  const Bytes answer =
      "Date: Thu, 22 Aug 2002 12:36:23 +0200\r\nFrom: Alice <alice@example.org>\r\n"
      "To: Bob <bob@example.org>,\r\n\tCarol <carol@example.org>\r\nCc: \r\nSubject: Hello  there\r\n"
      "Message-ID: <1@example.org>\r\n\r\n";
  EXPECT_EQ(stable_header(answer), stable_header(kMail));
}

TEST(StableHeaderTest, TheEndOfTheHeaderMayBeTheEndOfTheMessage) {
  const Bytes expected = canonical({"", "", "", "", "", ":x"});
  for (const std::string_view octets : {"Subject: x", "Subject: x\r", "Subject: x\n", "Subject: x\r\n",
                                        "Subject: x\r\n\r\n", "Subject: x\n\n", "Subject: x\r\n\r"}) {
    EXPECT_EQ(stable_header(octets), expected) << octets;
  }
}

TEST(StableHeaderTest, AltersWithEveryField) {
  for (const std::string_view word : {"<1@", "12:36:23 +0200\r\nFrom", "Alice", "Carol", "Cc:", "Hello"}) {
    Bytes altered = kMail;
    altered.insert(altered.find(word) + 1, "z");
    EXPECT_NE(stable_header(altered), stable_header(kMail)) << word;
  }
}

TEST(StableHeaderTest, MissingIsNotEmpty) {
  EXPECT_NE(stable_header("Cc:\r\n\r\n"), stable_header("\r\n"));
  EXPECT_EQ(stable_header("Cc:\r\n\r\n"), canonical({"", "", "", "", ":", ""}));
}

TEST(StableHeaderTest, FieldsCannotBeMovedIntoOneAnother) {
  EXPECT_NE(stable_header("Subject: a\r\n From: b\r\n\r\n"), stable_header("Subject: a\r\nFrom: b\r\n\r\n"));
  EXPECT_NE(stable_header("Date: a\r\n From:b\r\n\r\n"), stable_header("Date: a\r\nFrom:b\r\n\r\n"));
}

TEST(StableHeaderTest, NothingHasNothing) {
  for (const std::string& octets :
       {""s, "\r\n"s, "\n"s, "\r\nSubject: body\r\n"s, "\nSubject: body"s, "no header at all"s,
        " Subject: a fold of nothing\r\n\r\n"s, "\0\0\0"s, ":\r\n:x\r\n\r\n"s, "Subject\r\n\r\n"s,
        "Subject x: y\r\n\r\n"s, "X-Subject: y\r\n\r\n"s}) {
    EXPECT_EQ(stable_header(octets), kNothing) << octets;
  }
}

TEST(StableHeaderTest, LinesThatAreNoFieldAreSteppedOver) {
  EXPECT_EQ(stable_header(
                "From alice Thu Aug 22 12:36:23 2002\r\nSubject: x\r\ngarbage\r\n folded garbage\r\nDate: y\r\n\r\n"),
            canonical({"", ":y", "", "", "", ":x"}));
}

TEST(StableHeaderTest, TheFirstFieldOfANameCounts) {
  EXPECT_EQ(stable_header("Subject: a\r\nSubject: b\r\n c\r\nDate: d\r\n\r\n"),
            canonical({"", ":d", "", "", "", ":a"}));
}

TEST(StableHeaderTest, OctetsThatServersReplaceAreOne) {
  // Dovecot stores NUL as 0x80; Cyrus stores 8-bit octets of a header as X.
  const Bytes expected = canonical({"", "", "", "", "", ":caXX a"});
  EXPECT_EQ(stable_header("Subject: ca\xc3\xa9 a\r\n\r\n"), expected);
  EXPECT_EQ(stable_header("Subject: caXX a\r\n\r\n"), expected);
  EXPECT_EQ(stable_header("Subject: ca\0\x80 a\r\n\r\n"s), expected);
}

TEST(StableHeaderTest, ABareCrIsWhiteSpace) {
  EXPECT_EQ(stable_header("Subject: a\rb\r\r\nDate: d\r\n\r\n"), canonical({"", ":d", "", "", "", ":a b"}));
}

TEST(StableHeaderTest, ALongValueCountsByItsBeginning) {
  const Bytes one = stable_header("Subject: " + Bytes(5'000, 'x') + "\r\nDate: d\r\n\r\n");
  const Bytes other = stable_header("Subject: " + Bytes(5'000, 'x') + "tail\r\nDate: d\r\n\r\n");
  EXPECT_EQ(one, other);
  EXPECT_EQ(one, canonical({"", ":d", "", "", "", ":" + Bytes(4'096, 'x')}));
}

TEST(StableHeaderTest, HostileHeadersAreBoundedAndLinear) {
  const Bytes line = "Subject: " + Bytes(1'048'576, 'y') + "\r\nDate: beyond the cap\r\n\r\n";
  EXPECT_EQ(stable_header(line), canonical({"", "", "", "", "", ":" + Bytes(4'096, 'y')}));
  Bytes fields;
  for (int i = 0; i < 100'000; ++i) fields += "To: x" + std::to_string(i) + "\r\n";
  EXPECT_EQ(stable_header(fields + "\r\n"), canonical({"", "", "", ":x0", "", ""}));
  EXPECT_EQ(stable_header(Bytes(50'000'000, '\n')), kNothing);
  Bytes folds = "To: a\r\n";
  for (int i = 0; i < 200'000; ++i) folds += " \r\n";
  EXPECT_EQ(stable_header(folds), canonical({"", "", "", ":a", "", ""}));
  Bytes long_all;
  for (const auto name : kStableFields) long_all += Bytes(name) + ":" + Bytes(10'000, 'z') + "\r\n";
  EXPECT_LT(stable_header(long_all).size(), 25u * 1024);
}

TEST(StableHeaderTest, MoreThanTheCapIsNotLookedAt) {
  const Bytes trace = "X-Trace: " + Bytes(kHeaderCap, 't') + "\r\n";
  EXPECT_EQ(stable_header(trace + "Subject: far away\r\n\r\n"), kNothing);
}

TEST(StableHeaderTest, LineEndsMakeNoDifferenceForAnyOctets) {
  std::mt19937 random(9);
  const std::vector<std::string> pieces = {"Subject", ":",     " ", "\t",   "\n",  "\n",
                                           "To",      "Date:", "x", "\x80", "\n ", "\r"};
  for (int round = 0; round < 20'000; ++round) {
    Bytes lf;
    for (auto count = random() % 20; count > 0; --count) lf += pieces[random() % pieces.size()];
    if (lf.find("\r\n") != Bytes::npos) continue;  // no bare LF there
    const Bytes crlf = replaced(lf, "\n", "\r\n");
    ASSERT_EQ(stable_header(crlf), stable_header(lf)) << lf;
    const std::size_t block = header_block_size(lf);
    const Bytes crlf_block = replaced(lf.substr(0, block), "\n", "\r\n");
    ASSERT_EQ(header_block_size(crlf), crlf_block.size()) << lf;
    ASSERT_EQ(stable_header(ByteView(lf).substr(0, block)), stable_header(lf)) << "the header block decides alone";
  }
}

TEST(HeaderBlockSizeTest, EndsBehindTheEmptyLine) {
  const struct {
    std::string_view octets;
    std::size_t size;
  } cases[] = {
      {"", 0},         {"\r\n", 2},         {"\n", 1},           {"\r\nbody", 2},       {"\n\n", 1},
      {"A: b\r\n", 6}, {"A: b\r\n\r\n", 8}, {"A: b\n\nbody", 6}, {"A: b\r\n\nbody", 7}, {"A: b\n\r\nbody", 7},
      {"A: b", 4},     {"A: b\r\n\r", 7},   {"\r\r\nA: b", 7},   {" \r\n\r\nx", 5},     {"A\n \n\nb", 5},
  };
  for (const auto& c : cases) EXPECT_EQ(header_block_size(c.octets), c.size) << c.octets;
}

/// Fed piece after piece: how many octets there were when it was over; all of them when it never was.
std::size_t end_by_pieces(ByteView octets, std::size_t piece) {
  HeaderEnd end;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    const ByteView part = octets.substr(at, piece);
    if (end.passed(part)) return at + part.size();
  }
  return octets.size();
}

TEST(HeaderEndTest, IsTheEndOfTheHeaderBlockHoweverItComes) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces = {"A: b", "\r", "\n", "\r\n", " "};
  for (int round = 0; round < 20'000; ++round) {
    Bytes octets;
    for (auto count = random() % 9; count > 0; --count) octets += pieces[random() % pieces.size()];
    const std::size_t end = header_block_size(octets);
    ASSERT_EQ(end_by_pieces(octets, 1), end) << octets;
    for (const std::size_t piece : {2u, 3u, 5u}) {
      const std::size_t shown = std::min(octets.size(), (end + piece - 1) / piece * piece);
      ASSERT_EQ(end_by_pieces(octets, piece), shown) << octets;
    }
  }
}

TEST(HeaderEndTest, OnceOverItStaysSo) {
  HeaderEnd end;
  EXPECT_TRUE(end.passed("\r\nbody"));
  EXPECT_TRUE(end.passed("A: b\r\n"));
  EXPECT_TRUE(end.passed(""));
}

TEST(HeaderEndTest, OctetByOctetIsLinear) { EXPECT_EQ(end_by_pieces(Bytes(20'000'000, 'x'), 1), 20'000'000u); }

TEST(HeaderBlockSizeTest, IsLinear) {
  EXPECT_EQ(header_block_size(Bytes(50'000'000, 'x')), 50'000'000u);
  Bytes lines;
  for (int i = 0; i < 5'000'000; ++i) lines += "a\r\n";
  EXPECT_EQ(header_block_size(lines), lines.size());
}

}  // namespace
}  // namespace postern::mime
