#include "tests/unit/daemon/wiring/imap_source_fixture.h"

namespace postern::daemon {
namespace {

TEST_F(ImapSourceTest, OneListWithStatusesWhereTheServerCan) {
  server.login("LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE");
  server.expect("LIST \"\" \"*\" RETURN (SPECIAL-USE SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))");
  server.reply(
      "* LIST (\\Subscribed \\HasNoChildren) \"/\" INBOX\r\n"
      "* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 HIGHESTMODSEQ 44)\r\n"
      "* LIST (\\Noselect \\HasChildren) \"/\" Archive\r\n"
      "* LIST (\\Sent) \"/\" \"Archive/Sent &AOk-\"\r\n"
      "* STATUS \"Archive/Sent &AOk-\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\n$ OK done\r\n");
  log_in();
  EXPECT_TRUE(source->features().list_status);
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 3U);
  const auto& inbox = (*listed)[0];
  EXPECT_TRUE(inbox.subscribed);
  ASSERT_TRUE(inbox.status.has_value());
  EXPECT_EQ(inbox.status->uidvalidity, UidValidity(7));
  EXPECT_EQ(inbox.status->uidnext, 9U);
  EXPECT_EQ(inbox.status->messages, 3U);
  EXPECT_EQ(inbox.status->highestmodseq, ModSeq(44));
  EXPECT_FALSE((*listed)[1].selectable);
  EXPECT_FALSE((*listed)[1].status.has_value());
  EXPECT_EQ((*listed)[2].name.display(), "Archive/Sent \xc3\xa9");
  EXPECT_EQ((*listed)[2].name.wire(), "Archive/Sent &AOk-");
  EXPECT_TRUE((*listed)[2].status.has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, ListStatusAloneIsNotEnough) {
  server.login("LIST-STATUS").expect("LIST \"\" *").expect("LSUB \"\" *");
  server.reply("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Work\r\n$ OK\r\n* LSUB () \"/\" Work\r\n$ OK\r\n");
  server.expect("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY)").expect("STATUS Work (MESSAGES UIDNEXT UIDVALIDITY)");
  server.reply("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  server.reply("* STATUS Work (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_FALSE((*listed)[0].subscribed);
  EXPECT_TRUE((*listed)[1].subscribed);
  EXPECT_TRUE((*listed)[0].subscription_stated);
  EXPECT_EQ((*listed)[1].status->uidvalidity, UidValidity(8));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, AMailboxThatRefusesStatusDoesNotFailTheOthers) {
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *");
  server.reply("* LIST () \"/\" Gone\r\n* LIST () \"/\" INBOX\r\n$ OK\r\n$ NO no LSUB here\r\n");
  server.expect("STATUS Gone *").expect("STATUS INBOX *");
  server.reply("$ NO Mailbox doesn't exist: Gone\r\n* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_FALSE((*listed)[0].subscription_stated) << "a refused LSUB unsubscribes from nothing";
  EXPECT_FALSE((*listed)[0].status.has_value());
  ASSERT_TRUE((*listed)[0].status_error.has_value());
  EXPECT_EQ((*listed)[0].status_error->scope(), Scope::mailbox);
  EXPECT_TRUE((*listed)[1].status.has_value());
}

TEST_F(ImapSourceTest, ThrottledStatusEndsTheListing) {
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *").reply("* LIST () \"/\" INBOX\r\n$ OK\r\n$ OK\r\n");
  server.expect("STATUS INBOX *").reply("$ NO [THROTTLED] slow down\r\n");
  log_in();
  const auto listed = list();
  ASSERT_FALSE(listed.has_value());
  EXPECT_EQ(listed.error().kind(), ErrorKind::throttle);
}

TEST_F(ImapSourceTest, M044BadToTheExtendedListFallsBackToThePlainOne) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST \"\" \"*\" RETURN *").reply("$ BAD what?\r\n");
  server.expect("LIST \"\" *").expect("LSUB \"\" *").reply("* LIST () \"/\" INBOX\r\n$ OK\r\n$ OK\r\n");
  server.expect("STATUS INBOX *").reply("* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_EQ(listed->size(), 1U);
}

TEST_F(ImapSourceTest, M052InboxOnceInWhateverCase) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *");
  server.reply(
      "* LIST () \"/\" Inbox\r\n* STATUS inbox (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\n* LIST () \"/\" INBOX\r\n$ "
      "OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].name.wire(), "INBOX");
  EXPECT_TRUE((*listed)[0].status.has_value());
}

TEST_F(ImapSourceTest, StatusesThatListLeftOutAreAskedFor) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *").reply("* LIST () \"/\" Work\r\n$ OK\r\n");
  server.expect("STATUS Work *").reply("$ NO [NOPERM] no\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ((*listed)[0].status_error->kind(), ErrorKind::permission);
}

TEST_F(ImapSourceTest, M054ATruncatedListIsAnError) {
  server.login("LIST-EXTENDED LIST-STATUS").expect("LIST *").reply("* LIST () \"/\" INBOX\r\n* BYE see you\r\n").cut();
  log_in();
  EXPECT_FALSE(list().has_value());
}

TEST_F(ImapSourceTest, FourHundredStatusesArePipelined) {
  std::string lines;
  for (int i = 0; i < 400; ++i) lines += "* LIST () \"/\" M" + std::to_string(i) + "\r\n";
  server.login().expect("LIST \"\" *").expect("LSUB \"\" *").reply(lines + "$ OK\r\n$ OK\r\n");
  for (int i = 0; i < 400; ++i) server.expect("STATUS M" + std::to_string(i) + " *");
  std::string answers;
  for (int i = 0; i < 400; ++i) {
    answers += "* STATUS M" + std::to_string(i) + " (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n$ OK\r\n";
  }
  server.reply(answers);
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  for (const auto& mailbox : *listed) EXPECT_TRUE(mailbox.status.has_value()) << mailbox.name.display();
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, MaskedExtensionsAreNotAskedFor) {
  settings.disabled = {"OBJECTID", "X-GM-EXT-1"};
  examined(3, "OBJECTID X-GM-EXT-1").expect("UID FETCH 4 (UID FLAGS INTERNALDATE RFC822.SIZE)").reply("$ OK\r\n");
  examine();
  EXPECT_FALSE(source->features().email_ids);
  EXPECT_TRUE(loop.run(source->identities({4}, false, Wait{})).has_value());
}

TEST_F(ImapSourceTest, MailboxIdsWhereTheServerHasThem) {
  server.login("LIST-EXTENDED LIST-STATUS OBJECTID");
  server.expect("LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY MAILBOXID))");
  server.reply(
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7 MAILBOXID (F-1))\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_EQ(listed->at(0).status->mailbox_id, "F-1");
}

// Cyrus 3.6 mixes MAILBOXID up when STATUS asks for another item with it.
TEST_F(ImapSourceTest, ACyrusIsAskedForMailboxIdsApartInTheSameRoundTrip) {
  server.login("LIST-EXTENDED LIST-STATUS OBJECTID X-CREATEDMODSEQ");
  server.expect("LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY))");
  server.expect("LIST \"\" \"*\" RETURN (STATUS (MAILBOXID))");
  server.reply(
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 7)\r\n$ OK\r\n"
      "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MAILBOXID (F-1))\r\n$ OK\r\n");
  log_in();
  const auto listed = list();
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).status->messages, 3u);
  EXPECT_EQ(listed->at(0).status->mailbox_id, "F-1");
}

}  // namespace
}  // namespace postern::daemon
