// The session against the catalogue of bad servers; the M-numbers are its entries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

using testing::box;
using ::testing::EndsWith;
using testing::fetch_bodies;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::plain_options;
using testing::Script;
using ::testing::StartsWith;

SessionOptions starttls_options() {
  SessionOptions options = plain_options();
  options.secure = false;
  options.starttls_required = true;
  return options;
}

/// What the session says to `octets` from the server in a selected mailbox of ten messages, with a FETCH of UID 1:3 in
/// flight as "$3".
std::string told_to_fetch(std::string_view octets) {
  Script script(plain_options());
  script.select("IMAP4rev1 CONDSTORE QRESYNC ENABLE");
  script.send(fetch_bodies(UidSet::range(1, 3)));
  return script.server(octets).told();
}

TEST(HostileTest, M009_NoCredentialBeforeTls) {
  Script script(starttls_options());
  script.server("* OK [CAPABILITY IMAP4rev1] no STARTTLS here\r\n");
  const auto login = script.session.enqueue(Login{"u", Secret("p")});
  ASSERT_FALSE(login.has_value());
  EXPECT_EQ(login.error().kind(), ErrorKind::security);
  const auto tls = script.session.enqueue(StartTls{});
  ASSERT_FALSE(tls.has_value());
  EXPECT_EQ(tls.error().kind(), ErrorKind::security);
  EXPECT_EQ(script.written(), "");
}

TEST(HostileTest, M010_StartTlsRefused) {
  for (const auto* reply : {"$1 NO no\r\n", "$1 BAD what\r\n", "+ go\r\n"}) {
    Script script(starttls_options());
    script.server("* OK hi\r\n");
    script.send(StartTls{});
    script.server(reply);
    EXPECT_THAT(script.told(), HasSubstr("fatal ")) << reply;
    EXPECT_EQ(script.session.state(), State::closed);
  }
  Script untagged(starttls_options());
  untagged.server("* OK hi\r\n");
  untagged.send(StartTls{});
  untagged.server("* OK begin\r\n");
  EXPECT_THAT(untagged.told(), Not(HasSubstr("hand over")));
}

TEST(HostileTest, M011_PreauthInClear) {
  Script script(starttls_options());
  script.server("* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n");
  EXPECT_THAT(script.told(), StartsWith("fatal security"));
}

TEST(HostileTest, M011_PreauthInsideTlsIsFine) {
  Script script(plain_options());
  script.server("* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n");
  EXPECT_EQ(script.told(), "greeting preauth welcome");
  EXPECT_EQ(script.session.state(), State::authenticated);
}

TEST(HostileTest, M012_OctetsBehindTheAnswerToStartTls) {
  for (const auto* behind : {"* CAPABILITY IMAP4rev1\r\n", "x", "\r\n", "* OK [ALERT] evil\r\n$2 OK in\r\n"}) {
    Script script(starttls_options());
    script.server("* OK hi\r\n");
    script.send(StartTls{});
    script.server("$1 OK begin\r\n" + std::string(behind));
    EXPECT_THAT(script.told(), HasSubstr("fatal security")) << behind;
  }
}

TEST(HostileTest, M012_OctetsBetweenTheAnswerAndTls) {
  Script script(starttls_options());
  script.server("* OK hi\r\n");
  script.send(StartTls{});
  script.server("$1 OK begin\r\n");
  EXPECT_THAT(script.told(), EndsWith("hand over to tls"));
  script.server("* CAPABILITY IMAP4rev1\r\n");
  EXPECT_THAT(script.told(), StartsWith("fatal security"));
}

TEST(HostileTest, M013_DataBeforeAuthenticationIsDropped) {
  Script script(starttls_options());
  script.server(
      "* OK hi\r\n* LIST () \"/\" evil\r\n* STATUS a (MESSAGES 5)\r\n* SEARCH 1 2\r\n* FLAGS (\\Seen)\r\n* 5 "
      "EXISTS\r\n* 1 RECENT\r\n");
  EXPECT_EQ(script.told(), "greeting hi");
  EXPECT_EQ(script.session.quirks()[Quirk::unsolicited_data], 6u);
}

TEST(HostileTest, M013_ExpungeAndFetchOutsideAMailbox) {
  for (const auto* data :
       {"* 1 EXPUNGE\r\n", "* 1 FETCH (FLAGS ())\r\n", "* 1 FETCH (BODY[] {3}\r\nabc)\r\n", "* VANISHED 1\r\n"}) {
    Script script(plain_options());
    script.server("* OK hi\r\n").server(data);
    EXPECT_THAT(script.told(), HasSubstr("fatal protocol")) << data;
    Script inside(plain_options());
    inside.log_in().server(data);
    EXPECT_THAT(inside.told(), HasSubstr("fatal protocol")) << data;
  }
}

TEST(HostileTest, M014_ReplyToACommandNotYetSent) {
  Script clear(starttls_options());
  clear.server("* OK hi\r\n");
  Script twin(starttls_options());  // the same seed: its first tag is the one that the other will use
  twin.server("* OK hi\r\n");
  twin.send(StartTls{});
  twin.written();
  clear.server(twin.tag(1) + " OK begin\r\n");
  EXPECT_THAT(clear.told(), HasSubstr("fatal security"));
}

TEST(HostileTest, M015_CapabilitiesAreForgottenAtTls) {
  Script script(starttls_options());
  script.server("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=EVIL] hi\r\n");
  script.send(StartTls{});
  script.server("$1 OK begin\r\n");
  script.session.handed_over();
  EXPECT_TRUE(script.session.secure());
  EXPECT_FALSE(script.session.capabilities().known());
  script.send(Login{"u", Secret("p")});
  EXPECT_THAT(script.written(), EndsWith("$2 LOGIN \"u\" \"p\"\r\n"));
}

TEST(HostileTest, M020_EmptyLiterals) {
  EXPECT_EQ(told_to_fetch("* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n"), "#3 body [] \n#3 1 FETCH uid=1 []=0");
  EXPECT_EQ(told_to_fetch("* LIST () \"/\" {0}\r\n\r\n"), "#0 LIST () / ");
}

TEST(HostileTest, M028_CutAnywhereIsTransient) {
  const std::string_view transcript = "* 1 FETCH (UID 1 BODY[] {5}\r\nhello)\r\n$3 OK done\r\n";
  const auto message = transcript.find(")\r\n") + 3;
  for (std::size_t cut = 0; cut < transcript.size() - 14; ++cut) {
    Script script(plain_options());
    script.select();
    script.send(fetch_bodies({1}));
    script.server(transcript.substr(0, cut));
    script.session.end_of_input();
    script.drain();
    const std::string told = script.told();
    EXPECT_THAT(told, HasSubstr("fatal transient")) << cut;
    EXPECT_EQ(told.find(" FETCH uid=1") != std::string::npos, cut >= message) << cut;
  }
}

TEST(HostileTest, M029_LiteralOfTheWrongLength) {
  EXPECT_THAT(told_to_fetch("* 1 FETCH (UID 1 BODY[] {3}\r\nhello)\r\n$3 OK\r\n"), HasSubstr("fatal protocol"));
  EXPECT_THAT(told_to_fetch("* 1 FETCH (UID 1 BODY[] {9}\r\nhello)\r\n$3 OK\r\n"), HasSubstr("fatal protocol"));
  EXPECT_THAT(told_to_fetch("* 1 FETCH (UID 1 BODY[] {9}\r\nhello)\r\n$3 OK\r\n"), Not(HasSubstr("FETCH uid")));
}

TEST(HostileTest, M030_RepliesWithoutText) {
  EXPECT_EQ(told_to_fetch("$3 NO\r\n"), "done #3 NO  -> server_bug");
  EXPECT_EQ(told_to_fetch("$3 OK\r\n"), "done #3 OK ");
  EXPECT_THAT(told_to_fetch("$3 OK [\r\n"), HasSubstr("fatal protocol"));
}

TEST(HostileTest, M032_UnknownDataIsSkippedWithItsLiterals) {
  EXPECT_EQ(told_to_fetch("* XFOO {3}\r\nabc {2}\r\n*) x\r\n* 5 FROB\r\n$3 OK\r\n"), "done #3 OK ");
  EXPECT_EQ(told_to_fetch("* ID (\"x\" NIL)\r\n$3 OK\r\n"), "#0 ID x=\ndone #3 OK ");
}

TEST(HostileTest, M034_ReferralIsASecurityMatter) {
  EXPECT_EQ(told_to_fetch("$3 NO [REFERRAL imap://evil/] go there\r\n"),
            "done #3 NO [REFERRAL imap://evil/] go there -> security");
}

TEST(HostileTest, M035_WrongTags) {
  EXPECT_THAT(told_to_fetch("A1 OK done\r\n"), StartsWith("fatal protocol"));
  EXPECT_THAT(told_to_fetch("$3 OK done\r\n$3 OK done\r\n"), HasSubstr("fatal protocol"));
  EXPECT_THAT(told_to_fetch("$2 OK done\r\n"), StartsWith("fatal protocol"));
  Script lower(plain_options());
  lower.select();
  lower.send(Noop{});
  lower.written();
  lower.server(ascii_lower(lower.tag(3)) + " OK done\r\n");
  EXPECT_THAT(lower.told(), StartsWith("fatal protocol"));
}

TEST(HostileTest, M036_CodesInTheWrongPlace) {
  EXPECT_THAT(told_to_fetch("$3 OK [APPENDUID 7 4] done\r\n"), StartsWith("fatal protocol"));
  EXPECT_THAT(told_to_fetch("$3 OK [COPYUID 7 4 5] done\r\n"), StartsWith("fatal protocol"));
  EXPECT_THAT(told_to_fetch("* OK [APPENDUID 7 4] done\r\n"), StartsWith("fatal protocol"));
  Script script(plain_options());
  script.select();
  script.send(Noop{});
  script.server("* OK [UIDVALIDITY 99] x\r\n* NO [CAPABILITY EVIL] x\r\n$3 NO [CAPABILITY EVIL] x\r\n");
  EXPECT_EQ(script.session.selected()->uidvalidity, UidValidity(7));
  EXPECT_FALSE(script.session.capabilities().has("EVIL"));
  EXPECT_EQ(script.session.quirks()[Quirk::code_out_of_place], 3u);
}

TEST(HostileTest, M037_AppendUidMustFitTheCommand) {
  for (const auto* uids : {"1:4294967295", "4:5"}) {
    Script script(plain_options());
    script.log_in("IMAP4rev1 LITERAL+ UIDPLUS");
    script.send(Append{box("INBOX"), {{0, {}, std::nullopt}}});
    ASSERT_TRUE(script.session.end_body());
    script.drain();
    script.events();
    script.server("$2 OK [APPENDUID 7 " + std::string(uids) + "] done\r\n");
    EXPECT_THAT(script.told(), StartsWith("fatal protocol")) << uids;
  }
}

TEST(HostileTest, M037_HugeSetsStayRanges) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 QRESYNC ENABLE ESEARCH");
  script.send(Enable{{"QRESYNC"}});
  script.server("$2 OK\r\n");
  script.send(Select{box("INBOX"), true, false, std::nullopt});
  script.server("* 10 EXISTS\r\n$3 OK [READ-ONLY] x\r\n");
  UidSearch search;
  search.return_all = true;
  script.send(search);
  script.events();
  script.server("* ESEARCH (TAG \"$4\") UID ALL 1:4294967295\r\n* VANISHED 1:4294967295\r\n");
  EXPECT_EQ(script.told(), "#4 ESEARCH uid 1:4294967295\n#0 VANISHED 1:4294967295");
  EXPECT_EQ(script.session.selected()->exists, 0u);
}

TEST(HostileTest, M040_ContinuationThatNothingWaitsFor) {
  EXPECT_THAT(told_to_fetch("+ go\r\n"), StartsWith("fatal protocol"));
  Script twice(plain_options());
  twice.server("* OK hi\r\n");
  twice.send(Authenticate{"PLAIN", std::nullopt});
  twice.server("+ \r\n+ \r\n");
  EXPECT_THAT(twice.told(), EndsWith("a continuation that nothing waits for"))
      << "the second challenge comes before the first is answered";
  EXPECT_EQ(twice.session.state(), State::closed);
}

TEST(HostileTest, M041_ByeAnywhere) {
  EXPECT_EQ(told_to_fetch("* BYE too many\r\n"), "bye too many -> transient");
  Script greeting(plain_options());
  greeting.server("* BYE [UNAVAILABLE] maintenance\r\n");
  EXPECT_THAT(greeting.told(), StartsWith("fatal busy: greeting: the server ended the session"));
  Script script(plain_options());
  script.select();
  script.send(Noop{});
  script.server("* BYE Session expired, please login again.\r\n");
  EXPECT_FALSE(script.session.enqueue(Noop{}).has_value());
  script.session.end_of_input();
  script.drain();
  EXPECT_THAT(script.told(), HasSubstr("fatal throttle"));
}

TEST(HostileTest, M043_DataOfExtensionsThatWereNotEnabled) {
  EXPECT_EQ(told_to_fetch("* VANISHED 1:5\r\n* ENABLED UTF8=ACCEPT\r\n$3 OK\r\n"), "done #3 OK ");
  Script script(plain_options());
  script.log_in("IMAP4rev1 ENABLE");
  script.send(Enable{{"CONDSTORE"}});
  script.server("* ENABLED CONDSTORE UTF8=ACCEPT\r\n$2 OK\r\n");
  EXPECT_EQ(script.told(), "#2 ENABLED CONDSTORE\ndone #2 OK ");
  EXPECT_FALSE(script.session.enabled("UTF8=ACCEPT"));
}

TEST(HostileTest, M044_BadToAnAdvertisedExtensionSwitchesItOff) {
  Script script(plain_options());
  script.select("IMAP4rev1 ESEARCH MOVE");
  UidSearch search;
  search.return_all = true;
  script.send(search);
  script.server("$3 BAD what\r\n");
  EXPECT_FALSE(script.session.capabilities().has("ESEARCH"));
  EXPECT_TRUE(script.session.capabilities().has("MOVE"));
  script.send(Capability{});
  script.server("* CAPABILITY IMAP4rev1 ESEARCH MOVE\r\n$4 OK\r\n");
  EXPECT_FALSE(script.session.capabilities().has("ESEARCH"));
  EXPECT_EQ(script.session.quirks()[Quirk::extension_withdrawn], 1u);
}

TEST(HostileTest, M026_EndlessUntaggedData) {
  Script script(plain_options());
  script.select();
  script.send(Noop{});
  std::string many;
  for (int i = 0; i < 11'000; ++i) many += "* OK x\r\n";
  script.server(many);
  EXPECT_THAT(script.told(), EndsWith("the server sends data without end that nobody asked for"));
}

TEST(HostileTest, M058_UidsBelowTheAskedOnesAreStillToldAsTheServersAnswer) {
  Script script(plain_options());
  script.select();
  UidFetch fetch;
  fetch.first_to_last = Uid(100);
  fetch.items.flags = true;
  script.send(fetch);
  script.server("* 10 FETCH (UID 99 FLAGS ())\r\n");
  EXPECT_EQ(script.told(), "#3 10 FETCH uid=99 flags=()");
}

TEST(HostileTest, M060_ExpungeBeyondTheMailbox) {
  EXPECT_THAT(told_to_fetch("* 11 EXPUNGE\r\n"), StartsWith("fatal protocol"));
  EXPECT_THAT(told_to_fetch("* 0 EXPUNGE\r\n"), StartsWith("fatal protocol"));
  std::string all;
  for (int i = 0; i < 10; ++i) all += "* 1 EXPUNGE\r\n";
  EXPECT_THAT(told_to_fetch(all), Not(HasSubstr("fatal")));
  EXPECT_THAT(told_to_fetch(all + "* 1 EXPUNGE\r\n"), HasSubstr("fatal protocol"));
}

TEST(HostileTest, M062_BodiesNobodyAskedFor) {
  EXPECT_EQ(told_to_fetch("* 9 FETCH (UID 9 BODY[] {4}\r\nevil)\r\n$3 OK\r\n"), "#0 9 FETCH uid=9 []=4\ndone #3 OK ");
  EXPECT_EQ(told_to_fetch("* 9 FETCH (UID 9 BODY[] \"evil\")\r\n$3 OK\r\n"), "#0 9 FETCH uid=9 []=4\ndone #3 OK ");
  // The UID comes behind the body: the chunks went out, but the message is nobody's.
  EXPECT_THAT(told_to_fetch("* 9 FETCH (BODY[] {4}\r\nevil UID 9)\r\n"), EndsWith("#0 9 FETCH uid=9 []=4"));
  Script script(plain_options());
  script.select();
  script.send(Noop{});
  script.server("* 1 FETCH (BODY[] {4}\r\nevil)\r\n$3 OK\r\n");
  EXPECT_EQ(script.told(), "#0 1 FETCH []=4\ndone #3 OK ");
  EXPECT_EQ(script.session.quirks()[Quirk::unsolicited_body], 2u);
}

TEST(HostileTest, M063_OkWithoutAnyOfTheAsked) { EXPECT_EQ(told_to_fetch("$3 OK done\r\n"), "done #3 OK done"); }

TEST(HostileTest, M096_ChallengesAreBoundedAndStrict) {
  for (const std::string& challenge : {std::string("!!!"), std::string("YQ"), std::string(20'000, 'A')}) {
    Script script(plain_options());
    script.server("* OK hi\r\n");
    script.send(Authenticate{"PLAIN", std::nullopt});
    script.server("+ " + challenge + "\r\n");
    EXPECT_THAT(script.told(), HasSubstr("fatal protocol"));
  }
}

TEST(HostileTest, M100_DataOfTheMailboxBeforeDoesNotReachTheNext) {
  Script script(plain_options());
  script.select();
  script.send(Select{box("Other"), true, false, std::nullopt});
  script.send(fetch_bodies({1}));
  script.server("* 1 FETCH (UID 1 BODY[] {3}\r\nold)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n$3 OK done\r\n");
  EXPECT_THAT(script.told(), Not(HasSubstr("body")));
  script.server("* 1 FETCH (UID 1 BODY[] {3}\r\nnew)\r\n$4 OK done\r\n");
  EXPECT_EQ(script.told(), "#4 body [] new\n#4 1 FETCH uid=1 []=3\ndone #4 OK done");
}

TEST(HostileTest, M074_TooManyOrTooFewOctetsAreRefused) {
  Script more(plain_options());
  more.log_in("IMAP4rev1 LITERAL+");
  more.send(Append{box("INBOX"), {{3, {}, std::nullopt}}});
  ASSERT_TRUE(more.session.supply("abc"));
  EXPECT_FALSE(more.session.supply("d"));
  more.drain();
  EXPECT_THAT(more.told(), EndsWith("more message octets than announced"));
  Script fewer(plain_options());
  fewer.log_in("IMAP4rev1 LITERAL+");
  fewer.send(Append{box("INBOX"), {{3, {}, std::nullopt}}});
  ASSERT_TRUE(fewer.session.supply("ab"));
  EXPECT_FALSE(fewer.session.end_body());
  fewer.drain();
  EXPECT_THAT(fewer.told(), EndsWith("fewer message octets than announced"));
  EXPECT_THAT(fewer.written(), EndsWith("ab"));
}

TEST(HostileTest, M084_LiteralPlusOfBeforeLoginIsNotUsed) {
  Script script(plain_options());
  script.server("* OK [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n");
  script.send(Login{"a\rb", Secret("p")});
  EXPECT_EQ(script.written(), "$1 LOGIN {3}\r\n");
}

TEST(HostileTest, M101_IdleIsNotDoneBeforeDone) {
  Script script(plain_options());
  script.select();
  script.send(Idle{});
  script.server("+ idling\r\n$3 OK done\r\n");
  EXPECT_THAT(script.told(), HasSubstr("fatal protocol"));
}

TEST(HostileTest, OkForACommandThatIsNotWrittenYet) {
  Script script(plain_options());
  script.log_in();
  script.send(Append{box("INBOX"), {{5, {}, std::nullopt}}});
  script.server("$2 OK stored\r\n");
  EXPECT_THAT(script.told(), HasSubstr("fatal protocol"));
}

TEST(HostileTest, EsearchWithoutUidIsNoAnswerToUidSearch) {
  Script script(plain_options());
  script.select("IMAP4rev1 ESEARCH");
  UidSearch search;
  search.return_all = true;
  script.send(search);
  script.server("* ESEARCH (TAG \"$3\") ALL 1:3\r\n");
  EXPECT_THAT(script.told(), StartsWith("fatal protocol"));
}

TEST(HostileTest, MillionUidsInOneSearch) {
  Script script(plain_options());
  script.select();
  script.send(UidSearch{});
  std::string answer = "* SEARCH";
  for (int uid = 1; uid <= 1'000'000; ++uid) answer += " " + std::to_string(uid * 2);
  script.segments(16'384).server(answer + "\r\n$3 OK\r\n");
  ASSERT_EQ(script.raw.size(), 8u + 1u);
  const auto& data = std::get<SearchData>(std::get<Untagged>(script.raw[7]).data);
  EXPECT_EQ(data.all.size(), 1'000'000u);
  EXPECT_EQ(data.all.max(), Uid(2'000'000));
}

TEST(HostileTest, ManyRangesInOneEsearchAndVanished) {
  Script script(plain_options());
  script.log_in("IMAP4rev1 ENABLE QRESYNC ESEARCH");
  script.send(Enable{{"QRESYNC"}});
  script.server("$2 OK\r\n");
  script.send(Select{box("INBOX"), true, false, std::nullopt});
  script.server("$3 OK [READ-ONLY] x\r\n");
  UidSearch search;
  search.return_all = true;
  script.send(search);
  script.written();
  UidSet wanted;
  for (std::uint32_t uid = 1; uid < 300'000; uid += 3) wanted.add(UidRange{uid, uid + 1});
  const std::string set = wanted.to_string();
  script.raw.clear();
  script.segments(10'000).server("* ESEARCH (TAG \"$4\") UID ALL " + set + " COUNT 5\r\n* VANISHED " + set + "\r\n");
  ASSERT_EQ(script.raw.size(), 2u) << script.told().substr(0, 300);
  const auto& found = std::get<SearchData>(std::get<Untagged>(script.raw[0]).data);
  EXPECT_EQ(found.all, wanted);
  EXPECT_EQ(found.count, 5u);
  EXPECT_EQ(std::get<VanishedData>(std::get<Untagged>(script.raw[1]).data).uids, wanted);
}

TEST(HostileTest, DescendingMillionIsNotQuadratic) {
  Script script(plain_options());
  script.select();
  script.send(UidSearch{});
  std::string answer = "* SEARCH";
  for (int uid = 300'000; uid > 0; --uid) answer += " " + std::to_string(uid * 2);
  script.server(answer + "\r\n");
  EXPECT_EQ(std::get<SearchData>(std::get<Untagged>(script.raw.back()).data).all.size(), 300'000u);
}

}  // namespace
}  // namespace postern::imap
