// UIDONLY (RFC 9586), PARTIAL (RFC 9394) and MESSAGELIMIT (RFC 9738), by bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/protocol/imap/fragmenter.h"
#include "core/protocol/imap/response_parser.h"
#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

using testing::fetch_bodies;
using ::testing::HasSubstr;
using testing::plain_options;
using testing::Script;

std::string read(std::string_view octets, QuirkCounts* counts = nullptr) {
  QuirkCounts own;
  ResponseParser parser(Limits{}, counts == nullptr ? own : *counts);
  const auto response = parser.finish(octets);
  return response ? testing::describe(*response) : "! " + response.error().what();
}

std::string written(const Command& command) {
  const auto encoded = encode_command(command, "T", LiteralForm::synchronising, false);
  return encoded ? encoded->segments[0].octets.substr(0, encoded->segments[0].octets.size() - 2)
                 : "! " + encoded.error().what();
}

/// A session with UIDONLY enabled and INBOX opened with ten messages; the next command is "$4".
struct UidOnly : Script {
  explicit UidOnly(std::string_view answer = "* ENABLED UIDONLY\r\n$2 OK done\r\n") : Script(plain_options()) {
    log_in("IMAP4rev1 ENABLE UIDONLY PARTIAL MESSAGELIMIT=1000");
    send(Enable{{"UIDONLY"}});
    server(answer);
    send(Select{testing::box("INBOX"), true, false, std::nullopt});
    server("* 10 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n$3 OK [READ-ONLY] x\r\n");
    written();
    events();
  }
};

// ----------------------------------------------------------------------------------------------------- capabilities

TEST(MessageLimitTest, IsACapabilityWithAValue) {
  const Capabilities offered({"messagelimit=1000", "SAVELIMIT=20", "UIDONLY", "PARTIAL"});
  EXPECT_EQ(offered.message_limit(), 1000U);
  EXPECT_EQ(offered.save_limit(), 20U);
  EXPECT_EQ(Capabilities({"MESSAGELIMIT=4294967295"}).message_limit(), 4294967295U);
  EXPECT_EQ(Capabilities({"IMAP4rev1"}).message_limit(), std::nullopt);
}

TEST(MessageLimitTest, AValueThatForbidsEverythingOrIsNoNumberIsNotBelieved) {
  for (const char* name : {"MESSAGELIMIT", "MESSAGELIMIT=", "MESSAGELIMIT=0", "MESSAGELIMIT=-1", "MESSAGELIMIT=1k",
                           "MESSAGELIMIT=4294967296", "MESSAGELIMIT=99999999999999999999999"}) {
    EXPECT_EQ(Capabilities({name}).message_limit(), std::nullopt) << name;
  }
}

TEST(MessageLimitTest, IsDisabledByItsNameAlone) {
  Capabilities offered({"MESSAGELIMIT=1000", "MESSAGELIMITED", "APPENDLIMIT=5"});
  offered.remove("MESSAGELIMIT");
  EXPECT_EQ(offered.names(), (std::vector<std::string>{"APPENDLIMIT=5", "MESSAGELIMITED"}));
}

// ------------------------------------------------------------------------------------------------------------- codes

TEST(MessageLimitTest, TheCodeNamesTheLimitAndTheLowestUid) {
  EXPECT_EQ(read("A OK [MESSAGELIMIT 1000 23221] partial"), "A OK [MESSAGELIMIT 1000 23221] partial");
  EXPECT_EQ(read("A NO [messagelimit 1000] too many"), "A NO [MESSAGELIMIT 1000] too many");
}

TEST(MessageLimitTest, ACodeThatCannotBeReadStillSaysThatSomethingIsMissing) {
  for (const char* code :
       {"MESSAGELIMIT", "MESSAGELIMIT x", "MESSAGELIMIT 0 5", "MESSAGELIMIT 1000 0", "MESSAGELIMIT 1000 4294967296",
        "MESSAGELIMIT 5 6 7", "MESSAGELIMIT  99999999999999999999"}) {
    QuirkCounts quirks;
    EXPECT_EQ(read("A OK [" + std::string(code) + "] partial", &quirks), "A OK [MESSAGELIMIT 0] partial") << code;
    EXPECT_EQ(quirks[Quirk::malformed_code], 1U) << code;
  }
}

TEST(MessageLimitTest, CountsOnlyOnTheReplyToACommandThatNamesMessages) {
  Script script(plain_options());
  script.select();
  script.send(fetch_bodies(UidSet::range(1, 3)));
  script.server("* OK [MESSAGELIMIT 1 2] of nothing\r\n$3 OK [MESSAGELIMIT 2 2] partial\r\n");
  EXPECT_EQ(script.told(), "#0 OK of nothing\ndone #3 OK [MESSAGELIMIT 2 2] partial");
  EXPECT_EQ(script.session.quirks()[Quirk::code_out_of_place], 1U);
  script.send(Noop{});
  script.server("$4 OK [MESSAGELIMIT 2 2] fine\r\n");
  EXPECT_EQ(script.told(), "done #4 OK fine");
}

TEST(MessageLimitTest, ARefusalConcernsTheMessagesNamed) {
  Script script(plain_options());
  script.select();
  script.send(fetch_bodies(UidSet::range(1, 3)));
  script.server("$3 NO [MESSAGELIMIT 2] too many\r\n");
  EXPECT_THAT(script.told(), HasSubstr("message"));
}

// ----------------------------------------------------------------------------------------------------------- PARTIAL

TEST(PartialTest, AsOnTheWire) {
  UidSearch search;
  search.uids = UidSet::range(7, 4294967295);
  search.page = PartialRange{1, 500, false};
  EXPECT_EQ(written(search), "T UID SEARCH RETURN (PARTIAL 1:500) UID 7:4294967295");
  search.page = PartialRange{1, 100, true};
  EXPECT_EQ(written(search), "T UID SEARCH RETURN (PARTIAL -1:-100) UID 7:4294967295");
  EXPECT_EQ(extensions_of(search), (std::vector<std::string_view>{"PARTIAL"}));
  UidFetch fetch;
  fetch.uids = UidSet::range(1, 9);
  fetch.items.flags = true;
  fetch.page = PartialRange{1, 500, false};
  EXPECT_EQ(written(fetch), "T UID FETCH 1:9 (UID FLAGS) (PARTIAL 1:500)");
  fetch.changed_since = ModSeq(9);
  EXPECT_EQ(written(fetch), "T UID FETCH 1:9 (UID FLAGS) (CHANGEDSINCE 9 PARTIAL 1:500)");
  search.page = PartialRange{0, 5, false};
  EXPECT_THAT(written(search), HasSubstr("! "));
}

TEST(PartialTest, PagesAreRead) {
  EXPECT_EQ(read("* ESEARCH (TAG \"A\") UID PARTIAL (-1:-100 200:250,252:300)"),
            "ESEARCH uid  page=-1:-100(200:250,252:300)");
  EXPECT_EQ(read("* ESEARCH UID PARTIAL (23500:24000 67,100:102)"), "ESEARCH uid  page=23500:24000(67,100:102)");
  EXPECT_EQ(read("* ESEARCH UID PARTIAL (55500:56000 NIL)"), "ESEARCH uid  page=55500:56000()");
  EXPECT_EQ(read("* ESEARCH UID COUNT 17 PARTIAL (1:2 9:5) MODSEQ 3"), "ESEARCH uid  page=1:2(5:9) count=17 modseq=3");
  EXPECT_EQ(read("* ESEARCH UID PARTIAL (1:2 9,9) ALL 1:3"), "ESEARCH uid 1:3 page=1:2(9)");
}

TEST(PartialTest, PagesThatNoGrammarAllows) {
  for (const char* page :
       {"PARTIAL", "PARTIAL 1:2", "PARTIAL (1:2)", "PARTIAL (1:2 )", "PARTIAL (0:2 1)", "PARTIAL (1:-2 1)",
        "PARTIAL (-1:2 1)", "PARTIAL (1 1)", "PARTIAL (1:2 1", "PARTIAL (1:2 NIL", "PARTIAL (1:2 0)",
        "PARTIAL (1:2 1,)", "PARTIAL (1:2 1:*)", "PARTIAL (1:2 1 2)", "PARTIAL (1:2 1) PARTIAL (1:2 1)",
        "PARTIAL (1:4294967296 1)", "PARTIAL ((1:2 1))"}) {
    EXPECT_THAT(read("* ESEARCH UID " + std::string(page)), ::testing::StartsWith("! ")) << page;
  }
}

TEST(PartialTest, M037_ALongPageIsTakenInPiecesAtAnyCut) {
  std::string line = "* ESEARCH (TAG \"x\") UID PARTIAL (1:100000 ";
  for (int uid = 1; uid < 40'000; uid += 2) line += (uid == 1 ? "" : ",") + std::to_string(uid);
  line += ") COUNT 20000\r\n";
  for (const std::size_t segment : {std::size_t{1}, std::size_t{4'099}, line.size()}) {
    QuirkCounts quirks;
    Fragmenter fragmenter(Limits{}, quirks);
    ResponseParser parser(Limits{}, quirks);
    std::optional<SearchData> search;
    std::size_t longest = 0;
    for (std::size_t at = 0; at < line.size(); at += segment) {
      const std::string piece = line.substr(at, segment);
      fragmenter.feed(piece);
      for (;;) {
        const auto fragment = fragmenter.next();
        ASSERT_TRUE(fragment.has_value());
        if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) break;
        if (const auto* part = std::get_if<Fragmenter::LongLine>(&*fragment)) {
          const auto taken = parser.long_line(part->octets);
          ASSERT_TRUE(taken.has_value()) << taken.error().to_string();
          longest = std::max(longest, part->octets.size() - *taken);
          if (*taken > 0) fragmenter.consume(*taken);
        } else if (const auto* complete = std::get_if<Fragmenter::Complete>(&*fragment)) {
          auto response = parser.finish(complete->octets);
          ASSERT_TRUE(response.has_value()) << response.error().to_string();
          search = std::get<SearchData>(std::move(*response));
        }
      }
    }
    ASSERT_TRUE(search && search->page) << segment;
    EXPECT_EQ(search->page->uids.size(), 20'000U);
    EXPECT_EQ(search->count, 20'000U);
    EXPECT_LT(longest, 1'000U) << "what is left of a piece is at most one number";
  }
}

// ----------------------------------------------------------------------------------------------------------- UIDONLY

TEST(UidOnlyTest, UidFetchIsAFetchWithoutANumber) {
  UidOnly script;
  script.send(fetch_bodies({25996}));
  script.server("* UIDFETCH 25996 (FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\n$4 OK done\r\n");
  EXPECT_EQ(script.told(), "#4 body [] abc\n#4 0 FETCH uid=25996 flags=(\\Seen) []=3\ndone #4 OK done");
  EXPECT_EQ(script.session.quirks().total(), 0U);
}

TEST(UidOnlyTest, VanishedTakesThePlaceOfExpungeWithoutQresync) {
  UidOnly script;
  script.server("* VANISHED 5,9:10\r\n* 9 EXISTS\r\n");
  EXPECT_EQ(script.told(), "#0 VANISHED 5,9:10\n#0 9 EXISTS");
  EXPECT_EQ(script.session.selected()->exists, 9U);
  script.server("* VANISHED (EARLIER) 1:3\r\n");
  EXPECT_EQ(script.told(), "") << "EARLIER belongs to QRESYNC, which is not enabled";
  EXPECT_EQ(script.session.selected()->exists, 9U);
}

TEST(UidOnlyTest, VanishedOfEverythingThatThereCouldBe) {
  UidOnly script;
  script.server("* VANISHED 1:4294967295\r\n");
  EXPECT_EQ(script.session.selected()->exists, 0U);
}

TEST(UidOnlyTest, NumbersUnderUidonlyAreCountedAndReadAsWhatTheySay) {
  UidOnly script;
  script.send(fetch_bodies({7}));
  script.server("* 3 FETCH (UID 7 FLAGS () BODY[] {1}\r\nx)\r\n* 3 EXPUNGE\r\n$4 OK done\r\n");
  EXPECT_THAT(script.told(), HasSubstr("#4 3 FETCH uid=7 flags=() []=1"));
  EXPECT_EQ(script.session.selected()->exists, 9U);
  EXPECT_EQ(script.session.quirks()[Quirk::uidonly_mixed], 2U);
}

TEST(UidOnlyTest, UidFetchWithoutUidonlyIsCounted) {
  Script script(plain_options());
  script.select();
  script.send(fetch_bodies({7}));
  script.server("* UIDFETCH 7 (FLAGS () BODY[] {1}\r\nx)\r\n$3 OK done\r\n");
  EXPECT_THAT(script.told(), HasSubstr("#3 0 FETCH uid=7 flags=() []=1"));
  EXPECT_EQ(script.session.quirks()[Quirk::uidonly_mixed], 1U);
}

TEST(UidOnlyTest, AnEnabledThatDoesNotNameItEnablesNothing) {
  EXPECT_TRUE(UidOnly().session.enabled("UIDONLY"));
  EXPECT_FALSE(UidOnly("* ENABLED\r\n$2 OK\r\n").session.enabled("UIDONLY"));
  EXPECT_FALSE(UidOnly("$2 NO no\r\n").session.enabled("UIDONLY"));
}

TEST(UidOnlyTest, AnotherUidInsideAUidFetchIsAProtocolError) {
  EXPECT_THAT(read("* UIDFETCH 5 (UID 6 FLAGS ())"), ::testing::StartsWith("! "));
  EXPECT_EQ(read("* UIDFETCH 5 (UID 5 FLAGS ())"), "0 FETCH uid=5 flags=()");
  for (const char* line : {"* UIDFETCH", "* UIDFETCH 0 (FLAGS ())", "* UIDFETCH 4294967296 (FLAGS ())",
                           "* UIDFETCH 5 FLAGS ()", "* UIDFETCH 5 ((FLAGS ()))", "* UIDFETCH 1:2 (FLAGS ())"}) {
    EXPECT_THAT(read(line), ::testing::StartsWith("! ")) << line;
  }
}

TEST(UidOnlyTest, UidRequiredIsOurFaultAndWithdrawsNothing) {
  UidOnly script;
  script.send(UidSearch{});
  script.server("$4 BAD [UIDREQUIRED] message numbers are not allowed\r\n");
  EXPECT_THAT(script.told(), HasSubstr("[UIDREQUIRED]"));
  EXPECT_TRUE(script.session.capabilities().has("UIDONLY"));
}

}  // namespace
}  // namespace postern::imap
