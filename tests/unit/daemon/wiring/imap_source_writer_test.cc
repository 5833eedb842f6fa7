#include "daemon/wiring/imap_source_writer.h"

#include "tests/unit/client/fixture.h"

namespace postern::daemon {
namespace {

class ImapSourceWriterTest : public client::ClientTest {
 protected:
  testing::ImapScript& selected(const std::string& capabilities, const std::string& access = "READ-WRITE") {
    return server.login(capabilities)
        .expect("SELECT Work")
        .reply("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 40] x\r\n$ OK [" + access + "] x\r\n");
  }
  sync::OpenedForWriting select() {
    ImapSourceWriterConnector connector(dialer, loop, settings);
    auto connected = loop.run(connector.connect(Wait{}));
    EXPECT_TRUE(connected.has_value()) << connected.error().to_string();
    writer = std::move(*connected);
    const auto opened = loop.run(writer->open(MailboxName::from_wire("Work", '/'), Wait{}));
    EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
    return opened.value_or(sync::OpenedForWriting{});
  }

  std::unique_ptr<sync::SourceWriter> writer;
};

TEST_F(ImapSourceWriterTest, RemovesExactlyTheseUids) {
  selected("UIDPLUS").expect("UID STORE 4:5,9 +FLAGS.SILENT (\\Deleted)").reply("$ OK\r\n");
  server.expect("UID EXPUNGE 4:5,9").reply("* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n$ OK\r\n");
  const auto opened = select();
  EXPECT_EQ(opened.uidvalidity, UidValidity(7));
  EXPECT_FALSE(opened.read_only);
  EXPECT_TRUE(writer->can_expunge());
  EXPECT_TRUE(loop.run(writer->expunge({4, 5, 9}, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceWriterTest, WhatCannotBeMarkedIsNotExpunged) {
  selected("UIDPLUS").expect("UID STORE 4 +FLAGS.SILENT (\\Deleted)").reply("$ NO [NOPERM] no\r\n");
  select();
  EXPECT_FALSE(loop.run(writer->expunge({4}, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceWriterTest, WithoutUidplusNotEvenAMarkIsSet) {
  selected("", "READ-ONLY");
  EXPECT_TRUE(select().read_only);
  EXPECT_FALSE(writer->can_expunge());
  EXPECT_FALSE(loop.run(writer->expunge({4}, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceWriterTest, SaysWhichFlagsTheMailboxKeeps) {
  server.login("CONDSTORE")
      .expect("SELECT Work")
      .reply(
          "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 300] x\r\n"
          "* OK [PERMANENTFLAGS (\\Seen $Work)] x\r\n$ OK [READ-WRITE] x\r\n");
  const auto opened = select();
  EXPECT_FALSE(opened.any_keyword);
  EXPECT_EQ(opened.permanent_flags, (FlagSet{"\\Seen", "$Work"}));
  EXPECT_EQ(opened.highestmodseq, ModSeq(300));
}

TEST_F(ImapSourceWriterTest, StoresFlagsOfWhatDidNotChangeSince) {
  selected("CONDSTORE")
      .expect("UID STORE 4:6 (UNCHANGEDSINCE 300) +FLAGS.SILENT (\\Seen)")
      .reply("$ OK [MODIFIED 5] x\r\n");
  server.expect("UID FETCH 5 (UID FLAGS MODSEQ)").reply("* 2 FETCH (UID 5 FLAGS (\\Flagged) MODSEQ (301))\r\n$ OK\r\n");
  select();
  const auto stored = loop.run(writer->store_flags({4, 5, 6}, {{"\\Seen", "\\Deleted"}, {}}, ModSeq(300), Wait{}));
  ASSERT_TRUE(stored.has_value()) << stored.error().to_string();
  EXPECT_EQ(stored->modified, (UidSet{5}));
  const auto now = loop.run(writer->flags({5}, Wait{}));
  ASSERT_TRUE(now.has_value()) << now.error().to_string();
  ASSERT_EQ(now->size(), 1u);
  EXPECT_EQ(now->front().flags, (FlagSet{"\\Flagged"}));
  EXPECT_EQ(now->front().modseq, ModSeq(301));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceWriterTest, ListsWhatIsThereByHeaderAndDateToo) {
  selected("UIDPLUS").expect(
      "UID FETCH 4:6 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (Message-ID Date From To Cc "
      "Subject)])");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 120 "
      "BODY[HEADER.FIELDS (Message-ID Date From To Cc Subject)] {12}\r\nSubject: a\r\n)\r\n"
      "* 2 FETCH (FLAGS (\\Seen) UID 9)\r\n$ OK\r\n");
  EXPECT_EQ(select().uidnext, 40u);
  const auto listed = loop.run(writer->list({4, 5, 6}, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().uid, Uid(4));
  EXPECT_EQ(listed->front().stated_size, 120u);
  EXPECT_EQ(listed->front().internaldate.unix_seconds, 837'596'665);
  EXPECT_TRUE(listed->front().header.has_value());
  EXPECT_EQ(listed->front().flags, (FlagSet{"\\Seen"}));
}

}  // namespace
}  // namespace postern::daemon
