#include "daemon/wiring/flag_store.h"

#include "tests/unit/client/fixture.h"

namespace postern::daemon {
namespace {

class FlagStoreTest : public client::ClientTest {
 protected:
  testing::ImapScript& selected(const std::string& capabilities) {
    return server.login(capabilities)
        .expect("SELECT Work")
        .reply("* 9 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [HIGHESTMODSEQ 100] x\r\n$ OK [READ-WRITE] x\r\n");
  }
  void select() {
    log_in();
    imap::Select command;
    command.mailbox = MailboxName::from_wire("Work", '/');
    command.read_only = false;
    ASSERT_TRUE(execute(command).has_value());
  }
  Result<sync::StoreOutcome> store(UidSet uids, FlagDelta delta, std::optional<ModSeq> since) {
    return loop.run(store_flags(*client, std::move(uids), std::move(delta), since, Wait{}));
  }
};

TEST_F(FlagStoreTest, WhatChangedSinceIsNamedAndTheRestIsStored) {
  selected("CONDSTORE").expect("UID STORE 1:3 (UNCHANGEDSINCE 100) +FLAGS.SILENT (\\Seen)");
  server.reply("* 1 FETCH (UID 1 MODSEQ (101))\r\n$ OK [MODIFIED 2:3] some were not\r\n");
  select();
  const auto outcome = store({1, 2, 3}, {{"\\Seen"}, {}}, ModSeq(100));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(outcome->modified, (UidSet{2, 3}));
  EXPECT_TRUE(server.played());
}

TEST_F(FlagStoreTest, TakingAwayFollowsUnderTheModSequencesThatSettingMade) {
  selected("CONDSTORE").expect("UID STORE 1:3 (UNCHANGEDSINCE 100) +FLAGS.SILENT (\\Seen)");
  server.reply("* 1 FETCH (UID 1 MODSEQ (104))\r\n* 3 FETCH (UID 3 MODSEQ (105))\r\n* 9 FETCH (UID 9 MODSEQ (900))\r\n")
      .reply("$ OK [MODIFIED 2] one was not\r\n")
      .expect("UID STORE 1,3 (UNCHANGEDSINCE 105) -FLAGS.SILENT ($Old)")
      .reply("* 1 FETCH (UID 1 MODSEQ (106))\r\n$ OK [MODIFIED 3] again\r\n");
  select();
  const auto outcome = store({1, 2, 3}, {{"\\Seen"}, {"$Old"}}, ModSeq(100));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_EQ(outcome->modified, (UidSet{2, 3}));
  EXPECT_TRUE(server.played());
}

TEST_F(FlagStoreTest, ANoThatNamesWhatItLeftAloneIsAnAnswer) {
  selected("CONDSTORE").expect("UID STORE 2 *").reply("$ NO [MODIFIED 2] nothing done\r\n");
  server.expect("UID STORE 2 *").reply("$ NO no\r\n");
  select();
  EXPECT_EQ(store({2}, {{"\\Seen"}, {}}, ModSeq(100))->modified, (UidSet{2}));
  EXPECT_FALSE(store({2}, {{"\\Seen"}, {}}, ModSeq(100)).has_value());
}

TEST_F(FlagStoreTest, MessagesThatWereNotAskedForAreNoneOfOurs) {
  selected("CONDSTORE").expect("UID STORE 2 *").reply("$ OK [MODIFIED 1:4294967295] all of them\r\n");
  select();
  EXPECT_EQ(store({2}, {{"\\Seen"}, {}}, ModSeq(100))->modified, (UidSet{2}));
}

TEST_F(FlagStoreTest, ABadToTheConditionIsAskedForWithoutIt) {
  selected("CONDSTORE").expect("UID STORE 2 (UNCHANGEDSINCE 100) +FLAGS.SILENT (\\Seen)").reply("$ BAD what\r\n");
  server.expect("UID STORE 2 +FLAGS.SILENT (\\Seen)").reply("$ OK\r\n");
  server.expect("UID STORE 2 -FLAGS.SILENT ($Old)").reply("$ OK\r\n");
  select();
  const auto outcome = store({2}, {{"\\Seen"}, {"$Old"}}, ModSeq(100));
  ASSERT_TRUE(outcome.has_value()) << outcome.error().to_string();
  EXPECT_TRUE(outcome->modified.empty());
  EXPECT_TRUE(server.played());
}

TEST_F(FlagStoreTest, ARefusalLeavesTheConnectionUsable) {
  selected("").expect("UID STORE 2 *").reply("$ BAD invalid keyword\r\n");
  server.expect("UID STORE 2 *").reply("$ NO not that one\r\n");
  server.expect("UID STORE 2 *").reply("$ OK\r\n");
  select();
  EXPECT_EQ(store({2}, {{"$Odd"}, {}}, std::nullopt).error().scope(), Scope::mailbox);
  EXPECT_EQ(store({2}, {{"$Odd"}, {}}, std::nullopt).error().scope(), Scope::mailbox);
  EXPECT_TRUE(store({2}, {{"\\Seen"}, {}}, std::nullopt).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(FlagStoreTest, WithoutCondstoreThereIsNoCondition) {
  selected("").expect("UID STORE 1 +FLAGS.SILENT (\\Seen)").reply("$ OK\r\n");
  select();
  EXPECT_TRUE(store({1}, {{"\\Seen"}, {}}, ModSeq(100)).has_value());
  EXPECT_TRUE(server.played());
}

}  // namespace
}  // namespace postern::daemon
