#include "core/protocol/imap/fragmenter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::imap {
namespace {

/// Feeds `octets` in segments and tells what came, a line a fragment. Literals of lines with "KEEP" are kept, of lines
/// with "TEXT" are none, others stream.
class Reader {
 public:
  explicit Reader(Limits limits = {}) : fragmenter(limits, quirks) {}

  std::string read(std::string_view octets, std::size_t segment = 0) {
    while (!octets.empty() && !failed) {
      const std::string piece(octets.substr(0, segment == 0 ? octets.size() : segment));
      octets.remove_prefix(piece.size());
      fragmenter.feed(piece);
      drain();
    }
    return out;
  }

  QuirkCounts quirks;
  Fragmenter fragmenter;
  std::string out;
  bool failed = false;

 private:
  void drain() {
    for (;;) {
      const auto fragment = fragmenter.next();
      if (!fragment) {
        failed = true;
        out += "! " + fragment.error().what();
        return;
      }
      if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) return;
      take(*fragment);
      if (failed) return;
    }
  }
  void note(const Result<void>& result) {
    failed = !result.has_value();
    if (failed) out += "! " + result.error().what();
  }
  void take(const Fragmenter::Fragment& fragment) {
    if (const auto* complete = std::get_if<Fragmenter::Complete>(&fragment))
      out += "<" + std::string(complete->octets) + ">";
    if (const auto* announced = std::get_if<Fragmenter::Announced>(&fragment)) {
      const auto size = parse_literal_size(announced->spec);
      if (announced->octets.find("KEEP") != ByteView::npos) {
        note(fragmenter.keep_literal(size.value_or(0)));
      } else if (announced->octets.find("TEXT") != ByteView::npos) {
        fragmenter.plain_text();
      } else {
        out += "<" + std::string(announced->octets) + "|";
        note(fragmenter.stream_literal(size.value_or(0)));
      }
    }
    if (const auto* piece = std::get_if<Fragmenter::LiteralPiece>(&fragment)) {
      out += std::string(piece->octets) + (piece->last ? "|" : "");
    }
  }
};

constexpr std::string_view kMixed =
    "* OK hi\r\n* KEEP {3}\r\na\r\n {0}\r\n {2}\r\n\r\n end\r\n* F {5}\r\nh\r\nlo) x {4}\r\n)\r\n*) y\r\n* TEXT "
    "{9}\r\n* z\r\n";
constexpr std::string_view kMixedRead =
    "<* OK hi><* KEEP {3}\r\na\r\n {0}\r\n {2}\r\n\r\n end><* F {5}|h\r\nlo|<) x {4}|)\r\n*|<) y><* TEXT {9}><* z>";

TEST(FragmenterTest, SplitsLinesAndLiterals) { EXPECT_EQ(Reader().read(kMixed), kMixedRead); }

TEST(FragmenterTest, SegmentsDoNotMatter) {
  for (std::size_t segment = 1; segment <= kMixed.size(); ++segment) {
    EXPECT_EQ(Reader().read(kMixed, segment), kMixedRead) << segment;
  }
}

TEST(FragmenterTest, M018_M019_LiteralSizes) {
  EXPECT_EQ(parse_literal_size("0").value(), 0u);
  EXPECT_EQ(parse_literal_size("00000000000000000005").value(), 5u);
  EXPECT_EQ(parse_literal_size("9223372036854775807").value(), 9223372036854775807u);
  for (const auto* spec : {"", "-1", "+5", "5+", " 5", "5 ", "0x10", "9223372036854775808", "99999999999999999999999",
                           "000000000000000000005", "18446744073709551621"}) {
    EXPECT_FALSE(parse_literal_size(spec)) << spec;
  }
}

TEST(FragmenterTest, M021_M022_LineEndsAreStrict) {
  EXPECT_EQ(Reader().read("* OK a\n"), "! a line of a response ends in LF without CR");
  EXPECT_EQ(Reader().read("* OK a\r\r\n"), "! a response has a CR inside a line");
  EXPECT_EQ(Reader().read("* OK a\rb\r\n"), "! a response has a CR inside a line");
  EXPECT_EQ(Reader().read(std::string_view("* OK \0\r\n", 8)), "! a response has a NUL outside a literal");
  EXPECT_EQ(Reader().read("* OK \xFF\r\n"), "<* OK \xFF>");
}

TEST(FragmenterTest, M022_BareLfIsAQuirk) {
  Reader reader;
  reader.fragmenter.accept_bare_lf(true);
  EXPECT_EQ(reader.read("* OK a\n* F {2}\nxy)\n", 1), "<* OK a><* F {2}|xy|<)>");
  EXPECT_EQ(reader.quirks[Quirk::bare_lf], 3u);
}

TEST(FragmenterTest, M025_EndlessLineEndsAtTheLimit) {
  for (const std::size_t segment : {std::size_t{0}, std::size_t{1000}}) {
    Reader reader(Limits::before_authentication());
    EXPECT_EQ(reader.read(std::string(1'000'000, 'x'), segment), "! a line of a response is too long");
    EXPECT_LT(reader.fragmenter.work(), 200'000u);
  }
}

TEST(FragmenterTest, M017_HugeAnnouncementsTakeNoMemory) {
  EXPECT_EQ(Reader().read("* F {9223372036854775807}\r\nabc"), "<* F {9223372036854775807}|abc");
  EXPECT_EQ(Reader().read("* KEEP {4294967295}\r\nabc").substr(0, 2), "! ");
}

TEST(FragmenterTest, M024_LiteralsPerResponseAreBoundedAndLinear) {
  std::string many = "* KEEP";
  for (int i = 0; i < 999; ++i) many += " {1}\r\nx";
  Reader fits;
  EXPECT_EQ(fits.read(many + " end\r\n", 1).back(), '>');
  for (int i = 0; i < 500'000; ++i) many += " {1}\r\nx";
  Reader reader;
  EXPECT_TRUE(reader.read(many).find("! a response has too many literals") != std::string::npos);
}

TEST(FragmenterTest, WorkIsLinearInTheInput) {
  // The cost an octet must not grow with the response: one octet at a time, literals within and without.
  const auto work_per_octet = [](std::size_t literals, std::size_t segment) {
    std::string octets = "* KEEP";
    for (std::size_t i = 0; i < literals; ++i) octets += " abcdefgh {8}\r\n12345678";
    octets += "\r\n";
    Reader reader;
    reader.read(octets, segment);
    EXPECT_FALSE(reader.failed);
    return static_cast<double>(reader.fragmenter.work()) / static_cast<double>(octets.size());
  };
  for (const std::size_t segment : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    EXPECT_LT(work_per_octet(900, segment), 1.3 * work_per_octet(400, segment)) << segment;
  }
}

TEST(FragmenterTest, ResponseOfManyLiteralsIsBounded) {
  std::string octets = "* KEEP";
  for (int i = 0; i < 40; ++i) octets += " {60000}\r\n" + std::string(60'000, 'x');
  Reader reader;
  reader.read(octets);
  EXPECT_TRUE(reader.out.ends_with("! a response is too long")) << reader.out;
}

TEST(FragmenterTest, LongLineIsTakenInPieces) {
  QuirkCounts quirks;
  Fragmenter fragmenter(Limits{}, quirks);
  std::string octets = "* SEARCH";
  for (int i = 1; i < 400'000; ++i) octets += " " + std::to_string(i);
  octets += "\r\n";
  for (const std::size_t segment : {octets.size(), std::size_t{5000}}) {
    std::string got;
    bool complete = false;
    for (std::size_t at = 0; at < octets.size(); at += segment) {
      fragmenter.feed(ByteView(octets).substr(at, segment));
      for (;;) {
        const auto fragment = fragmenter.next();
        ASSERT_TRUE(fragment.has_value()) << fragment.error().to_string();
        if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) break;
        if (const auto* line = std::get_if<Fragmenter::LongLine>(&*fragment)) {
          const auto cut = line->octets.rfind(' ');
          got += line->octets.substr(0, cut);
          fragmenter.consume(cut);
        } else {
          got += std::get<Fragmenter::Complete>(*fragment).octets;
          complete = true;
        }
      }
    }
    EXPECT_TRUE(complete);
    EXPECT_EQ(got + "\r\n", octets);
  }
}

TEST(FragmenterTest, UnreadOctetsCanBeTakenAwayBetweenResponses) {
  QuirkCounts quirks;
  Fragmenter fragmenter(Limits{}, quirks);
  const std::string octets = "* OK a\r\n\x01\x02\n";
  fragmenter.feed(octets);
  ASSERT_TRUE(fragmenter.next().has_value());
  EXPECT_TRUE(fragmenter.at_start());
  EXPECT_EQ(fragmenter.take_unread(), "\x01\x02\n");
  EXPECT_EQ(fragmenter.unread(), 0u);
}

}  // namespace
}  // namespace postern::imap
