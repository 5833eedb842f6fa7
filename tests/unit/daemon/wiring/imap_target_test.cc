#include "daemon/wiring/imap_target.h"

#include <deque>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/stable_header.h"
#include "tests/unit/client/fixture.h"

namespace postern::daemon {
namespace {

using Fate = sync::AppendOutcome::Fate;

class Octets final : public sync::OctetSource {
 public:
  explicit Octets(Bytes octets) : octets_(std::move(octets)), size_(octets_.size()) {}
  std::uint64_t size() const override { return size_; }
  Task<Result<Bytes>> next(Wait) override { co_return std::exchange(octets_, {}); }

 private:
  Bytes octets_;
  std::uint64_t size_;
};

/// Gives one piece and then turns out to be damaged.
class Damaged final : public sync::OctetSource {
 public:
  std::uint64_t size() const override { return 9; }
  Task<Result<Bytes>> next(Wait) override {
    if (!std::exchange(begun_, true)) co_return Bytes("four");
    co_return fail(Error(ErrorKind::store, "a chunk is damaged").scope(Scope::message));
  }

 private:
  bool begun_ = false;
};

class ImapTargetTest : public client::ClientTest {
 protected:
  /// Connects as the connector does; the script begins with login() and NAMESPACE or LIST.
  void log_in() {
    ImapTargetConnector connector(dialer, loop, settings);
    auto connected = loop.run(connector.connect(Wait{}));
    ASSERT_TRUE(connected.has_value()) << connected.error().to_string();
    target = std::move(*connected);
  }
  testing::ImapScript& logged_in(const std::string& capabilities = "") {
    return server.login("NAMESPACE" + (capabilities.empty() ? "" : " " + capabilities))
        .expect("NAMESPACE")
        .reply("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n$ OK\r\n");
  }
  testing::ImapScript& selected(const std::string& capabilities = "",
                                const std::string& permanent = "\\Seen \\Flagged \\*") {
    return logged_in(capabilities)
        .expect("SELECT Work")
        .reply("* 2 EXISTS\r\n* FLAGS (\\Seen \\Flagged)\r\n* OK [PERMANENTFLAGS (" + permanent +
               ")] x\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 40] x\r\n$ OK [READ-WRITE] x\r\n");
  }
  void select() {
    log_in();
    const auto opened = loop.run(target->open(work, Wait{}));
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  sync::AppendOutcome append(const std::vector<Bytes>& messages, const FlagSet& flags = {}) {
    std::deque<Octets> octets;
    std::vector<sync::AppendItem> items;
    for (const auto& message : messages) items.push_back({&octets.emplace_back(message), flags, {0, 60}});
    return loop.run(target->append(work, std::move(items), Wait{}));
  }

  MailboxName work = MailboxName::from_wire("Work", '/');
  std::unique_ptr<sync::Target> target;
};

TEST_F(ImapTargetTest, QuotaIsThatOfTheMailboxsRoots) {
  logged_in("QUOTA")
      .expect("GETQUOTAROOT Work")
      .reply(
          "* QUOTA other (STORAGE 1 2)\r\n* QUOTAROOT Work \"\" x\r\n* QUOTA \"\" (STORAGE 10 512 MAILBOX 1 2 "
          "message 3 9)\r\n* QUOTA x ()\r\n$ OK\r\n");
  log_in();
  EXPECT_TRUE(target->features().quota);
  const auto limits = loop.run(target->quota(MailboxName::from_wire("Work", '/'), Wait{}));
  ASSERT_TRUE(limits.has_value());
  ASSERT_EQ(limits->size(), 2u);
  EXPECT_EQ(limits->front().root, "");
  EXPECT_EQ(limits->front().resource, sync::QuotaLimit::Resource::storage);
  EXPECT_EQ(limits->front().used, 10u);
  EXPECT_EQ(limits->front().limit, 512u);
  EXPECT_EQ(limits->back().resource, sync::QuotaLimit::Resource::messages);
  EXPECT_EQ(limits->back().limit, 9u);
}

TEST_F(ImapTargetTest, AQuotaThatIsRefusedIsNotStated) {
  for (const std::string answer : {"NO [NOPERM] not yours", "BAD what"}) {
    logged_in("QUOTA=RES-STORAGE").expect("GETQUOTAROOT Work").reply("$ " + answer + "\r\n");
    log_in();
    EXPECT_TRUE(target->features().quota);
    const auto limits = loop.run(target->quota(MailboxName::from_wire("Work", '/'), Wait{}));
    ASSERT_TRUE(limits.has_value()) << answer;
    EXPECT_TRUE(limits->empty());
    EXPECT_EQ(target->features().quota, answer.starts_with("NO")) << "BAD: it is not asked again";
  }
}

TEST_F(ImapTargetTest, FeaturesFromNamespaceAndCapabilities) {
  server.login("NAMESPACE UIDPLUS MULTIAPPEND APPENDLIMIT=35651584").expect("NAMESPACE");
  server.reply("* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"Shared.\" \".\"))\r\n$ OK\r\n");
  log_in();
  const sync::TargetFeatures features = target->features();
  EXPECT_EQ(features.prefix, "INBOX.");
  EXPECT_EQ(features.delimiter, '.');
  EXPECT_TRUE(features.multiappend);
  EXPECT_EQ(features.append_limit, 35651584U);
}

TEST_F(ImapTargetTest, WithoutNamespaceTheDelimiterComesFromList) {
  server.login().expect("LIST \"\" \"\"").reply("* LIST (\\Noselect) \".\" \"\"\r\n$ OK\r\n");
  log_in();
  EXPECT_EQ(target->features().delimiter, '.');
  EXPECT_EQ(target->features().prefix, "");
}

TEST_F(ImapTargetTest, M075CreatingWhatExistsIsSuccess) {
  logged_in().expect("CREATE Work").reply("$ OK\r\n").expect("CREATE Work").reply("$ NO [ALREADYEXISTS] there\r\n");
  server.expect("CREATE Work").reply("$ NO [CANNOT] reserved\r\n").expect("SUBSCRIBE Work").reply("$ OK\r\n");
  log_in();
  EXPECT_TRUE(loop.run(target->create(work, Wait{})).has_value());
  EXPECT_TRUE(loop.run(target->create(work, Wait{})).has_value());
  const auto refused = loop.run(target->create(work, Wait{}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind(), ErrorKind::permission);
  EXPECT_TRUE(loop.run(target->subscribe(work, Wait{})).has_value());
}

TEST_F(ImapTargetTest, ABadAboutAMailboxIsThatMailboxsAlone) {
  logged_in().expect("CREATE Work").reply("$ BAD odd\r\n").expect("RENAME Work *").reply("$ BAD odd\r\n");
  server.expect("SUBSCRIBE Work").reply("$ BAD odd\r\n");
  log_in();
  EXPECT_EQ(loop.run(target->create(work, Wait{})).error().scope(), Scope::mailbox);
  EXPECT_EQ(loop.run(target->rename(work, *MailboxName::from_utf8("Play", '/'), Wait{})).error().scope(),
            Scope::mailbox);
  EXPECT_EQ(loop.run(target->subscribe(work, Wait{})).error().scope(), Scope::mailbox);
}

TEST_F(ImapTargetTest, OpenStatesWhatSticks) {
  selected("", "\\Seen $Junk");
  log_in();
  const auto opened = loop.run(target->open(work, Wait{}));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->uidvalidity, UidValidity(7));
  EXPECT_EQ(opened->uidnext, 40U);
  EXPECT_EQ(opened->messages, 2U);
  EXPECT_FALSE(opened->read_only);
  EXPECT_FALSE(opened->any_keyword);
  EXPECT_EQ(opened->permanent_flags, (FlagSet{"\\Seen", "$Junk"}));
}

TEST_F(ImapTargetTest, M087ReadOnly) {
  logged_in().expect("SELECT Work").reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$ OK [READ-ONLY] x\r\n");
  log_in();
  EXPECT_TRUE(loop.run(target->open(work, Wait{}))->read_only);
}

TEST_F(ImapTargetTest, MessagesWithTheirIdentity) {
  const std::string header = "Message-ID: <a@b>\r\nSubject: x\r\n\r\n";
  selected().expect("UID FETCH 1:99 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])");
  server.reply(
      "* 1 FETCH (UID 5 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 99 BODY[HEADER] {" +
      std::to_string(header.size()) + "}\r\n" + header + ")\r\n* 2 FETCH (UID 6 FLAGS ())\r\n$ OK\r\n");
  select();
  const auto messages = loop.run(target->messages(UidSet::range(1, 99), Wait{}));
  ASSERT_TRUE(messages.has_value()) << messages.error().to_string();
  ASSERT_EQ(messages->size(), 1U);
  EXPECT_EQ((*messages)[0].uid, Uid(5));
  EXPECT_EQ((*messages)[0].identity.header, Digest(crypto::sha256(mime::stable_header(header))));
  EXPECT_EQ((*messages)[0].identity.size, 99U);
  EXPECT_EQ((*messages)[0].flags, (FlagSet{"\\Seen"}));
}

TEST_F(ImapTargetTest, M068AnEndlessHeaderIsLookedAtUpToTheCap) {
  const std::string header = "Message-ID: <a@b>\r\n" + std::string(400'000, 'x') + "\r\n\r\n";
  selected().expect("UID FETCH 1:9 *");
  server.reply("* 1 FETCH (UID 5 FLAGS () RFC822.SIZE 9 BODY[HEADER] {" + std::to_string(header.size()) + "}\r\n" +
               header + ")\r\n$ OK\r\n");
  select();
  const auto messages = loop.run(target->messages(UidSet::range(1, 9), Wait{}));
  ASSERT_EQ(messages->size(), 1U);
  EXPECT_EQ((*messages)[0].identity.header,
            Digest(crypto::sha256(mime::stable_header(header.substr(0, mime::kHeaderCap)))));
}

TEST_F(ImapTargetTest, DigestsOfWhatIsStillThere) {
  selected().expect("UID FETCH 5:6 (UID BODY.PEEK[])").reply("* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n$ OK\r\n");
  select();
  const auto digests = loop.run(target->digests({5, 6}, Wait{}));
  ASSERT_TRUE(digests.has_value()) << digests.error().to_string();
  ASSERT_EQ(digests->size(), 1U);
  EXPECT_EQ((*digests)[0].uid, Uid(5));
  EXPECT_EQ((*digests)[0].digest.to_hex(), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
}

TEST_F(ImapTargetTest, ACopyByMbsyncIsHashedWithoutItsLineToo) {
  const Bytes original = "From: a\r\n\r\nhello X-TUID: abcDEF012+/z\r\n";
  Bytes copy = original;
  copy.insert(9, "X-TUID: abcDEF012+/z\r\n");
  const auto fetch = [](int uid, const Bytes& body) {
    return "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) + " BODY[] {" +
           std::to_string(body.size()) + "}\r\n" + body + ")\r\n";
  };
  selected()
      .expect("UID FETCH 5:7 (UID BODY.PEEK[])")
      .reply(fetch(5, original) + fetch(6, copy) + "$ NO [SERVERBUG] 7\r\n");
  server.expect("UID FETCH *").reply(fetch(5, original) + fetch(6, copy) + "$ OK\r\n");
  server.expect("UID FETCH *").reply("$ NO [SERVERBUG] 7\r\n");
  select();
  const auto digests = loop.run(target->digests({5, 6, 7}, Wait{}));
  ASSERT_TRUE(digests.has_value()) << digests.error().to_string();
  ASSERT_EQ(digests->size(), 2U) << "what is not handed out is left out";
  EXPECT_FALSE((*digests)[0].without_tuid.has_value());
  EXPECT_EQ((*digests)[1].without_tuid, (*digests)[0].digest);
}

TEST_F(ImapTargetTest, AMailboxMayHaveAnAppendLimitOfItsOwn) {
  logged_in("APPENDLIMIT").expect("STATUS Work (APPENDLIMIT)").reply("* STATUS Work (APPENDLIMIT 500)\r\n$ OK\r\n");
  server.expect("SELECT Work").reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n$ OK [READ-WRITE] .\r\n");
  server.expect("STATUS Work (APPENDLIMIT)").reply("* STATUS Work (APPENDLIMIT NIL)\r\n$ OK\r\n");
  server.expect("SELECT Work").reply("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n$ OK [READ-WRITE] .\r\n");
  server.expect("STATUS Work (APPENDLIMIT)").reply("$ NO no such mailbox\r\n");
  server.expect("SELECT Work").reply("$ NO [NONEXISTENT] no such mailbox\r\n");
  log_in();
  EXPECT_TRUE(loop.run(target->open(work, Wait{})).has_value());
  EXPECT_EQ(target->features().append_limit, 500U);
  EXPECT_TRUE(loop.run(target->open(work, Wait{})).has_value());
  EXPECT_EQ(target->features().append_limit, std::nullopt);
  EXPECT_FALSE(loop.run(target->open(work, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetTest, AppendsWithFlagsDateAndTheUidItGot) {
  selected("LITERAL+ UIDPLUS");
  server.expect("APPEND Work ($Work \\Seen) \"01-Jan-1970 01:00:00 +0100\" {5+}").octets("hello\r\n");
  server.reply("* 3 EXISTS\r\n$ OK [APPENDUID 7 40] done\r\n");
  select();
  const auto outcome = append({"hello"}, {"\\Seen", "$Work", "\\Indexed", "two words"});
  EXPECT_EQ(outcome.fate, Fate::stored) << (outcome.error ? outcome.error->to_string() : "");
  EXPECT_EQ(outcome.uids, (std::vector<Uid>{Uid(40)}));
  EXPECT_EQ(outcome.uidvalidity, UidValidity(7));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetTest, SeveralAreOneMultiappend) {
  selected("LITERAL+ MULTIAPPEND UIDPLUS");
  server.expect("APPEND Work \"01-Jan-1970 01:00:00 +0100\" {3+}");
  server.octets("one \"01-Jan-1970 01:00:00 +0100\" {3+}\r\ntwo\r\n").reply("$ OK [APPENDUID 7 40:41] done\r\n");
  select();
  const auto outcome = append({"one", "two"});
  EXPECT_EQ(outcome.fate, Fate::stored);
  EXPECT_EQ(outcome.uids, (std::vector<Uid>{Uid(40), Uid(41)}));
}

TEST_F(ImapTargetTest, M081WrongAppenduidLeavesTheMessageStoredWithoutUid) {
  selected("LITERAL+ UIDPLUS").expect("APPEND Work *").octets("hello\r\n").reply("$ OK [APPENDUID 8 40] done\r\n");
  server.expect("APPEND Work *").octets("hello\r\n").reply("$ OK [APPENDUID 7 3] done\r\n");
  select();
  for (int i = 0; i < 2; ++i) {
    const auto outcome = append({"hello"});
    EXPECT_EQ(outcome.fate, Fate::stored);
    EXPECT_TRUE(outcome.uids.empty());
  }
}

TEST_F(ImapTargetTest, M037AppenduidForMoreThanWasSentEndsTheConnection) {
  selected("LITERAL+ UIDPLUS").expect("APPEND Work *").octets("hello\r\n").reply("$ OK [APPENDUID 7 41:44] done\r\n");
  select();
  const auto outcome = append({"hello"});
  EXPECT_EQ(outcome.fate, Fate::unknown) << "a server that says this is not believed at all; looking finds out";
  EXPECT_EQ(outcome.error->kind(), ErrorKind::protocol);
}

TEST_F(ImapTargetTest, TrycreateIsNotFound) {
  selected("LITERAL+").expect("APPEND Work *").octets("hello\r\n").reply("$ NO [TRYCREATE] no such mailbox\r\n");
  select();
  const auto outcome = append({"hello"});
  EXPECT_EQ(outcome.fate, Fate::refused);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::not_found);
}

TEST_F(ImapTargetTest, ADamagedMessageIsNotSentAndTheConnectionIsNotToBlame) {
  selected("LITERAL+").expect("APPEND Work *").octets("four");
  select();
  Damaged damaged;
  std::vector<sync::AppendItem> items{{&damaged, {}, {}}};
  const auto outcome = loop.run(target->append(work, std::move(items), Wait{}));
  EXPECT_EQ(outcome.fate, Fate::not_sent);
  EXPECT_EQ(outcome.error->scope(), Scope::message);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::store);
  const auto after = loop.run(target->open(work, Wait{}));
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().kind(), ErrorKind::transient);
}

TEST_F(ImapTargetTest, WithoutMultiappendTheyArePipelinedAndAnswerOneByOne) {
  selected("LITERAL+ UIDPLUS").expect("APPEND Work *").octets("one\r\n").expect("APPEND Work *").octets("two\r\n");
  server.expect("APPEND Work *").octets("three\r\n");
  server.reply("$ OK [APPENDUID 7 40] done\r\n$ NO [CANNOT] no\r\n$ OK [APPENDUID 7 41] done\r\n");
  select();
  std::deque<Octets> octets;
  std::vector<sync::AppendItem> items;
  for (const Bytes message : {"one", "two", "three"}) items.push_back({&octets.emplace_back(message), {}, {}});
  const auto outcomes = loop.run(target->append_each(work, std::move(items), Wait{}));
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0].uids, (std::vector<Uid>{Uid(40)}));
  EXPECT_EQ(outcomes[1].fate, Fate::refused);
  EXPECT_EQ(outcomes[2].uids, (std::vector<Uid>{Uid(41)}));
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetTest, SeveralWithoutMultiappendAreRefusedUnsent) {
  selected("LITERAL+");
  select();
  EXPECT_EQ(append({"a", "b"}).fate, Fate::refused);
}

TEST_F(ImapTargetTest, FlagsAreStoredInOneCommandForASet) {
  selected().expect("UID STORE 1:3,9 +FLAGS.SILENT (\\Flagged \\Seen)").expect("UID STORE 1:3,9 -FLAGS.SILENT ($Old)");
  server.reply("$ OK\r\n$ OK\r\n");
  select();
  const FlagDelta delta{.add = {"\\Seen", "\\Flagged", "\\Indexed"}, .remove = {"$Old"}};
  EXPECT_TRUE(loop.run(target->store_flags({1, 2, 3, 9}, delta, std::nullopt, Wait{})).has_value());
  EXPECT_TRUE(server.played());
}

TEST_F(ImapTargetTest, LongSetsAreCutToLines) {
  UidSet uids;
  for (std::uint32_t uid = 1; uid < 8'000; uid += 2) uids.add(Uid(uid));
  selected();
  for (int i = 0; i < 3; ++i) server.expect("UID STORE *");
  server.reply("$ OK\r\n$ OK\r\n$ OK\r\n");
  select();
  EXPECT_TRUE(loop.run(target->store_flags(uids, {.add = {"\\Seen"}, .remove = {}}, std::nullopt, Wait{})).has_value());
  EXPECT_TRUE(server.played());
  for (const auto& command : server.heard()) EXPECT_LT(command.size(), 8'192U);
}

TEST_F(ImapTargetTest, NothingToStoreSaysNothing) {
  selected();
  select();
  EXPECT_TRUE(
      loop.run(target->store_flags({1}, {.add = {"\\Indexed"}, .remove = {}}, std::nullopt, Wait{})).has_value());
  EXPECT_EQ(server.heard().back(), "SELECT Work");
}

}  // namespace
}  // namespace postern::daemon
