#include "daemon/wiring/imap_target.h"
#include "tests/unit/client/fixture.h"

namespace postern::daemon {
namespace {

class ImapTargetMovesTest : public client::ClientTest {
 protected:
  /// In "Work" of UIDVALIDITY 7.
  testing::ImapScript& selected(const std::string& capabilities) {
    return server.login("NAMESPACE " + capabilities)
        .expect("NAMESPACE")
        .reply("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n$ OK\r\n")
        .expect("SELECT Work")
        .reply("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 40] x\r\n$ OK [READ-WRITE] x\r\n");
  }
  void select() {
    ImapTargetConnector connector(dialer, loop, settings);
    auto connected = loop.run(connector.connect(Wait{}));
    ASSERT_TRUE(connected.has_value()) << connected.error().to_string();
    target = std::move(*connected);
    const auto opened = loop.run(target->open(work, Wait{}));
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  Result<sync::MoveOutcome> move(const UidSet& uids) { return loop.run(target->move(uids, done, Wait{})); }

  MailboxName work = MailboxName::from_wire("Work", '/');
  MailboxName done = MailboxName::from_wire("Done", '/');
  std::unique_ptr<sync::Target> target;
};

TEST_F(ImapTargetMovesTest, MoveWithTheUidsItGave) {
  selected("MOVE UIDPLUS").expect("UID MOVE 4:5 Done");
  server.reply("* OK [COPYUID 9 4:5 11:12] moved\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n$ OK done\r\n");
  select();
  EXPECT_TRUE(target->features().move);
  EXPECT_TRUE(target->features().uidplus);
  const auto outcome = move({4, 5});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(outcome->uidvalidity, UidValidity(9));
  ASSERT_EQ(outcome->moved.size(), 2u);
  EXPECT_EQ(outcome->moved[1].from, Uid(5));
  EXPECT_EQ(outcome->moved[1].to, Uid(12));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetMovesTest, CopyuidInTheTaggedOkAndUidsNobodyAskedFor) {
  selected("MOVE UIDPLUS").expect("UID MOVE 4 Done").reply("* 1 EXPUNGE\r\n$ OK [COPYUID 9 4 11] done\r\n");
  server.expect("UID MOVE 5 Done").reply("* OK [COPYUID 9 6 12] moved\r\n* 1 EXPUNGE\r\n$ OK done\r\n");
  server.expect("UID MOVE 7 Done").reply("$ OK Exchange keeps it to itself\r\n");
  select();
  EXPECT_EQ(move({4})->moved.size(), 1u);
  EXPECT_TRUE(move({5})->moved.empty());
  EXPECT_TRUE(move({7})->moved.empty());
}

TEST_F(ImapTargetMovesTest, WithoutMoveItIsCopiedMarkedAndExpunged) {
  selected("UIDPLUS").expect("UID COPY 4:5 Done").reply("$ OK [COPYUID 9 4:5 11:12] done\r\n");
  server.expect("UID STORE 4:5 +FLAGS.SILENT (\\Deleted)").reply("$ OK\r\n");
  server.expect("UID EXPUNGE 4:5").reply("* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n$ OK\r\n");
  select();
  EXPECT_FALSE(target->features().move);
  EXPECT_EQ(move({4, 5})->moved.size(), 2u);
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetMovesTest, WithoutUidplusTheOriginalIsOnlyMarked) {
  selected("").expect("UID COPY 4 Done").reply("$ OK done\r\n");
  server.expect("UID STORE 4 +FLAGS.SILENT (\\Deleted)").reply("$ OK\r\n");
  select();
  EXPECT_FALSE(target->features().uidplus);
  EXPECT_TRUE(move({4})->moved.empty());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetMovesTest, WhatCannotBeCopiedStays) {
  selected("UIDPLUS").expect("UID COPY 4 Done").reply("$ NO [TRYCREATE] no such mailbox\r\n");
  select();
  const auto outcome = move({4});
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(server.heard().back(), "UID COPY 4 Done");
}

TEST_F(ImapTargetMovesTest, ExpungesExactlyTheseUids) {
  selected("UIDPLUS").expect("UID STORE 4,9 +FLAGS.SILENT (\\Deleted)").reply("$ OK\r\n");
  server.expect("UID EXPUNGE 4,9").reply("* 1 EXPUNGE\r\n$ OK\r\n");
  select();
  EXPECT_TRUE(loop.run(target->expunge({4, 9}, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetMovesTest, WhatCannotBeMarkedIsNotExpunged) {
  selected("UIDPLUS").expect("UID STORE 4 +FLAGS.SILENT (\\Deleted)").reply("$ NO [NOPERM] not yours\r\n");
  select();
  const auto done = loop.run(target->expunge({4}, Wait{}));
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind(), ErrorKind::permission);
  EXPECT_EQ(server.heard().back(), "UID STORE 4 +FLAGS.SILENT (\\Deleted)");
}

TEST_F(ImapTargetMovesTest, WithoutUidplusThereIsNoExpunge) {
  selected("").expect("UID STORE 4 +FLAGS.SILENT (\\Deleted)").reply("$ OK\r\n");
  select();
  EXPECT_TRUE(loop.run(target->expunge({4}, Wait{})).has_value());
  EXPECT_EQ(server.heard().back(), "UID STORE 4 +FLAGS.SILENT (\\Deleted)");
}

TEST_F(ImapTargetMovesTest, TheOpenMailboxIsLeftBeforeItIsDeleted) {
  selected("").expect("EXAMINE INBOX").reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n$ OK [READ-ONLY] x\r\n");
  server.expect("DELETE Work").reply("$ OK\r\n").expect("DELETE Done").reply("$ NO [NONEXISTENT] gone already\r\n");
  server.expect("DELETE Work").reply("$ NO [HASCHILDREN] no\r\n");
  select();
  EXPECT_TRUE(loop.run(target->remove(work, Wait{})).has_value());
  EXPECT_TRUE(loop.run(target->remove(done, Wait{})).has_value());
  EXPECT_FALSE(loop.run(target->remove(work, Wait{})).has_value());
}

}  // namespace
}  // namespace postern::daemon
