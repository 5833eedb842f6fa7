#include "core/protocol/mime/base64_lines.h"

#include <gtest/gtest.h>

#include <random>

namespace postern::mime {
namespace {

using Line = Base64Reader::Line;

TEST(Base64Lines, ARunGoesOnWhileLinesAreFullAndEndsWithAShorterOne) {
  Base64Reader reader;
  Bytes out;
  EXPECT_EQ(reader.add("Zm9vYmFy\r\n", out), Line::taken);
  EXPECT_EQ(reader.add("Zm9vYmFy\r\n", out), Line::taken);
  EXPECT_EQ(reader.add("Zm8=\r\n", out), Line::last);
  EXPECT_EQ(out, "foobarfoobarfo");
  EXPECT_EQ(reader.finish(), (Base64Run{0, 14, {8, true, true}}));
  EXPECT_FALSE(reader.open());
}

TEST(Base64Lines, WhatIsNoLineOfTheRunIsNotTaken) {
  for (const std::string_view line : {
           "Zm9vYmFyZm9v\r\n",  // longer
           "Zm9vYmFy\n",        // another line end
           "Zm9vYmF\r\n",       // no multiple of four
           "Zm9vYm=y\r\n",      // padding within
           "Zm9vYmF=\r\n",      // set bits behind the last octet
           "Zm9v YmFy\r\n",     // white space
           "Zm9vYmFy \r\n",
           "Zm9vYm-_\r\n",  // another alphabet
           "\r\n",
           "",
       }) {
    Base64Reader reader;
    Bytes out;
    ASSERT_EQ(reader.add("Zm9vYmFy\r\n", out), Line::taken);
    EXPECT_EQ(reader.add(line, out), Line::not_of_it) << line;
    EXPECT_EQ(out, "foobar") << line;
    EXPECT_EQ(reader.finish(), (Base64Run{0, 6, {8, true, true}})) << line;
  }
}

TEST(Base64Lines, ALineWithoutItsEndIsTheLast) {
  Base64Reader reader;
  Bytes out;
  EXPECT_EQ(reader.add("Zm9v\n", out), Line::taken);
  EXPECT_EQ(reader.add("YmFy", out), Line::last);
  EXPECT_EQ(reader.finish(), (Base64Run{0, 6, {4, false, false}}));
}

TEST(Base64Lines, ALineBeyondTheLongestIsNotTaken) {
  Base64Reader reader;
  Bytes out;
  EXPECT_EQ(reader.add(std::string(kLongestBase64Line + 4, 'A') + "\n", out), Line::not_of_it);
  EXPECT_EQ(reader.add(std::string(kLongestBase64Line, 'A') + "\n", out), Line::taken);
}

TEST(Base64Lines, EveryRunIsWrittenAsItWasReadInPiecesOfAnySize) {
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    Base64Layout layout;
    layout.line = static_cast<std::uint16_t>(4 * (1 + random() % 25));
    layout.crlf = random() % 2 == 0;
    layout.last_line_ends = random() % 2 == 0;
    Bytes octets(1 + random() % 500, '\0');
    for (char& c : octets) c = static_cast<char>(random());

    Base64Writer writer(layout);
    Bytes written;
    for (ByteView rest = octets; !rest.empty();) {
      const ByteView piece = rest.substr(0, 1 + random() % 100);
      writer.add(piece, written);
      rest.remove_prefix(piece.size());
    }
    writer.finish(written);
    ASSERT_EQ(encoded_size(layout, octets.size()), written.size());

    Base64Reader reader;
    Bytes read;
    for (ByteView rest = written; !rest.empty();) {
      const ByteView line = rest.substr(0, rest.find('\n') == rest.npos ? rest.npos : rest.find('\n') + 1);
      ASSERT_NE(reader.add(line, read), Line::not_of_it) << line;
      rest.remove_prefix(line.size());
    }
    ASSERT_EQ(read, octets);
    const Base64Run run = reader.finish();
    EXPECT_EQ(run.octets, octets.size());
    EXPECT_EQ(run.layout.last_line_ends, layout.last_line_ends);
    if (written.find('\n') < written.size() - 2) {  // of one line neither length nor line end need be those asked for
      EXPECT_EQ(run.layout, layout);
    }
  }
}

TEST(Base64Lines, SizesThatNoMessageHasAreRefused) {
  const Base64Layout layout{4, true, true};
  EXPECT_EQ(encoded_size(layout, 4), 4u + 2 + 4 + 2);
  EXPECT_FALSE(encoded_size(layout, std::uint64_t{1} << 62));
  EXPECT_FALSE(valid({0, true, true}));
  EXPECT_FALSE(valid({6, true, true}));
  EXPECT_FALSE(valid({kLongestBase64Line + 4, true, true}));
  EXPECT_TRUE(valid(layout));
}

}  // namespace
}  // namespace postern::mime
