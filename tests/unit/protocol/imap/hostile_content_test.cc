// Messages that look like the protocol, and floods: tests/HOSTILE.md names the catalogue's entries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

using testing::fetch_bodies;
using ::testing::HasSubstr;
using testing::plain_options;
using testing::Script;

class Content : public ::testing::TestWithParam<std::pair<const char*, Bytes>> {};

TEST_P(Content, StaysExactWhateverTheSegments) {
  const Bytes& octets = GetParam().second;
  const std::string response = "* 1 FETCH (UID 1 BODY[] {" + std::to_string(octets.size()) + "}\r\n" + octets +
                               ")\r\n$3 OK [HIGHESTMODSEQ 5] done\r\n";
  for (const std::size_t segment : {0u, 1u, 2u, 3u, 7u}) {
    Script script(plain_options());
    script.select("IMAP4rev1 CONDSTORE");
    script.send(fetch_bodies({1}));
    script.segments(segment).server(response);
    EXPECT_EQ(script.told(), "#3 body [] " + octets + "\n#3 1 FETCH uid=1 []=" + std::to_string(octets.size()) +
                                 "\ndone #3 OK [HIGHESTMODSEQ 5] done");
    EXPECT_EQ(script.session.quirks().total(), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Messages, Content,
    ::testing::Values(std::pair("M067_Empty", Bytes()), std::pair("M067_OneLineEnd", Bytes("\r\n")),
                      std::pair("M067_NoHeader", Bytes("\r\nbody\r\n")),
                      std::pair("M067_HeaderAlone", Bytes("From: a@example.org\r\n")),
                      std::pair("M067_NoBlankLine", Bytes("From: a@example.org\r\nno header\r\n")),
                      std::pair("M070_Nul", Bytes("a\0b\0\0", 5)),
                      std::pair("M070_BareLineEnds", Bytes("a\nb\rc\r\r\n\n")),
                      std::pair("M070_EightBit", Bytes("\xff\xfe\x80 \xc3\x28")),
                      std::pair("M070_OneLineOfAMebibyte", Bytes(1u << 20, 'x')),
                      std::pair("M072_Responses", Bytes(")\r\nA1 OK done\r\n* BYE\r\n* 1 EXPUNGE\r\n+ \r\n")),
                      std::pair("M072_AnotherLiteral", Bytes("BODY[] {9999999}\r\nabc")),
                      std::pair("M072_MboxAndPop", Bytes("From x\r\n>From y\r\n.\r\n..\r\n"))),
    [](const auto& info) { return std::string(info.param.first); });

TEST(HostileContentTest, M031_EmptyListsAreNothingToFallOver) {
  Script script(plain_options());
  script.select();
  script.send(UidSearch{});
  script.server(
      "* STATUS \"x\" ()\r\n* FLAGS ()\r\n* SEARCH\r\n* LIST () NIL \"\"\r\n* 1 FETCH ()\r\n* ESEARCH UID\r\n* ID "
      "NIL\r\n"
      "$3 OK done\r\n");
  EXPECT_THAT(script.told(), ::testing::EndsWith("done #3 OK done"));
}

TEST(HostileContentTest, M060_AnExpungeOfEachMessageIsFollowedAndOneMoreIsFatal) {
  constexpr std::size_t kMessages = 50'000;
  Script script(plain_options());
  script.select("IMAP4rev1", kMessages);
  std::string flood;
  for (std::size_t i = 0; i < kMessages; ++i) flood += "* 1 EXPUNGE\r\n";
  script.server(flood);
  ASSERT_NE(script.session.selected(), nullptr);
  EXPECT_EQ(script.session.selected()->exists, 0U);
  script.events();
  script.server("* 1 EXPUNGE\r\n");
  EXPECT_THAT(script.told(), HasSubstr("fatal protocol"));
}

TEST(HostileContentTest, M060_AFloodOfVanishedUnderUidonlyEnds) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 ENABLE UIDONLY");
  script.send(Enable{{"UIDONLY"}});
  script.server("* ENABLED UIDONLY\r\n$2 OK done\r\n");
  script.send(Select{testing::box("INBOX"), true, false, std::nullopt});
  script.server("* 10 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n$3 OK [READ-ONLY] x\r\n");
  script.events();
  std::string flood;
  for (int i = 0; i < 20'000; ++i) flood += "* VANISHED 1:4294967295\r\n";
  script.server(flood);
  EXPECT_THAT(script.told(), HasSubstr("data without end"));
  EXPECT_EQ(script.session.state(), State::closed);
}

TEST(HostileContentTest, M059_ANumberBeyondExistsIsNoNumberOfOurs) {
  Script script(plain_options());
  script.select("IMAP4rev1", 1);
  script.send(fetch_bodies({9}));
  script.server("* 77 FETCH (UID 9 BODY[] {1}\r\nx)\r\n$3 OK done\r\n");
  EXPECT_EQ(script.told(), "#3 body [] x\n#3 77 FETCH uid=9 []=1\ndone #3 OK done") << "UIDs alone name messages";
}

}  // namespace
}  // namespace postern::imap
