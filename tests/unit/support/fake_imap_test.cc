#include "tests/support/fake_imap/fake_imap_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_stream.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// Talks to the fake in raw octets on a loop whose time only tests move.
class FakeImapTest : public ::testing::Test {
 protected:
  void connect() {
    auto [client, served] = memory_streams(loop_);
    client_ = std::move(client);
    sessions_.spawn(server_.serve(loop_, std::move(served)));
    EXPECT_THAT(heard(), StartsWith("* OK "));
  }
  void login() {
    connect();
    EXPECT_THAT(say("L LOGIN alice \"correct horse\"\r\n"), StartsWith("L OK "));
  }
  /// Sends these octets and gives what has been answered when nothing more happens.
  std::string say(std::string octets) {
    loop_.run(write(std::move(octets)));
    return heard();
  }
  std::string heard() {
    std::string text;
    for (std::string more = "-"; !more.empty(); text += more) more = loop_.run(read());
    return text;
  }
  Task<void> write(std::string octets) { co_await client_->write_all(octets, Wait{}); }
  Task<std::string> read() {
    std::string buffer(1 << 16, '\0');
    const auto n = co_await client_->read_some(buffer, Wait{.deadline = loop_.now() + 1ms});
    hung_up_ = n.has_value() && *n == 0;
    buffer.resize(n.value_or(0));
    co_return buffer;
  }

  ManualLoop loop_;
  FakeImapServer server_;
  std::unique_ptr<MemoryStream> client_;
  bool hung_up_ = false;
  TaskGroup sessions_{loop_};
};

TEST_F(FakeImapTest, RefusesAWrongPassword) {
  connect();
  EXPECT_THAT(say("1 LOGIN alice wrong\r\n"), StartsWith("1 NO [AUTHENTICATIONFAILED]"));
  EXPECT_THAT(say("2 SELECT INBOX\r\n"), StartsWith("2 BAD"));
  EXPECT_THAT(say("3 AUTHENTICATE PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U=\r\n"), StartsWith("3 OK [CAPABILITY IMAP4rev1"));
}

TEST_F(FakeImapTest, ListsTheTreeWithStatus) {
  server_.create("Größe/unten");
  server_.append("Größe/unten", "A: 1\r\n\r\n");
  login();
  const std::string answer = say("1 LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT))\r\n");
  EXPECT_THAT(answer, HasSubstr("* LIST (\\Noselect \\HasChildren) \"/\" \"Gr&APYA3w-e\"\r\n"));
  EXPECT_THAT(answer, HasSubstr("* STATUS \"Gr&APYA3w-e/unten\" (MESSAGES 1 UIDNEXT 2)\r\n"));
  server_.lie([](Lies& lies) { lies.list_limit = 1; });
  EXPECT_THAT(say("2 LIST \"\" \"*\"\r\n"), Not(HasSubstr("INBOX")));
}

TEST_F(FakeImapTest, TellsAReturningClientWhatHasChanged) {
  for (int i = 0; i < 4; ++i) server_.append("INBOX", "A: 1\r\n\r\n");
  login();
  say("1 ENABLE QRESYNC\r\n");
  const std::string first = say("2 EXAMINE INBOX\r\n");
  EXPECT_THAT(first, HasSubstr("* 4 EXISTS\r\n"));
  EXPECT_THAT(first, HasSubstr("[HIGHESTMODSEQ 5]"));
  server_.store("INBOX", 2, "+FLAGS", {"$Work"});
  server_.expunge("INBOX", {1, 3});
  const std::string again = say("3 EXAMINE INBOX (QRESYNC (1001 5 1:4))\r\n");
  EXPECT_THAT(again, HasSubstr("* OK [CLOSED]"));
  EXPECT_THAT(again, HasSubstr("* VANISHED (EARLIER) 1,3\r\n"));
  EXPECT_THAT(again, HasSubstr("* 1 FETCH (UID 2 FLAGS ($Work) MODSEQ (6))\r\n"));
  EXPECT_THAT(say("4 UID SEARCH RETURN (ALL COUNT) UID 1:*\r\n"), HasSubstr("UID ALL 2,4 COUNT 2\r\n"));
}

TEST_F(FakeImapTest, FetchesBodiesHeadersAndParts) {
  server_.append("INBOX", "Subject: one\r\n two\r\nX: 1\r\n\r\nbody\r\n", {"\\Seen"}, 0, 60);
  login();
  say("1 EXAMINE INBOX\r\n");
  EXPECT_EQ(say("2 UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n"),
            "* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE \"01-Jan-1970 01:00:00 +0100\" RFC822.SIZE 34 BODY[] {34}\r\n"
            "Subject: one\r\n two\r\nX: 1\r\n\r\nbody\r\n)\r\n2 OK UID FETCH completed\r\n");
  EXPECT_THAT(say("3 FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]\r\n"),
              StartsWith("* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {22}\r\nSubject: one\r\n two\r\n\r\n)"));
  EXPECT_THAT(say("4 FETCH 1 BODY.PEEK[]<28.100>\r\n"), StartsWith("* 1 FETCH (BODY[]<28> {6}\r\nbody\r\n)"));
}

TEST_F(FakeImapTest, AppendsOneOrManyAndSaysWhere) {
  login();
  EXPECT_EQ(say("1 APPEND INBOX (\\Seen) \"01-Jan-1970 01:00:00 +0100\" {5+}\r\nA: 1\n\r\n"),
            "1 OK [APPENDUID 1001 1] APPEND completed\r\n");
  EXPECT_EQ(say("2 APPEND INBOX {4}\r\n"), "+ go ahead\r\n");
  EXPECT_EQ(say("B: 2 ($Work) {4+}\r\nC: 3\r\n"), "2 OK [APPENDUID 1001 2:3] APPEND completed\r\n");
  EXPECT_THAT(say("3 APPEND Nowhere {1+}\r\nx\r\n"), StartsWith("3 NO [TRYCREATE]"));
  const std::vector<StoredMessage> messages = server_.state().at("INBOX").messages;
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(messages[0].unix_seconds, 0);
  EXPECT_EQ(messages[2].sha256, sha256_hex("C: 3"));
  EXPECT_THAT(messages[2].flags, ElementsAre("$Work"));
  EXPECT_THAT(server_.violations(), IsEmpty());
  server_.withdraw({"LITERAL+"});
  EXPECT_THAT(say("4 APPEND INBOX {1+}\r\nx\r\n"), StartsWith("* BYE"));
  EXPECT_THAT(server_.violations(), SizeIs(1));
}

TEST_F(FakeImapTest, CutsAnAppendAtTheInstantItIsToldTo) {
  using What = AppendFault::What;
  const auto attempt = [&](AppendFault fault) {
    const std::size_t before = server_.state().at("INBOX").messages.size();
    server_.next_append(fault);
    login();
    std::string answer = say("1 APPEND INBOX {4}\r\n");
    if (answer.starts_with("+")) answer = say("A: 1\r\n");
    return std::pair(answer, server_.state().at("INBOX").messages.size() - before);
  };
  using Outcome = std::pair<std::string, std::size_t>;
  EXPECT_EQ(attempt({.what = What::cut_before_literal}), Outcome("", 0));
  EXPECT_TRUE(hung_up_);
  EXPECT_EQ(attempt({.what = What::cut_in_literal, .octets = 2}), Outcome("", 0));
  EXPECT_TRUE(hung_up_);
  EXPECT_EQ(attempt({.what = What::cut_before_commit}), Outcome("", 0));
  EXPECT_EQ(attempt({.what = What::cut_after_commit}), Outcome("", 1));
  EXPECT_TRUE(hung_up_);
  EXPECT_EQ(attempt({.what = What::ok_without_effect}).second, 0u);
  EXPECT_EQ(attempt({.what = What::wrong_uid}).first, "1 OK [APPENDUID 1001 1002] APPEND completed\r\n");
  EXPECT_EQ(attempt({.what = What::no_uid}), Outcome("1 OK APPEND completed\r\n", 1));
  EXPECT_EQ(attempt({.what = What::refuse_early}), Outcome("1 NO [OVERQUOTA] Quota exceeded\r\n", 0));
  EXPECT_EQ(attempt({.what = What::refuse_late, .text = "NO [TOOBIG] no"}), Outcome("1 NO [TOOBIG] no\r\n", 0));
  EXPECT_EQ(attempt({.what = What::commit_late, .delay = 30s}), Outcome("", 0));
  const std::size_t count = server_.state().at("INBOX").messages.size();
  loop_.advance(30s);
  EXPECT_EQ(server_.state().at("INBOX").messages.size(), count + 1);
}

TEST_F(FakeImapTest, PutsWordsAroundAndInPlaceOfCommands) {
  server_.rule({.command = "noop", .times = 2, .skip = 1, .instead = "$TAG NO [THROTTLED] later\r\n"});
  server_.rule({.command = "CHECK", .before = "* OK hm\r\n", .after = "* BYE\r\n", .cut = true});
  login();
  EXPECT_EQ(say("1 NOOP\r\n"), "1 OK NOOP completed\r\n");
  EXPECT_EQ(say("2 NOOP\r\n"), "2 NO [THROTTLED] later\r\n");
  EXPECT_EQ(say("3 NOOP\r\n"), "3 NO [THROTTLED] later\r\n");
  EXPECT_EQ(say("4 NOOP\r\n"), "4 OK NOOP completed\r\n");
  say("5 SELECT INBOX\r\n");
  EXPECT_EQ(say("6 CHECK\r\n"), "* OK hm\r\n6 OK CHECK completed\r\n* BYE\r\n");
  EXPECT_TRUE(hung_up_);
  EXPECT_EQ(server_.commands_since(0, "NOOP"), 4u);
}

TEST_F(FakeImapTest, CutsAfterOctetsInBodiesAndDrips) {
  server_.append("INBOX", "A: 1\r\n\r\n0123456789");
  server_.lie([](Lies& lies) { lies.cut_in_body = {.uid = 1, .octets = 6}; });
  login();
  say("1 SELECT INBOX\r\n");
  EXPECT_THAT(say("2 UID FETCH 1 BODY.PEEK[]\r\n"), EndsWith("{18}\r\nA: 1\r\n"));
  EXPECT_TRUE(hung_up_);
  server_.next_connection({.cut_after_received = 10});
  connect();
  say("1 NOOP\r\n2 NOOP\r\n");
  EXPECT_TRUE(hung_up_);
  server_.next_connection({.drip_octets = 1, .drip_every = 10s});
  auto [client, served] = memory_streams(loop_);
  client_ = std::move(client);
  sessions_.spawn(server_.serve(loop_, std::move(served)));
  EXPECT_EQ(heard(), "*");
  loop_.advance(25s);
  EXPECT_EQ(heard(), " O");
}

TEST_F(FakeImapTest, LiesAndOmitsAsTold) {
  for (int i = 0; i < 5; ++i) server_.append("INBOX", "A: 1\r\n\r\n");
  server_.lie([](Lies& lies) {
    lies.exists = 3;
    lies.search_limit = 2;
    lies.omit_from_fetch = {2};
    lies.refuse_fetch = {{4, "NO [SERVERBUG] cannot"}};
  });
  login();
  EXPECT_THAT(say("1 EXAMINE INBOX\r\n"), HasSubstr("* 8 EXISTS"));
  EXPECT_THAT(say("2 UID SEARCH ALL\r\n"), StartsWith("* SEARCH 1 2\r\n"));
  EXPECT_EQ(say("3 UID FETCH 1:3 FLAGS\r\n"),
            "* 1 FETCH (UID 1 FLAGS ())\r\n* 3 FETCH (UID 3 FLAGS ())\r\n3 OK UID FETCH completed\r\n");
  EXPECT_THAT(say("4 UID FETCH 3:5 BODY.PEEK[HEADER]\r\n"), EndsWith(")\r\n4 NO [SERVERBUG] cannot\r\n"));
}

TEST_F(FakeImapTest, StoresMovesAndExpungesTheUidsThatWereNamed) {
  for (int i = 0; i < 4; ++i) server_.append("INBOX", "A: " + std::to_string(i) + "\r\n\r\n");
  server_.create("Trash");
  login();
  say("1 SELECT INBOX (CONDSTORE)\r\n");
  EXPECT_EQ(say("2 UID STORE 2:3 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Deleted)\r\n"),
            "* 2 FETCH (UID 2 MODSEQ (6))\r\n2 OK [MODIFIED 3] UID STORE completed\r\n");
  EXPECT_EQ(say("3 UID EXPUNGE 1:4\r\n"), "* 2 EXPUNGE\r\n3 OK UID EXPUNGE completed\r\n");
  EXPECT_EQ(say("4 UID MOVE 3 Trash\r\n"),
            "* OK [COPYUID 1002 3 1] Moved\r\n* 2 EXPUNGE\r\n4 OK UID MOVE completed\r\n");
  EXPECT_THAT(server_.state().at("INBOX").messages, SizeIs(2));
  EXPECT_EQ(server_.state().at("Trash").messages.at(0).sha256, sha256_hex("A: 2\r\n\r\n"));
}

TEST_F(FakeImapTest, DealsWithNoMoreMessagesThanItsLimitAndShowsTheNewest) {
  server_.offer({"MESSAGELIMIT=2", "PARTIAL", "UIDONLY"});
  for (int i = 0; i < 5; ++i) server_.append("INBOX", "Subject: x\r\n\r\n");
  login();
  EXPECT_THAT(say("1 EXAMINE INBOX\r\n"), HasSubstr("* 2 EXISTS\r\n"));
  EXPECT_THAT(say("2 UID SEARCH ALL\r\n"), StartsWith("* SEARCH 4 5\r\n"));
  EXPECT_THAT(say("3 UNSELECT\r\n"), StartsWith("3 OK"));
  EXPECT_THAT(say("4 ENABLE UIDONLY\r\n"), StartsWith("* ENABLED UIDONLY\r\n"));
  EXPECT_THAT(say("5 EXAMINE INBOX\r\n"), HasSubstr("* 5 EXISTS\r\n"));
  EXPECT_EQ(say("6 UID SEARCH RETURN (ALL) ALL\r\n"),
            "* ESEARCH (TAG \"6\") UID ALL 4:5\r\n6 OK [MESSAGELIMIT 2 4] UID SEARCH completed\r\n");
  EXPECT_EQ(say("7 UID SEARCH RETURN (PARTIAL 1:2) UID 2:9\r\n"),
            "* ESEARCH (TAG \"7\") UID PARTIAL (1:2 2:3)\r\n7 OK UID SEARCH completed\r\n");
  EXPECT_THAT(say("8 UID SEARCH RETURN (PARTIAL -1:-1) ALL\r\n"), HasSubstr("PARTIAL (-1:-1 5)"));
  EXPECT_THAT(say("9 UID SEARCH RETURN (PARTIAL 9:10) ALL\r\n"), HasSubstr("PARTIAL (9:10 NIL)"));
  EXPECT_EQ(say("A UID FETCH 1:4 (FLAGS)\r\n"),
            "* UIDFETCH 3 (UID 3 FLAGS ())\r\n* UIDFETCH 4 (UID 4 FLAGS ())\r\n"
            "A OK [MESSAGELIMIT 2 3] UID FETCH completed\r\n");
  EXPECT_THAT(say("B UID FETCH 1:4 (FLAGS) (PARTIAL 1:1)\r\n"), StartsWith("* UIDFETCH 1 (UID 1 FLAGS ())\r\nB OK"));
  server_.expunge("INBOX", {2});
  EXPECT_THAT(say("C NOOP\r\n"), StartsWith("* VANISHED 2\r\n"));
  EXPECT_THAT(server_.violations(), IsEmpty());
  EXPECT_THAT(say("D FETCH 1 (FLAGS)\r\n"), StartsWith("D BAD [UIDREQUIRED]"));
  EXPECT_THAT(say("E SEARCH 1:2\r\n"), StartsWith("E BAD [UIDREQUIRED]"));
}

TEST_F(FakeImapTest, NamesMailboxesAndMessagesThroughRenamesAndCopies) {
  server_.create("Work");
  server_.append("INBOX", "a\r\n");
  server_.copy("INBOX", 1, "Work");
  login();
  EXPECT_THAT(say("A STATUS Work (MAILBOXID)\r\n"), HasSubstr("* STATUS \"Work\" (MAILBOXID (F1002))\r\n"));
  EXPECT_THAT(say("B RENAME Work Play\r\n"), StartsWith("B OK "));
  EXPECT_THAT(say("C EXAMINE Play\r\n"), HasSubstr("[MAILBOXID (F1002)]"));
  const std::string copied = say("D UID FETCH 1 (EMAILID)\r\n");
  EXPECT_THAT(copied, HasSubstr("EMAILID (E"));
  say("E EXAMINE INBOX\r\n");
  EXPECT_EQ(say("D UID FETCH 1 (EMAILID)\r\n"), copied);
  EXPECT_THAT(say("F UID FETCH 1 (X-GM-MSGID)\r\n"), StartsWith("F BAD "));
  server_.offer({"X-GM-EXT-1"});
  EXPECT_THAT(say("G UID FETCH 1 (X-GM-MSGID)\r\n"), HasSubstr("X-GM-MSGID "));
}

TEST_F(FakeImapTest, PushesChangesToAnIdleClient) {
  login();
  say("1 SELECT INBOX\r\n");
  EXPECT_EQ(say("2 IDLE\r\n"), "+ idling\r\n");
  server_.append("INBOX", "A: 1\r\n\r\n");
  EXPECT_EQ(heard(), "* 1 EXISTS\r\n");
  server_.expunge("INBOX", {1});
  EXPECT_EQ(heard(), "* 1 EXPUNGE\r\n");
  EXPECT_EQ(say("DONE\r\n"), "2 OK IDLE completed\r\n");
}

}  // namespace
}  // namespace postern::testing
