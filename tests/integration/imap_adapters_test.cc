// The IMAP source and target against a real Dovecot, over TLS and real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "core/crypto/sha256.h"
#include "core/io/loop.h"
#include "core/io/net_dialer.h"
#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/imap_source.h"
#include "daemon/wiring/imap_target.h"
#include "tests/support/dovecot/dovecot.h"
#include "tests/support/mail/generator.h"
#include "tests/unit/daemon/wiring/recording_sink.h"

namespace postern::daemon {
namespace {

using testing::AccountContent;
using testing::Dovecot;
using testing::DovecotOptions;
using testing::GeneratedMail;

std::string slashed(const MailboxName& name) {
  std::string path;
  for (const auto& component : name.components()) path += (path.empty() ? "" : "/") + component;
  return path;
}

class Octets final : public sync::OctetSource {
 public:
  explicit Octets(ByteView octets) : octets_(octets) {}
  std::uint64_t size() const override { return octets_.size(); }
  Task<Result<Bytes>> next(Wait) override { co_return std::exchange(given_, true) ? Bytes() : Bytes(octets_); }

 private:
  ByteView octets_;
  bool given_ = false;
};

class ImapAdaptersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
  }
  void start(DovecotOptions options = {}) { server = std::make_unique<Dovecot>(std::move(options)); }
  client::ImapSettings settings(TlsMode tls = TlsMode::implicit) const {
    client::ImapSettings settings;
    settings.endpoint = {.host = "localhost",
                         .port = tls == TlsMode::implicit ? server->imaps_port() : server->imap_port(),
                         .tls = tls,
                         .ca_file = server->ca_file().string()};
    settings.user = "alice";
    settings.password = client::fixed_password(Secret(Dovecot::kPassword));
    return settings;
  }
  std::unique_ptr<sync::Source> source(TlsMode tls = TlsMode::implicit) {
    ImapSourceConnector connector(dialer, loop, settings(tls));
    auto connected = loop.run(connector.connect(Wait{}));
    EXPECT_TRUE(connected.has_value()) << connected.error().to_string();
    return std::move(*connected);
  }
  std::unique_ptr<sync::Target> target() {
    ImapTargetConnector connector(dialer, loop, settings());
    auto connected = loop.run(connector.connect(Wait{}));
    EXPECT_TRUE(connected.has_value()) << connected.error().to_string();
    return std::move(*connected);
  }
  /// Everything that the source gives.
  AccountContent pull(sync::Source& from) {
    AccountContent content;
    const auto listed = loop.run(from.list(Wait{}));
    EXPECT_TRUE(listed.has_value()) << listed.error().to_string();
    for (const auto& mailbox : *listed) {
      if (!mailbox.selectable) continue;
      EXPECT_TRUE(mailbox.status.has_value()) << mailbox.name.display();
      const auto opened = loop.run(from.open(mailbox.name, std::nullopt, {}, Wait{}));
      EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
      EXPECT_EQ(opened->status.uidvalidity, mailbox.status->uidvalidity);
      auto uids = loop.run(from.uids(Wait{}));
      EXPECT_TRUE(uids.has_value()) << uids.error().to_string();
      EXPECT_EQ(uids->size(), mailbox.status->messages);
      RecordingSink sink;
      const auto fetched = loop.run(from.fetch(*uids, sink, Wait{}));
      EXPECT_TRUE(fetched.has_value()) << fetched.error().to_string();
      EXPECT_TRUE(fetched->refused.empty());
      auto& messages = content[slashed(mailbox.name)];
      for (const auto& [uid, message] : sink.messages) {
        messages.insert({testing::sha256_hex(message.octets),
                         {message.arrived.flags.begin(), message.arrived.flags.end()},
                         message.arrived.internaldate.unix_seconds});
      }
    }
    loop.run(from.close());
    return content;
  }

  Loop loop;
  DnsResolver resolver{loop};
  TlsSessionCache sessions;
  NetDialer dialer{loop, resolver, sessions};
  std::unique_ptr<Dovecot> server;
};

AccountContent upload(Dovecot& server, std::uint64_t seed, std::size_t messages) {
  AccountContent wanted;
  auto maildir = server.maildir();
  for (const auto& box : testing::varied_account(seed, messages)) {
    maildir.create(box.name);
    auto& content = wanted[box.name];
    for (const GeneratedMail& mail : box.messages) {
      maildir.add(box.name, mail);
      content.insert({testing::sha256_hex(mail.octets), {mail.flags.begin(), mail.flags.end()}, mail.unix_seconds});
    }
  }
  maildir.finish();
  return wanted;
}

TEST_F(ImapAdaptersTest, TheSourceGivesEverythingAsItWasUploaded) {
  start();
  const AccountContent wanted = upload(*server, 11, 700);
  auto from = source();
  EXPECT_TRUE(from->features().list_status);
  EXPECT_EQ(testing::difference(wanted, pull(*from)), "");
  EXPECT_TRUE(from->features().qresync);  // ENABLE travels with the first listing
}

TEST_F(ImapAdaptersTest, AServerWithoutExtensionsGivesTheSame) {
  start({.without = {"QRESYNC", "CONDSTORE", "LIST-EXTENDED", "LIST-STATUS", "ESEARCH", "SASL-IR", "ENABLE", "ID"}});
  const AccountContent wanted = upload(*server, 12, 300);
  auto from = source(TlsMode::starttls);
  EXPECT_FALSE(from->features().list_status);
  EXPECT_FALSE(from->features().condstore);
  EXPECT_EQ(testing::difference(wanted, pull(*from)), "");
}

TEST_F(ImapAdaptersTest, AWrongPasswordIsSaidSo) {
  start();
  client::ImapSettings wrong = settings();
  wrong.password = client::fixed_password(Secret("guess"));
  wrong.password_origin = "password_file /run/secrets/alice";
  ImapSourceConnector connector(dialer, loop, wrong);
  const auto connected = loop.run(connector.connect(Wait{}));
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::auth);
  EXPECT_THAT(connected.error().to_string(), ::testing::HasSubstr("check the user name and password_file"));
}

TEST_F(ImapAdaptersTest, AnUntrustedCertificateGetsNoPassword) {
  start();
  client::ImapSettings strict = settings();
  strict.endpoint.ca_file.clear();
  ImapSourceConnector connector(dialer, loop, strict);
  const auto connected = loop.run(connector.connect(Wait{}));
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
}

TEST_F(ImapAdaptersTest, QresyncTellsWhatChangedAndWhatVanished) {
  start();
  auto user = server->login();
  for (int i = 0; i < 5; ++i) user.append("INBOX", "Subject: " + std::to_string(i) + "\r\n\r\nx\r\n");
  auto from = source();
  const auto inbox = MailboxName::from_wire("INBOX", '/');
  const auto first = loop.run(from->open(inbox, std::nullopt, {}, Wait{}));
  ASSERT_TRUE(first.has_value()) << first.error().to_string();
  SourceCursor cursor;
  cursor.uidvalidity = first->status.uidvalidity;
  cursor.highestmodseq = first->status.highestmodseq;
  loop.run(from->close());

  user.store("INBOX", "2", "+FLAGS", {"\\Flagged", "$Work"});
  user.expunge("INBOX", "4");
  from = source();
  ASSERT_TRUE(loop.run(from->list(Wait{})).has_value());  // ENABLE travels with it
  const auto second = loop.run(from->open(inbox, cursor, UidSet::range(1, 5), Wait{}));
  ASSERT_TRUE(second.has_value()) << second.error().to_string();
  ASSERT_TRUE(second->changes.has_value());
  EXPECT_EQ(second->changes->vanished.to_string(), "4");
  ASSERT_EQ(second->changes->changed.size(), 1U);
  EXPECT_EQ(second->changes->changed[0].uid, Uid(2));
  EXPECT_EQ(second->changes->changed[0].flags, (FlagSet{"\\Flagged", "$Work"}));

  const auto flags = loop.run(from->flags({1, 5}, cursor.highestmodseq, Wait{}));
  ASSERT_TRUE(flags.has_value());
  EXPECT_EQ(flags->size(), 1U);
  loop.run(from->close());
}

TEST_F(ImapAdaptersTest, AMailboxThatIsGoneFailsAloneAndKeepsTheConnection) {
  start();
  auto from = source();
  const auto gone = loop.run(from->open(MailboxName::from_wire("Nowhere", '/'), std::nullopt, {}, Wait{}));
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().scope(), Scope::mailbox);
  EXPECT_TRUE(loop.run(from->open(MailboxName::from_wire("INBOX", '/'), std::nullopt, {}, Wait{})).has_value());
  loop.run(from->close());
}

class ImapTargetOnDovecotTest : public ImapAdaptersTest {
 protected:
  sync::AppendOutcome append(sync::Target& to, const MailboxName& name, const std::vector<GeneratedMail>& mails) {
    std::deque<Octets> octets;
    std::vector<sync::AppendItem> items;
    for (const auto& mail : mails) {
      FlagSet flags;
      for (const auto& flag : mail.flags) flags.insert(flag);
      items.push_back({&octets.emplace_back(mail.octets),
                       flags,
                       {mail.unix_seconds, static_cast<std::int16_t>(mail.zone_minutes)}});
    }
    return loop.run(to.append(name, std::move(items), Wait{}));
  }
  static std::vector<GeneratedMail> some_mail(std::size_t count) {
    testing::MailGenerator generator(5);
    std::vector<GeneratedMail> mails;
    while (mails.size() < count) mails.push_back(generator.next());
    return mails;
  }
};

TEST_F(ImapTargetOnDovecotTest, WhatIsAppendedIsThereUnderTheUidsItSaid) {
  start();
  auto to = target();
  ASSERT_TRUE(to->features().multiappend);
  const auto work = MailboxName::from_utf8("Arbeit für uns", to->features().delimiter);
  ASSERT_TRUE(work.has_value());
  ASSERT_TRUE(loop.run(to->create(*work, Wait{})).has_value());
  ASSERT_TRUE(loop.run(to->create(*work, Wait{})).has_value()) << "it exists already";
  ASSERT_TRUE(loop.run(to->subscribe(*work, Wait{})).has_value());
  const auto opened = loop.run(to->open(*work, Wait{}));
  ASSERT_TRUE(opened.has_value()) << opened.error().to_string();

  const auto mails = some_mail(60);
  const auto outcome = append(*to, *work, mails);
  ASSERT_EQ(outcome.fate, sync::AppendOutcome::Fate::stored) << (outcome.error ? outcome.error->to_string() : "");
  ASSERT_EQ(outcome.uids.size(), mails.size());
  EXPECT_EQ(outcome.uidvalidity, opened->uidvalidity);

  const auto messages = loop.run(to->messages(UidSet::range(1, 4294967295U), Wait{}));
  ASSERT_TRUE(messages.has_value()) << messages.error().to_string();
  ASSERT_EQ(messages->size(), mails.size());
  const auto digests = loop.run(to->digests(UidSet::range(1, 60), Wait{}));
  ASSERT_TRUE(digests.has_value()) << digests.error().to_string();
  ASSERT_EQ(digests->size(), mails.size());
  for (std::size_t i = 0; i < mails.size(); ++i) {
    EXPECT_EQ((*messages)[i].uid, outcome.uids[i]);
    EXPECT_EQ((*messages)[i].identity.header, Digest(crypto::sha256(mime::stable_header(mails[i].octets)))) << i;
    EXPECT_EQ((*messages)[i].identity.size, mails[i].octets.size());
    EXPECT_EQ((*messages)[i].internaldate.unix_seconds, mails[i].unix_seconds);
    EXPECT_EQ((*digests)[i].digest, Digest(crypto::sha256(mails[i].octets))) << i;
  }
  loop.run(to->close());
  AccountContent wanted;
  for (const auto& mail : mails) {
    wanted["x"].insert({testing::sha256_hex(mail.octets), {mail.flags.begin(), mail.flags.end()}, mail.unix_seconds});
  }
  const AccountContent actual{{"x", contents(server->login().state("Arbeit für uns"))}};
  EXPECT_EQ(testing::difference(wanted, actual), "");
}

TEST_F(ImapTargetOnDovecotTest, WithoutExtensionsMessagesGoOneByOneAndWithoutUids) {
  start({.without = {"MULTIAPPEND", "UIDPLUS", "LITERAL+", "NAMESPACE"}});
  auto to = target();
  const auto inbox = MailboxName::from_wire("INBOX", '/');
  ASSERT_TRUE(loop.run(to->open(inbox, Wait{})).has_value());
  for (const auto& mail : some_mail(15)) {
    const auto outcome = append(*to, inbox, {mail});
    EXPECT_EQ(outcome.fate, sync::AppendOutcome::Fate::stored) << (outcome.error ? outcome.error->to_string() : "");
  }
  loop.run(to->close());
  EXPECT_EQ(server->login().state("INBOX").messages.size(), 15U);
}

TEST_F(ImapTargetOnDovecotTest, RefusalsSayWhy) {
  start({.quota_octets = 10'000});
  auto to = target();
  const GeneratedMail small{.octets = "Subject: x\r\n\r\nx\r\n"};
  const GeneratedMail large{.octets = "Subject: x\r\n\r\n" + std::string(50'000, 'x') + "\r\n"};
  const auto nowhere = append(*to, MailboxName::from_wire("Nowhere", '/'), {small});
  EXPECT_EQ(nowhere.fate, sync::AppendOutcome::Fate::refused);
  ASSERT_TRUE(nowhere.error.has_value());
  EXPECT_EQ(nowhere.error->kind(), ErrorKind::not_found) << nowhere.error->to_string();
  const auto full = append(*to, MailboxName::from_wire("INBOX", '/'), {large});
  EXPECT_EQ(full.fate, sync::AppendOutcome::Fate::refused);
  ASSERT_TRUE(full.error.has_value());
  EXPECT_EQ(full.error->kind(), ErrorKind::quota) << full.error->to_string();
  EXPECT_EQ(append(*to, MailboxName::from_wire("INBOX", '/'), {small}).fate, sync::AppendOutcome::Fate::stored);
  loop.run(to->close());
}

TEST_F(ImapTargetOnDovecotTest, FlagsAreStored) {
  start();
  auto user = server->login();
  for (int i = 0; i < 4; ++i)
    user.append("INBOX", "Subject: " + std::to_string(i) + "\r\n\r\nx\r\n", {"\\Seen", "$Old"});
  auto to = target();
  ASSERT_TRUE(loop.run(to->open(MailboxName::from_wire("INBOX", '/'), Wait{})).has_value());
  const FlagDelta delta{.add = {"\\Flagged", "$Work"}, .remove = {"\\Seen", "$Old"}};
  ASSERT_TRUE(loop.run(to->store_flags({1, 3}, delta, std::nullopt, Wait{})).has_value());
  loop.run(to->close());
  const auto messages = user.state("INBOX").messages;
  EXPECT_EQ(messages[0].flags, (std::set<std::string>{"\\Flagged", "$Work"}));
  EXPECT_EQ(messages[1].flags, (std::set<std::string>{"\\Seen", "$Old"}));
}

TEST_F(ImapTargetOnDovecotTest, FlagsThatAPersonChangedMeanwhileAreNamed) {
  start();
  auto user = server->login();
  for (int i = 0; i < 4; ++i) user.append("INBOX", "Subject: " + std::to_string(i) + "\r\n\r\nx\r\n", {"$Old"});
  auto to = target();
  const auto opened = loop.run(to->open(MailboxName::from_wire("INBOX", '/'), Wait{}));
  ASSERT_TRUE(opened.has_value());
  ASSERT_NE(opened->highestmodseq, ModSeq(0));
  user.command("SELECT INBOX");
  user.command("UID STORE 3 +FLAGS (\\Flagged)");
  const FlagDelta delta{.add = {"\\Seen"}, .remove = {"$Old"}};
  const auto stored = loop.run(to->store_flags({1, 2, 3, 4}, delta, opened->highestmodseq, Wait{}));
  ASSERT_TRUE(stored.has_value()) << stored.error().to_string();
  EXPECT_EQ(stored->modified, (UidSet{3}));
  const auto changed = loop.run(to->flags({1, 2, 3, 4}, opened->highestmodseq, Wait{}));
  ASSERT_TRUE(changed.has_value()) << changed.error().to_string();
  ASSERT_EQ(changed->size(), 4U);
  EXPECT_EQ((*changed)[0].flags, (FlagSet{"\\Seen"}));
  EXPECT_EQ((*changed)[2].flags, (FlagSet{"\\Flagged", "$Old"}));
  loop.run(to->close());
}

TEST_F(ImapTargetOnDovecotTest, AServerThatStopsInTheMiddleIsTransient) {
  start();
  auto to = target();
  ASSERT_TRUE(loop.run(to->open(MailboxName::from_wire("INBOX", '/'), Wait{})).has_value());
  server->stop();
  const auto outcome = append(*to, MailboxName::from_wire("INBOX", '/'), some_mail(1));
  EXPECT_TRUE(outcome.fate == sync::AppendOutcome::Fate::unknown ||
              outcome.fate == sync::AppendOutcome::Fate::not_sent);
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->kind(), ErrorKind::transient) << outcome.error->to_string();
}

}  // namespace
}  // namespace postern::daemon
