#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/dovecot/dovecot.h"
#include "tests/support/mail/generator.h"
#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string as_uploaded(const std::vector<GeneratedMailbox>& account, const AccountContent& actual) {
  AccountContent wanted;
  for (const GeneratedMailbox& box : account) {
    auto& messages = wanted[box.name];
    for (const GeneratedMail& m : box.messages) {
      messages.insert({sha256_hex(m.octets), {m.flags.begin(), m.flags.end()}, m.unix_seconds});
    }
  }
  return difference(wanted, actual);
}

class DovecotFixtureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
  }
};

TEST_F(DovecotFixtureTest, KeepsEveryGeneratedMailAsItWasUploaded) {
  Dovecot server;
  PlainImap user = server.login();
  const auto account = varied_account(1, 120);
  for (const GeneratedMailbox& box : account) {
    if (box.name != "INBOX") user.create(box.name);
    for (const GeneratedMail& m : box.messages) EXPECT_GT(user.append(box.name, m.octets, m.flags, m.date_time()), 0u);
  }
  EXPECT_EQ(as_uploaded(account, contents(user.state())), "");
}

TEST_F(DovecotFixtureTest, ServesAPreparedMaildirAsIfItHadBeenUploaded) {
  Dovecot server;
  const auto account = varied_account(2, 200);
  MaildirWriter maildir = server.maildir();
  for (const GeneratedMailbox& box : account) {
    maildir.create(box.name);
    for (const GeneratedMail& m : box.messages) maildir.add(box.name, m);
  }
  maildir.finish();
  EXPECT_EQ(as_uploaded(account, contents(server.login().state())), "");
}

TEST_F(DovecotFixtureTest, ActsAsTheUserAtTheServer) {
  Dovecot server;
  PlainImap user = server.login();
  user.append_all(
      "INBOX",
      {{.octets = "A: 1\r\n\r\n"}, {.octets = "A: 2\r\n\r\n"}, {.octets = "A: 3\r\n\r\n", .flags = {"\\Flagged"}}});
  user.create("Größe/unten");
  user.subscribe("Größe/unten");
  user.store("INBOX", "1", "+FLAGS", {"\\Seen", "$Work"});
  user.move("INBOX", "2", "Größe/unten");
  user.expunge("INBOX", "3");
  user.rename("Größe/unten", "oben");
  const ServerState state = user.state();
  ASSERT_EQ(state.size(), 2u);
  ASSERT_EQ(state.at("INBOX").messages.size(), 1u);
  EXPECT_EQ(state.at("INBOX").messages[0].flags, (std::set<std::string>{"$Work", "\\Seen"}));
  ASSERT_EQ(state.at("oben").messages.size(), 1u);
  EXPECT_EQ(state.at("oben").messages[0].sha256, sha256_hex("A: 2\r\n\r\n"));
  EXPECT_EQ(user.fetch("oben", state.at("oben").messages[0].uid), "A: 2\r\n\r\n");
  EXPECT_THAT(user.subscriptions(), ElementsAre("Größe/unten"));
}

TEST_F(DovecotFixtureTest, SpeaksTlsBothWaysWithACertificateFromItsAuthority) {
  Dovecot server;
  server.login("alice", PlainTls::implicit).append("INBOX", "A: 1\r\n\r\nover TLS\r\n");
  const auto seen = server.login("alice", PlainTls::starttls).drain("INBOX");
  EXPECT_EQ(seen.messages, 1u);
  EXPECT_EQ(seen.octets, 18u);
  const std::string port = std::to_string(server.imaps_port());
  const Finished verified =
      run_process({.argv = {"openssl", "s_client", "-connect", "127.0.0.1:" + port, "-CAfile",
                            server.ca_file().string(), "-verify_hostname", "localhost", "-verify_return_error"}});
  EXPECT_THAT(verified.out, HasSubstr("Verify return code: 0 (ok)"));
}

TEST_F(DovecotFixtureTest, HidesCapabilitiesAndHoldsQuotas) {
  Dovecot server({.without = {"QRESYNC", "MULTIAPPEND"}, .quota_octets = 10'000});
  PlainImap user = server.login();
  std::string capabilities;
  user.command("CAPABILITY", [&](const std::string& response) { capabilities += response; });
  EXPECT_THAT(capabilities, HasSubstr(" CONDSTORE"));
  EXPECT_THAT(capabilities, ::testing::Not(HasSubstr("QRESYNC")));
  EXPECT_THAT(capabilities, ::testing::Not(HasSubstr("MULTIAPPEND")));
  EXPECT_THAT([&] { user.append("INBOX", std::string(20'000, 'x')); },
              ::testing::ThrowsMessage<std::runtime_error>(HasSubstr("[OVERQUOTA]")));
}

TEST_F(DovecotFixtureTest, ChangesUidValidityAndComesBackAfterAStop) {
  Dovecot server({.users = {"alice", "bob"}});
  PlainImap user = server.login("bob");
  user.create("Archive");
  user.append("Archive", "A: 1\r\n\r\n");
  const auto before = user.state("Archive");
  server.stop();
  server.start();
  EXPECT_EQ(server.login("bob").state("Archive").uidvalidity, before.uidvalidity);
  server.change_uidvalidity("bob", "Archive", before.uidvalidity + 10);
  const auto after = server.login("bob").state("Archive");
  EXPECT_EQ(after.uidvalidity, before.uidvalidity + 10);
  EXPECT_EQ(contents(after), contents(before));
  EXPECT_TRUE(server.login("alice").state("INBOX").messages.empty());
}

TEST_F(DovecotFixtureTest, TheOracleInPythonSeesWhatThePlainClientSees) {
  Dovecot server;
  PlainImap user = server.login();
  MaildirWriter maildir = server.maildir("alice");
  for (const GeneratedMailbox& box : varied_account(4, 90)) {
    maildir.create(box.name);
    for (const GeneratedMail& m : box.messages) maildir.add(box.name, m);
  }
  maildir.finish();
  TempDir folder;
  write_file(folder / "password", std::string(Dovecot::kPassword) + "\n");
  const Finished oracle = run_process(
      {.argv = {"python3", POSTERN_SOURCE_DIR "/tests/support/oracle/imap_oracle.py", "--port",
                std::to_string(server.imaps_port()), "--tls", "implicit", "--ca", server.ca_file().string(), "--host",
                "localhost", "--user", "alice", "--password-file", (folder / "password").string()}});
  ASSERT_EQ(oracle.status, ExitStatus{}) << oracle.err;
  std::multiset<std::string> wanted, seen;
  for (const auto& [name, mailbox] : user.state()) {
    for (const StoredMessage& m : mailbox.messages) {
      wanted.insert(name + " " + std::to_string(mailbox.uidvalidity) + " " + std::to_string(m.uid) + " " + m.sha256 +
                    " " + std::to_string(m.size) + " " + ::testing::PrintToString(m.flags));
    }
  }
  std::istringstream lines(oracle.out);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json entry = nlohmann::json::parse(line);
    const std::set<std::string> flags(entry.at("flags").begin(), entry.at("flags").end());
    seen.insert(entry.at("mailbox").get<std::string>() + " " + entry.at("uidvalidity").dump() + " " +
                entry.at("uid").dump() + " " + entry.at("digest").get<std::string>() + " " + entry.at("size").dump() +
                " " + ::testing::PrintToString(flags));
  }
  EXPECT_EQ(seen, wanted);
}

TEST(ChildProcessTest, CollectsOutputStatusAndSignals) {
  const Finished echoed =
      run_process({.argv = {"sh", "-c", "cat; echo $WORD >&2; exit 7"}, .env = {{"WORD", "err"}}, .input = "in"});
  EXPECT_EQ(echoed.status, (ExitStatus{7, 0}));
  EXPECT_EQ(echoed.out, "in");
  EXPECT_EQ(echoed.err, "err\n");
  ChildProcess sleeper({.argv = {"sh", "-c", "echo ready; exec sleep 100"}});
  EXPECT_TRUE(sleeper.wait_for_output("ready", std::chrono::seconds(20)));
  EXPECT_TRUE(sleeper.running());
  sleeper.send_signal(SIGTERM);
  EXPECT_EQ(sleeper.wait(std::chrono::seconds(20)), (ExitStatus{0, SIGTERM}));
  EXPECT_THROW(run_process({.argv = {"/no/such/program"}}), std::system_error);
}

TEST(ImapNamesTest, ModifiedUtf7) {
  for (const auto& [utf8, wire] :
       std::initializer_list<std::pair<const char*, const char*>>{{"Entwürfe", "Entw&APw-rfe"},
                                                                  {"R&D", "R&-D"},
                                                                  {"日本語", "&ZeVnLIqe-"},
                                                                  {"🎉", "&2DzfiQ-"},
                                                                  {"a b", "a b"}}) {
    EXPECT_EQ(to_wire_name(utf8), wire);
    EXPECT_EQ(from_wire_name(wire), utf8);
  }
  EXPECT_EQ(imap_date_time(0, -210), "31-Dec-1969 20:30:00 -0330");
  EXPECT_EQ(parse_imap_date_time("31-Dec-1969 20:30:00 -0330"), 0);
  EXPECT_EQ(parse_imap_date_time(" 1-Jan-1970 01:00:00 +0100"), 0);
}

}  // namespace
}  // namespace postern::testing
