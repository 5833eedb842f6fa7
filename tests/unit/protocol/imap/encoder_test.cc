#include "core/protocol/imap/encoder.h"

#include <gtest/gtest.h>

#include <random>

#include "core/protocol/imap/command.h"
#include "tests/unit/protocol/imap/script.h"

namespace postern::imap {
namespace {

using testing::box;

/// A command's octets, with "<+>" where the server's permission is awaited and "<n>" where a body goes.
std::string written(const Command& command, LiteralForm form = LiteralForm::synchronising, bool utf8 = false) {
  const auto encoded = encode_command(command, "T", form, utf8);
  if (!encoded) return "! " + encoded.error().what();
  std::string out;
  for (const auto& segment : encoded->segments) {
    out += segment.octets;
    if (segment.await_go_ahead) out += "<+>";
    if (segment.body) out += "<" + std::to_string(*segment.body) + ">";
  }
  EXPECT_TRUE(out.ends_with("\r\n"));
  return out.substr(0, out.size() - 2);
}

TEST(EncoderTest, StringsAreQuotedOrLiteralByTheirContent) {
  EXPECT_EQ(written(Create{box("Work")}), "T CREATE Work");
  EXPECT_EQ(written(Create{box("My Mail")}), "T CREATE \"My Mail\"");
  EXPECT_EQ(written(Create{box("")}), "T CREATE \"\"");
  EXPECT_EQ(written(Create{box("nil")}), "T CREATE \"nil\"");
  EXPECT_EQ(written(Create{box("a\"b\\c")}), "T CREATE \"a\\\"b\\\\c\"");
  EXPECT_EQ(written(Create{box("%*")}), "T CREATE \"%*\"");
  EXPECT_EQ(written(Create{box("{5}")}), "T CREATE \"{5}\"");
  EXPECT_EQ(written(Create{box("`$(x);")}), "T CREATE \"`$(x);\"");
  EXPECT_EQ(written(Create{box("caf\xC3\xA9")}), "T CREATE {5}\r\n<+>caf\xC3\xA9");
  EXPECT_EQ(written(Create{box("caf\xC3\xA9")}, LiteralForm::plus, true), "T CREATE \"caf\xC3\xA9\"");
}

TEST(EncoderTest, M049_LineEndsNeverLeaveALiteral) {
  EXPECT_EQ(written(Create{box("a\r\nA9 DELETE INBOX")}), "T CREATE {18}\r\n<+>a\r\nA9 DELETE INBOX");
  EXPECT_EQ(written(Create{box("a\r\nx")}, LiteralForm::plus), "T CREATE {4+}\r\na\r\nx");
  EXPECT_TRUE(written(Create{MailboxName::from_wire(std::string_view("a\0b", 3), '/')}).starts_with("! "));
  EXPECT_TRUE(written(Login{std::string("a\0b", 3), Secret("x")}).starts_with("! "));
  EXPECT_EQ(written(Login{"a\rb", Secret("x")}), "T LOGIN {3}\r\n<+>a\rb \"x\"");
}

TEST(EncoderTest, M084_LiteralFormsAsAdvertised) {
  const Append small{box("x"), {{4096, {}, std::nullopt}}};
  const Append big{box("x"), {{4097, {}, std::nullopt}}};
  EXPECT_EQ(written(small), "T APPEND x {4096}\r\n<+><4096>");
  EXPECT_EQ(written(small, LiteralForm::minus), "T APPEND x {4096+}\r\n<4096>");
  EXPECT_EQ(written(big, LiteralForm::minus), "T APPEND x {4097}\r\n<+><4097>");
  EXPECT_EQ(written(big, LiteralForm::plus), "T APPEND x {4097+}\r\n<4097>");
}

TEST(EncoderTest, ArgumentsThatCannotBeWrittenAreRefused) {
  UidStore store;
  store.uids = {1};
  store.flags = {"two words"};
  EXPECT_TRUE(written(store).starts_with("! "));
  EXPECT_TRUE(written(UidExpunge{}).starts_with("! "));
  EXPECT_TRUE(written(Append{box("x"), {}}).starts_with("! "));
  EXPECT_TRUE(written(Enable{{"A B"}}).starts_with("! "));
  EXPECT_TRUE(written(Authenticate{"PLAIN\r\nx", std::nullopt}).starts_with("! "));
}

TEST(EncoderTest, SecretsAreMarked) {
  EXPECT_TRUE(encode_command(Login{"u", Secret("p")}, "T", LiteralForm::plus, false)->secret);
  EXPECT_TRUE(encode_command(Authenticate{"PLAIN", Secret("p")}, "T", LiteralForm::plus, false)->secret);
  EXPECT_FALSE(encode_command(Noop{}, "T", LiteralForm::plus, false)->secret);
  EXPECT_EQ(written(Authenticate{"EXTERNAL", Secret("")}), "T AUTHENTICATE EXTERNAL =");
}

TEST(CommandTest, EachCommandAsOnTheWire) {
  EXPECT_EQ(written(Capability{}), "T CAPABILITY");
  EXPECT_EQ(written(Id{}), "T ID NIL");
  EXPECT_EQ(written(Id{{{"name", "Postern"}, {"version", "1"}}}), "T ID (\"name\" \"Postern\" \"version\" \"1\")");
  EXPECT_EQ(written(Enable{{"CONDSTORE", "QRESYNC"}}), "T ENABLE CONDSTORE QRESYNC");
  EXPECT_EQ(written(CompressDeflate{}), "T COMPRESS DEFLATE");
  EXPECT_EQ(written(NamespaceCommand{}), "T NAMESPACE");
  EXPECT_EQ(written(GetQuotaRoot{MailboxName::from_wire("a b", '/')}), "T GETQUOTAROOT \"a b\"");
  EXPECT_EQ(written(Lsub{"", "*"}), "T LSUB \"\" \"*\"");
  EXPECT_EQ(written(List{}), "T LIST \"\" \"*\"");
  List list;
  list.special_use = list.subscribed = true;
  list.status.emplace().highestmodseq = true;
  EXPECT_EQ(written(list),
            "T LIST \"\" \"*\" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))");
  EXPECT_EQ(written(StatusCommand{box("a"), {}}), "T STATUS a (MESSAGES UIDNEXT UIDVALIDITY)");
  EXPECT_EQ(written(Select{box("a"), true, true, std::nullopt}), "T EXAMINE a (CONDSTORE)");
  EXPECT_EQ(written(Select{box("a"), false, false, Select::Qresync{UidValidity(3), ModSeq(4), {}}}),
            "T SELECT a (QRESYNC (3 4))");
  UidFetch fetch;
  fetch.first_to_last = Uid(12);
  fetch.items.flags = fetch.items.internal_date = fetch.items.rfc822_size = fetch.items.modseq = fetch.items.body =
      true;
  EXPECT_EQ(written(fetch), "T UID FETCH 12:4294967295 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ BODY.PEEK[])");
  fetch.items.partial = FetchItems::Partial{100, 50};
  fetch.changed_since = ModSeq(9);
  fetch.vanished = true;
  EXPECT_TRUE(written(fetch).ends_with("BODY.PEEK[]<100.50>) (CHANGEDSINCE 9 VANISHED)"));
  UidFetch headers;
  headers.uids = UidSet::range(1, 5);
  headers.items.header_fields = {"Date", "X-\"y"};
  EXPECT_EQ(written(headers), "T UID FETCH 1:5 (UID BODY.PEEK[HEADER.FIELDS (Date \"X-\\\"y\")])");
  UidFetch ids;
  ids.uids = {7};
  ids.items.email_id = true;
  EXPECT_EQ(written(ids), "T UID FETCH 7 (UID EMAILID)");
  ids.items = {};
  ids.items.gmail_message_id = true;
  EXPECT_EQ(written(ids), "T UID FETCH 7 (UID X-GM-MSGID)");
  UidSearch search;
  search.return_all = true;
  search.uids = UidSet::range(5, 9);
  search.header = {{"Message-ID", "<a@b>"}};
  EXPECT_EQ(written(search), "T UID SEARCH RETURN (ALL) UID 5:9 HEADER \"Message-ID\" \"<a@b>\"");
  UidStore store;
  store.uids = {1, 2, 5};
  store.flags = {"\\Seen", "$Work"};
  EXPECT_EQ(written(store), "T UID STORE 1:2,5 +FLAGS.SILENT ($Work \\Seen)");
  store.mode = UidStore::Mode::remove;
  store.unchanged_since = ModSeq(8);
  EXPECT_EQ(written(store), "T UID STORE 1:2,5 (UNCHANGEDSINCE 8) -FLAGS.SILENT ($Work \\Seen)");
  EXPECT_EQ(written(Rename{box("a"), box("b c")}), "T RENAME a \"b c\"");
  EXPECT_EQ(written(Delete{box("a")}), "T DELETE a");
  EXPECT_EQ(written(Subscribe{box("a")}), "T SUBSCRIBE a");
  EXPECT_EQ(written(Unsubscribe{box("a")}), "T UNSUBSCRIBE a");
  EXPECT_EQ(written(UidCopy{{3}, box("a")}), "T UID COPY 3 a");
  EXPECT_EQ(written(UidMove{{3}, box("a")}), "T UID MOVE 3 a");
  EXPECT_EQ(written(UidExpunge{{3}}), "T UID EXPUNGE 3");
  for (const auto& [command, text] : std::vector<std::pair<Command, std::string>>{{Noop{}, "NOOP"},
                                                                                  {StartTls{}, "STARTTLS"},
                                                                                  {Idle{}, "IDLE"},
                                                                                  {Unselect{}, "UNSELECT"},
                                                                                  {Close{}, "CLOSE"},
                                                                                  {Expunge{}, "EXPUNGE"},
                                                                                  {Logout{}, "LOGOUT"}}) {
    EXPECT_EQ(written(command), "T " + text);
    EXPECT_EQ(name_of(command), text);
  }
}

TEST(CommandTest, M048_RandomNamesNeverBreakTheLine) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string name;
    for (std::size_t i = random() % 12; i > 0; --i) name.push_back(static_cast<char>(1 + random() % 255));
    const auto encoded = encode_command(Create{box(name)}, "T", LiteralForm::synchronising, false);
    ASSERT_TRUE(encoded.has_value());
    // Either one segment, which is one line; or a header that announces exactly what the next one holds.
    const std::string& first = encoded->segments[0].octets;
    ASSERT_EQ(first.find("\r\n"), first.size() - 2);
    ASSERT_EQ(first.find('\n'), first.size() - 1);
    if (encoded->segments.size() == 1) continue;
    const std::string wire = box(name).wire();
    ASSERT_TRUE(first.ends_with("{" + std::to_string(wire.size()) + "}\r\n"));
    ASSERT_EQ(encoded->segments[1].octets, wire + "\r\n");
  }
}

}  // namespace
}  // namespace postern::imap
