#include "core/crypto/sha256.h"
#include "core/protocol/mime/stable_header.h"
#include "tests/unit/daemon/wiring/imap_source_fixture.h"

namespace postern::daemon {
namespace {

TEST_F(ImapSourceTest, UidsBySearch) {
  examined().expect("UID SEARCH ALL").reply("* SEARCH 5 3 9\r\n$ OK\r\n");
  examine();
  EXPECT_EQ(loop.run(source->uids(Wait{}))->to_string(), "3,5,9");
}

TEST_F(ImapSourceTest, UidsByEsearch) {
  examined(3, "ESEARCH").expect("UID SEARCH RETURN (ALL) ALL");
  server.reply("* ESEARCH UID ALL 3:5\r\n$ OK\r\n");
  examine();
  EXPECT_EQ(loop.run(source->uids(Wait{}))->to_string(), "3:5");
}

TEST_F(ImapSourceTest, M037AListOfFourBillionIsNotBelieved) {
  examined(3, "ESEARCH").expect("UID SEARCH *").reply("* ESEARCH UID ALL 1:4294967295\r\n$ OK\r\n");
  examine();
  const auto uids = loop.run(source->uids(Wait{}));
  ASSERT_FALSE(uids.has_value());
  EXPECT_EQ(uids.error().kind(), ErrorKind::protocol);
}

TEST_F(ImapSourceTest, FlagsOfARangeLeaveOutWhatIsBelowIt) {
  examined().expect("UID FETCH 50:4294967295 (UID FLAGS)");
  server.reply(
      "* 3 FETCH (UID 40 FLAGS (\\Seen))\r\n* 4 FETCH (UID 60 FLAGS ($Work))\r\n* 4 FETCH (FLAGS ())\r\n$ OK\r\n");
  examine();
  const auto flags = loop.run(source->flags({50, 4294967295U}, ModSeq(9), Wait{}));
  ASSERT_TRUE(flags.has_value());
  ASSERT_EQ(flags->size(), 1U);
  EXPECT_EQ((*flags)[0].uid, Uid(60));
}

TEST_F(ImapSourceTest, ChangedSinceWithCondstore) {
  examined(3, "CONDSTORE").expect("UID FETCH 1:9 (UID FLAGS MODSEQ) (CHANGEDSINCE 44)");
  server.reply("* 3 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (50))\r\n$ OK\r\n");
  examine();
  const auto flags = loop.run(source->flags({1, 9}, ModSeq(44), Wait{}));
  ASSERT_TRUE(flags.has_value()) << flags.error().to_string();
  EXPECT_EQ((*flags)[0].modseq, ModSeq(50));
}

TEST_F(ImapSourceTest, IdentitiesWithoutBodies) {
  examined(3, "CONDSTORE OBJECTID");
  server.expect("UID FETCH 4:9 (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ EMAILID)");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812 MODSEQ (50) EMAILID "
      "(M-1_a))\r\n"
      "* 2 FETCH (UID 5 FLAGS ())\r\n"  // changed by another client meanwhile: no answer to what was asked
      "* 3 FETCH (UID 44 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 1 MODSEQ (1) EMAILID (x))\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:26 -0700\" RFC822.SIZE 813 MODSEQ (51) EMAILID "
      "(M-2))\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:26 -0700\" RFC822.SIZE 99 MODSEQ (51) EMAILID "
      "(M-3))\r\n$ OK\r\n");
  examine();
  EXPECT_TRUE(source->features().email_ids);
  const auto listed = loop.run(source->identities({4, 5, 6, 7, 8, 9}, false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].uid, Uid(4));
  EXPECT_EQ((*listed)[0].flags, (FlagSet{"\\Seen"}));
  EXPECT_EQ((*listed)[0].internaldate, (InternalDate{837'596'665, -420}));
  EXPECT_EQ((*listed)[0].modseq, ModSeq(50));
  EXPECT_EQ((*listed)[0].stated_size, 812U);
  EXPECT_EQ((*listed)[0].email_id, "M-1_a");
  EXPECT_FALSE((*listed)[0].header.has_value());
  EXPECT_EQ((*listed)[1].email_id, "M-2");
}

TEST_F(ImapSourceTest, IdentitiesWithTheDigestOfTheStableHeader) {
  const std::string header = "Subject: hi\r\nFrom: a\r\n\r\n";
  examined(3, "X-GM-EXT-1");
  server.expect(
      "UID FETCH 4:5 (UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID BODY.PEEK[HEADER.FIELDS (Message-ID Date From To "
      "Cc "
      "Subject)])");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812 X-GM-MSGID "
      "1278455344230334865 "
      "BODY[HEADER.FIELDS (\"MESSAGE-ID\" \"DATE\" FROM TO CC SUBJECT)] {" +
      std::to_string(header.size()) + "}\r\n" + header +
      ")\r\n* 2 FETCH (UID 5 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 3 BODY[HEADER.FIELDS "
      "(X)] "
      "NIL)\r\n$ OK\r\n");
  examine();
  EXPECT_TRUE(source->features().email_ids);
  const auto listed = loop.run(source->identities({4, 5}, true, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].email_id, "gm:1278455344230334865");
  EXPECT_EQ((*listed)[0].header,
            Digest(crypto::sha256(mime::stable_header("From: a\r\nX-Other: b\r\nSubject:  hi\r\n\r\nbody"))));
}

TEST_F(ImapSourceTest, AMessageWithoutAStatedDateIsLeftToItsBody) {
  examined(3).expect("UID FETCH 4:6 *");
  server.reply(
      "* 1 FETCH (UID 4 FLAGS () RFC822.SIZE 812)\r\n"
      "* 2 FETCH (UID 5 FLAGS () INTERNALDATE \" 1-Jan-1970 00:00:00 +0000\" RFC822.SIZE 812)\r\n"
      "* 3 FETCH (UID 6 FLAGS () INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 812)\r\n$ OK\r\n");
  examine();
  const auto listed = loop.run(source->identities({4, 5, 6}, false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ((*listed)[0].uid, Uid(6));
}

TEST_F(ImapSourceTest, IdentitiesOfManyAreAskedInPartsInOneGo) {
  examined(3).expect("UID FETCH 1:1000 *").expect("UID FETCH 1001:2000 *").expect("UID FETCH 2001:2500 *");
  server.reply("$ OK\r\n$ OK\r\n$ OK\r\n");
  examine();
  const auto listed = loop.run(source->identities(UidSet::range(1, 2'500), false, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_TRUE(listed->empty());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapSourceTest, ARefusalOfIdentitiesIsSaid) {
  examined(3).expect("UID FETCH 4 *").reply("$ NO not now\r\n");
  examine();
  EXPECT_FALSE(loop.run(source->identities({4}, false, Wait{})).has_value());
}

}  // namespace
}  // namespace postern::daemon
