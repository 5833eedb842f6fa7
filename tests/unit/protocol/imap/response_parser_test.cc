#include "core/protocol/imap/response_parser.h"

#include <gtest/gtest.h>

#include "core/protocol/imap/fragmenter.h"
#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

/// What one response without streamed literals reads as; "!" and the reason when it does not.
std::string read(std::string_view octets, QuirkCounts* counts = nullptr) {
  QuirkCounts own;
  ResponseParser parser(Limits{}, counts == nullptr ? own : *counts);
  const auto response = parser.finish(octets);
  return response ? testing::describe(*response) : "! " + response.error().what();
}

struct Case {
  std::string_view octets;
  std::string_view reads_as;
};

class Grammar : public ::testing::TestWithParam<Case> {};

TEST_P(Grammar, ReadsAs) { EXPECT_EQ(read(GetParam().octets), GetParam().reads_as) << GetParam().octets; }

INSTANTIATE_TEST_SUITE_P(
    Status, Grammar,
    ::testing::Values(
        Case{"* OK hello", "OK hello"}, Case{"A1 OK done", "A1 OK done"}, Case{"A1 NO", "A1 NO "}, Case{"* NO ", "NO "},
        Case{"* BYE", "BYE "}, Case{"* PREAUTH hi", "PREAUTH hi"}, Case{"a1.x] bad what", "a1.x] BAD what"},
        Case{"* OK [ALERT] Disk full", "OK [ALERT] Disk full"},
        Case{"* OK [uidvalidity 12] x", "OK [UIDVALIDITY 12] x"},
        Case{"* OK [UIDNEXT 4294967295]", "OK [UIDNEXT 4294967295] "},
        Case{"* OK [HIGHESTMODSEQ 9223372036854775807] x", "OK [HIGHESTMODSEQ 9223372036854775807] x"},
        Case{"* OK [NOMODSEQ] x", "OK [NOMODSEQ] x"}, Case{"* OK [PERMANENTFLAGS ()] x", "OK [PERMANENTFLAGS ()] x"},
        Case{"* OK [PERMANENTFLAGS (\\Seen $A \\*)] x", "OK [PERMANENTFLAGS ($A \\Seen)*] x"},
        Case{"A OK [APPENDUID 1 2] x", "A OK [APPENDUID 1 1] x"},
        Case{"A OK [APPENDUID 1 2,9:12] x", "A OK [APPENDUID 1 5] x"},
        Case{"A OK [COPYUID 1 2:3 9:10] x", "A OK [COPYUID] x"}, Case{"A OK [MODIFIED 7,9] x", "A OK [MODIFIED 7,9] x"},
        Case{"* OK [BADCHARSET (utf-8 x)] y", "OK [BADCHARSET (utf-8 x)] y"},
        Case{"* OK [MAILBOXID (F12-a)] ok", "OK [MAILBOXID F12-a] ok"},
        Case{"* OK [XFOO a b] c", "OK [unknown XFOO a b] c"},
        Case{"* NO [REFERRAL imap://evil/] no", "NO [REFERRAL imap://evil/] no"},
        Case{"* NO [TRYCREATE] x", "NO [TRYCREATE] x"}, Case{"* OK [UIDNOTSTICKY] x", "OK [UIDNOTSTICKY] x"},
        Case{"* OK [APPENDLIMIT 35651584] x", "OK [APPENDLIMIT 35651584] x"}, Case{"+ idling", "+ idling"},
        Case{"+", "+ "}, Case{"* OK text with {5}", "OK text with {5}"},
        Case{"* OK [UIDVALIDITY 0] x", "OK [UIDVALIDITY] x"}));

INSTANTIATE_TEST_SUITE_P(
    Mailboxes, Grammar,
    ::testing::Values(
        Case{"* LIST (\\HasNoChildren \\Sent) \"/\" Sent", "LIST (\\HasNoChildren,\\Sent,) / Sent"},
        Case{"* LIST () NIL \"\"", "LIST () 0 "}, Case{"* LIST () \"\\\\\" a", "LIST () \\ a"},
        Case{"* LIST ( \\A  ) \".\" x", "LIST (\\A,) . x"}, Case{"* LIST () \"\\\"\" \"a\\\"b\"", "LIST () \" a\"b"},
        Case{"* LSUB () \"/\" inbox", "LSUB () / INBOX"}, Case{"* LIST () \"/\" {4}\r\na\r\nb", "LIST () / a\r\nb"},
        Case{"* LIST () \"/\" {0}\r\n", "LIST () / "},
        Case{"* LIST () \"/\" b (\"OLDNAME\" (\"a\"))", "LIST () / b old=a"},
        Case{"* LIST () \"/\" 123 ", "LIST () / 123"},
        Case{"* LIST (\\Noselect) \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\") X (1 (2)))",
             "LIST (\\Noselect,) / a child=SUBSCRIBED"},
        Case{"* STATUS blurdy (MESSAGES 231 UIDNEXT 44292)", "STATUS blurdy messages=231 uidnext=44292"},
        Case{"* STATUS \"x\" ()", "STATUS x"},
        Case{"* STATUS 2024 (MESSAGES 0 UIDVALIDITY 5) ", "STATUS 2024 messages=0 uidvalidity=5"},
        Case{"* STATUS a (HIGHESTMODSEQ 0 MAILBOXID (M1) SIZE 99 UNSEEN 1 X-FOO (1 2) APPENDLIMIT NIL)",
             "STATUS a highestmodseq=0 size=99 unseen=1 id=M1"},
        Case{"* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared/\" \"/\" \"X\" (\"y\"))(\"p\" NIL))",
             "NAMESPACE (\"INBOX.\".)()(\"#shared/\"/\"p\"0)"},
        Case{"* FLAGS (\\Seen $Work NonJunk)", "FLAGS ($Work \\Seen NonJunk)"}, Case{"* FLAGS ()", "FLAGS ()"}));

INSTANTIATE_TEST_SUITE_P(
    Sets, Grammar,
    ::testing::Values(Case{"* SEARCH", "SEARCH "}, Case{"* SEARCH ", "SEARCH "},
                      Case{"* SEARCH 2 84 882", "SEARCH 2,84,882"}, Case{"* SEARCH 9 3 4 9 1", "SEARCH 1,3:4,9"},
                      Case{"* SEARCH 2 5 (MODSEQ 917162500)", "SEARCH 2,5 modseq=917162500"},
                      Case{"* ESEARCH", "ESEARCH "}, Case{"* ESEARCH (TAG \"A2\") UID", "ESEARCH uid "},
                      Case{"* ESEARCH (TAG \"A2\") UID COUNT 17 ALL 4:18,21,28 MODSEQ 5",
                           "ESEARCH uid 4:18,21,28 count=17 modseq=5"},
                      Case{"* ESEARCH UID ALL 1:4294967295", "ESEARCH uid 1:4294967295"},
                      Case{"* ESEARCH UID MIN 2 MAX 9", "ESEARCH uid  min=2 max=9"},
                      Case{"* ESEARCH UID ALL 5:1", "ESEARCH uid 1:5"},
                      Case{"* VANISHED (EARLIER) 41,43:116,118", "VANISHED earlier 41,43:116,118"},
                      Case{"* VANISHED 1:*", "VANISHED 1:4294967295"}, Case{"* VANISHED 7,7,7", "VANISHED 7"}));

INSTANTIATE_TEST_SUITE_P(
    Messages, Grammar,
    ::testing::Values(
        Case{"* 23 EXISTS", "23 EXISTS"}, Case{"* 0 RECENT", "0 RECENT"}, Case{"* 44 EXPUNGE", "44 EXPUNGE"},
        Case{"* 12 FETCH (FLAGS (\\Seen \\Recent) UID 7)", "12 FETCH uid=7 flags=(\\Seen)"},
        Case{"* 1 FETCH ()", "1 FETCH"},
        Case{"* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 44827)",
             "1 FETCH date=1996-07-17T02:44:25-07:00 size=44827"},
        Case{"* 1 FETCH (MODSEQ (12345) UID 4)", "1 FETCH uid=4 modseq=12345"},
        Case{"* 1 FETCH (BODY[] NIL)", "1 FETCH []=NIL"},
        Case{"* 1 FETCH (BODY[] \"abc\" RFC822.HEADER \"\")", "1 FETCH []=3 [HEADER]=0"},
        Case{"* 1 FETCH (BODY[HEADER.FIELDS (\"X]Y\" DATE)]<10> {3}\r\nabc)",
             "1 FETCH [HEADER.FIELDS (\"X]Y\" DATE)] origin=10=3"},
        Case{"* 1 FETCH (X-GM-MSGID 1278455344230334865 X-GM-THRID 1 X-GM-LABELS (\\Inbox \"a b\" {2}\r\nxy foo))",
             "1 FETCH msgid=1278455344230334865 thrid=1 labels=(\\Inbox,a b,xy,foo,)"},
        Case{"* 1 FETCH (EMAILID (M6d99ac3275bb4e) THREADID NIL)", "1 FETCH emailid=M6d99ac3275bb4e"},
        Case{"* 1 FETCH (ENVELOPE (\"d\" NIL ((\"a\" NIL \"b\" \"c\")) {2}\r\n)( NIL) UID 3)", "1 FETCH uid=3"},
        Case{"* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"x\") NIL NIL \"7BIT\" 1 1) UID 3)",
             "1 FETCH uid=3"},
        Case{"* UIDFETCH 25996 (FLAGS (\\Seen))", "0 FETCH uid=25996 flags=(\\Seen)"},
        Case{"* 1 FETCH (RFC822.SIZE NIL UID 2)", "1 FETCH uid=2"}));

INSTANTIATE_TEST_SUITE_P(
    Others, Grammar,
    ::testing::Values(Case{"* CAPABILITY IMAP4rev1 starttls AUTH=GSSAPI ", "CAPABILITY AUTH=GSSAPI IMAP4REV1 STARTTLS"},
                      Case{"* CAPABILITY", "CAPABILITY"}, Case{"* ENABLED", "ENABLED"},
                      Case{"* ENABLED condstore", "ENABLED CONDSTORE"}, Case{"* ID NIL", "ID"},
                      Case{"* ID (\"name\" \"Dovecot\" \"version\" NIL)", "ID name=Dovecot version="},
                      Case{"* XFOO (( {3}\r\nabc", "unknown XFOO"}, Case{"* 5 FROB", "unknown FROB"},
                      Case{"* FETCH ()", "unknown FETCH"}));

INSTANTIATE_TEST_SUITE_P(
    Quotas, Grammar,
    ::testing::Values(Case{"* QUOTAROOT INBOX \"\"", "QUOTAROOT INBOX:"},
                      Case{"* QUOTAROOT \"a b\" one \"two 2\" {5}\r\nthree", "QUOTAROOT a b:one:two 2:three"},
                      Case{"* QUOTAROOT INBOX", "QUOTAROOT INBOX"}, Case{"* quotaroot INBOX r ", "QUOTAROOT INBOX:r"},
                      Case{"* QUOTA \"\" (STORAGE 10 512)", "QUOTA  STORAGE=10/512"},
                      Case{"* QUOTA \"User quota\" (storage 0 9223372036854775807 MESSAGE 7 100 X-JUNK 1 2)",
                           "QUOTA User quota STORAGE=0/9223372036854775807 MESSAGE=7/100 X-JUNK=1/2"},
                      Case{"* QUOTA r ()", "QUOTA r"}));

// What says nothing that can be read costs nothing but itself.
TEST(ResponseParser, AMalformedQuotaIsNotStated) {
  std::string many = "* QUOTA r (";
  for (int i = 0; i < 101; ++i) many += std::string(i == 0 ? "" : " ") + "STORAGE 1 2";
  std::string roots = "* QUOTAROOT INBOX";
  for (int i = 0; i < 101; ++i) roots += " r";
  for (const std::string& octets :
       {std::string("* QUOTA"), std::string("* QUOTA r"), std::string("* QUOTA r (STORAGE 1)"),
        std::string("* QUOTA r (STORAGE 10 -1)"), std::string("* QUOTA r (STORAGE 10 9223372036854775808)"),
        std::string("* QUOTA r (STORAGE 1 2"), std::string("* QUOTA r (STORAGE 1 2) x"),
        std::string("* QUOTA (STORAGE 1 2)"), std::string("* QUOTA r ((STORAGE 1 2))"), many + ")", roots,
        std::string("* QUOTAROOT"), "* QUOTAROOT INBOX \"" + std::string(2'000, 'r') + "\"",
        std::string("* QUOTAROOT INBOX (r)")}) {
    QuirkCounts quirks;
    ResponseParser parser(Limits{}, quirks);
    const auto response = parser.finish(octets);
    ASSERT_TRUE(response.has_value()) << octets;
    EXPECT_TRUE(std::holds_alternative<UnknownData>(*response)) << octets;
    EXPECT_EQ(quirks[Quirk::malformed_quota], 1U) << octets;
  }
}

// What no grammar allows: each ends the session.
class Refused : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Refused, IsAProtocolError) {
  QuirkCounts quirks;
  ResponseParser parser(Limits{}, quirks);
  const auto response = parser.finish(GetParam());
  ASSERT_FALSE(response.has_value()) << GetParam();
  EXPECT_EQ(response.error().kind(), ErrorKind::protocol);
}

INSTANTIATE_TEST_SUITE_P(Syntax, Refused,
                         ::testing::Values("", "*", "* ", "A1", "A1 ", "A1 BYE x", "A1 PREAUTH x", "(a OK x", "+x",
                                           "* \"OK\" x", "A1  ", "* OK [", "* OK [ALERT", "* OK [X y", "* LIST",
                                           "* LIST ( \"/\" a", "* LIST () \"//\" a", "* LIST () / a",
                                           "* LIST () \"/\" \"a", "* LIST () \"/\" a b", "* LIST () \"/\" \"a\\b\"",
                                           "* STATUS a MESSAGES 1", "* STATUS a (MESSAGES)", "* STATUS a (MESSAGES -1)",
                                           "* NAMESPACE NIL NIL", "* NAMESPACE ((\"a\" \"/\") NIL NIL", "* FLAGS",
                                           "* FLAGS (", "* FLAGS (\\Seen", "* ID (\"a\")", "* 1 FETCH",
                                           "* 1 FETCH (UID 1", "* 1 FETCH (UID 1) x", "* 1 FETCH (UID 1 UID 2)",
                                           "* 1 FETCH (BODY[ NIL)", "* 1 FETCH (BODY[] abc)",
                                           "* 1 FETCH (FLAGS \\Seen)", "* 1 FETCH (MODSEQ 5)"));
INSTANTIATE_TEST_SUITE_P(M018_M019_literals, Refused,
                         ::testing::Values("* LIST () \"/\" {-1}\r\n", "* LIST () \"/\" {+5}\r\nabcde",
                                           "* LIST () \"/\" {5+}\r\nabcde", "* LIST () \"/\" {0x10}\r\n",
                                           "* LIST () \"/\" {5 }\r\nabcde", "* LIST () \"/\" {9}\r\nabc",
                                           "* LIST () \"/\" {99999999999999999999999}\r\n"));
INSTANTIATE_TEST_SUITE_P(
    M037_M038_M039_numbers, Refused,
    ::testing::Values("* 4294967296 EXISTS", "* 99999999999999999999999 EXISTS", "* 0 FETCH (UID 1)", "* 0 EXPUNGE",
                      "* 99999999999 FETCH (UID 1)", "* 1 FETCH (UID 0)", "* 1 FETCH (UID 4294967296)",
                      "* 1 FETCH (RFC822.SIZE 9223372036854775808)", "* SEARCH 0", "* SEARCH 1,3", "* SEARCH -1",
                      "* ESEARCH UID ALL 1,,3", "* ESEARCH UID ALL 1:", "* ESEARCH UID ALL ,", "* ESEARCH UID ALL 1,",
                      "* ESEARCH UID ALL *:*:*", "* ESEARCH UID ALL 1:*", "* ESEARCH UID ALL 0:5", "* VANISHED",
                      "* VANISHED 1:2:3", "* VANISHED (LATER) 1", "A OK [APPENDUID 0 1] x", "A OK [APPENDUID 1 0] x",
                      "A OK [APPENDUID 1 *] x", "A OK [COPYUID 1 1:3 1:2] x", "* -1 EXISTS"));

TEST(ResponseParserTest, M023_NestingIsBounded) {
  const auto fetch = [](std::size_t depth) {
    return "* 1 FETCH (BODYSTRUCTURE " + std::string(depth, '(') + "NIL" + std::string(depth, ')') + " UID 1)";
  };
  EXPECT_EQ(read(fetch(32)), "1 FETCH uid=1");
  EXPECT_TRUE(read(fetch(33)).starts_with("! FETCH: fewer nested parentheses")) << read(fetch(33));
  EXPECT_TRUE(read(fetch(60'000)).starts_with("! FETCH"));
  EXPECT_TRUE(read("* 1 FETCH (BODYSTRUCTURE " + std::string(60'000, ')')).starts_with("! FETCH"));
}

TEST(ResponseParserTest, M065_FlagsThatAreNoneAreDropped) {
  QuirkCounts quirks;
  EXPECT_EQ(read("* 1 FETCH (FLAGS (\\ \\* \\Foo \\Seen caf\xC3\xA9 $Ok \\seen))", &quirks),
            "1 FETCH flags=($Ok \\Seen)");
  EXPECT_EQ(quirks[Quirk::illegal_flag], 4u);
  std::string many = "* 1 FETCH (FLAGS (";
  for (int i = 0; i < 9'000; ++i) many += "k" + std::to_string(i) + " ";
  many.back() = ')';
  QuirkCounts counts;
  ResponseParser parser(Limits{}, counts);
  const auto response = parser.finish(many + ")");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(std::get<FetchData>(*response).flags->size(), 200u);
  EXPECT_EQ(counts[Quirk::too_many_flags], 8'800u);
}

TEST(ResponseParser, AMailboxIdThatIsNoObjectidIsNotStated) {
  QuirkCounts quirks;
  EXPECT_EQ(read("* STATUS a (MESSAGES 2 MAILBOXID (\xbb\x87)0f\xe7U) HIGHESTMODSEQ 3)", &quirks),
            "STATUS a messages=2 highestmodseq=3");
  EXPECT_EQ(read("* STATUS a (MAILBOXID (() UIDNEXT 3)", &quirks), "STATUS a uidnext=3");
  EXPECT_EQ(read("* STATUS a (MAILBOXID (" + std::string(256, 'x') + "))", &quirks), "STATUS a");
  EXPECT_EQ(read("* OK [MAILBOXID (a b)] x", &quirks), "OK [MAILBOXID] x");
  EXPECT_EQ(quirks[Quirk::mailbox_id_invalid], 4u);
  EXPECT_EQ(read("* STATUS a (MAILBOXID (" + std::string(255, 'x') + "))", &quirks),
            "STATUS a id=" + std::string(255, 'x'));
  EXPECT_EQ(quirks[Quirk::mailbox_id_invalid], 4u);
}

TEST(ResponseParserTest, M064_DatesThatAreNone) {
  QuirkCounts quirks;
  EXPECT_EQ(read("* 1 FETCH (INTERNALDATE \"32-Foo-2020 25:00:00 +9999\" UID 1)", &quirks),
            "1 FETCH uid=1 date?=32-Foo-2020 25:00:00 +9999");
  EXPECT_EQ(read("* 1 FETCH (INTERNALDATE NIL UID 1)", &quirks), "1 FETCH uid=1");
  const std::string longest = read("* 1 FETCH (INTERNALDATE \"" + std::string(1024, 'x') + "\" UID 1)", &quirks);
  EXPECT_LT(longest.size(), 100u);
  EXPECT_EQ(quirks[Quirk::internaldate_invalid], 3u);
}

TEST(ResponseParserTest, M066_ModseqBeyond63BitsIsRefused) {
  EXPECT_TRUE(read("* 1 FETCH (MODSEQ (9223372036854775808))").starts_with("!"));
  QuirkCounts quirks;
  EXPECT_EQ(read("* OK [HIGHESTMODSEQ 9223372036854775808] x", &quirks), "OK x");
  EXPECT_EQ(quirks[Quirk::malformed_code], 1u);
  EXPECT_EQ(read("* 1 FETCH (MODSEQ (0) UID 1)", &quirks), "1 FETCH uid=1");
  EXPECT_EQ(quirks[Quirk::modseq_zero], 1u);
}

TEST(ResponseParserTest, M030_CodesAreBounded) {
  EXPECT_TRUE(read("* OK [X " + std::string(60'000, 'y') + "] z").starts_with("!"));
  QuirkCounts quirks;
  EXPECT_EQ(read("* OK [PERMANENTFLAGS \\Seen] Limited", &quirks), "OK Limited");
  EXPECT_EQ(quirks[Quirk::malformed_code], 1u);
  EXPECT_EQ(read("* OK", &quirks), "OK ");
  EXPECT_EQ(quirks[Quirk::missing_text], 1u);
}

TEST(ResponseParserTest, M044_CapabilitiesAreBounded) {
  std::string many = "* CAPABILITY";
  for (int i = 0; i < 1'001; ++i) many += " X" + std::to_string(i);
  EXPECT_TRUE(read(many).starts_with("! CAPABILITY"));
}

TEST(ResponseParserTest, M047_MailboxNamesAreBounded) {
  EXPECT_TRUE(
      read("* LIST () \"/\" \"" + std::string(1'001, 'a') + "\"").starts_with("! LIST: a shorter mailbox name"));
  EXPECT_TRUE(read(std::string("* LIST () \"/\" {3}\r\na\0b", 23)).starts_with("! LIST"));
}

TEST(ResponseParserTest, EachQuirkIsCounted) {
  QuirkCounts quirks;
  const auto count = [&](std::string_view octets, Quirk quirk) {
    const auto before = quirks[quirk];
    read(octets, &quirks);
    return quirks[quirk] - before;
  };
  EXPECT_EQ(count("+", Quirk::bare_plus), 1u);
  EXPECT_EQ(count("* SEARCH 1 ", Quirk::trailing_space), 1u);
  EXPECT_EQ(count("* SEARCH 1  2", Quirk::extra_space), 1u);
  EXPECT_EQ(count("* FLAGS ( \\Seen)", Quirk::extra_space), 1u);
  EXPECT_EQ(count("* 1 FETCH (RFC822.SIZE NIL)", Quirk::size_nil), 1u);
  EXPECT_EQ(count("* STATUS a (UIDVALIDITY 0)", Quirk::uidvalidity_zero), 1u);
  EXPECT_EQ(count("* STATUS a (UIDNEXT 0)", Quirk::uidnext_zero), 1u);
  EXPECT_EQ(count("* OK [UIDNEXT 0] x", Quirk::uidnext_zero), 1u);
  EXPECT_EQ(count("* 1 FETCH ()", Quirk::empty_fetch), 1u);
  EXPECT_EQ(count("* VANISHED 1:*", Quirk::vanished_star), 1u);
  EXPECT_EQ(count("* XYZ", Quirk::unknown_response), 1u);
  EXPECT_EQ(count("* 1 FETCH (XYZ (1 2))", Quirk::unknown_fetch_item), 1u);
  EXPECT_EQ(count("* OK [XYZ] a", Quirk::unknown_code), 1u);
}

TEST(ResponseParserTest, LiteralsAreClassedByWhereTheyStand) {
  QuirkCounts quirks;
  ResponseParser parser(Limits{}, quirks);
  using Use = ResponseParser::LiteralUse;
  EXPECT_EQ(parser.literal_use("* OK about {5}"), Use::text);
  EXPECT_EQ(parser.literal_use("A1 NO your \"{5}\" {5}"), Use::text);
  EXPECT_EQ(parser.literal_use("+ {5}"), Use::text);
  EXPECT_EQ(parser.literal_use("* LIST () \"/\" {5}"), Use::keep);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (BODY[] {5}"), Use::stream);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (UID 1 BODY[HEADER.FIELDS (A B)]<0> {5}"), Use::stream);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (BINARY[1] ~{5}"), Use::stream);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (RFC822 {5}"), Use::stream);
  EXPECT_EQ(parser.literal_use("* UIDFETCH 9 (RFC822.TEXT {5}"), Use::stream);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (X-GM-LABELS ({5}"), Use::keep);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (XBODY[] {5}"), Use::keep);
  EXPECT_EQ(parser.literal_use("* 1 FETCH (RFC822.SIZE {5}"), Use::keep);
  EXPECT_EQ(parser.literal_use("* STATUS BODY[] {5}"), Use::keep);
}

TEST(ResponseParserTest, BodyLiteralInTheWrongPlaceIsRefused) {
  QuirkCounts quirks;
  ResponseParser parser(Limits{}, quirks);
  EXPECT_FALSE(parser.fetch_to_literal("* 1 FETCH (X-GM-LABELS (BODY[] {5}"));
}

}  // namespace
}  // namespace postern::imap
