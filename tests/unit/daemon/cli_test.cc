// The binary from the outside: words in, octets and exit statuses out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "daemon/cli/moment.h"
#include "storage/families.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"
#include "tests/unit/daemon/filled_vault.h"

namespace postern::daemon {
namespace {

using nlohmann::json;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliTest : public ::testing::Test {
 protected:
  CliTest() { write_config(kAlice); }

  void write_config(const std::string& accounts, const std::string& more = "") {
    testing::write_file(folder / "postern.yaml", "vault: {path: vault}\n" + more + "accounts:\n" + accounts);
  }

  Finished run(std::vector<std::string> words) {
    std::vector<std::string> argv = {POSTERN_BINARY, "-c", (folder / "postern.yaml").string()};
    argv.insert(argv.end(), words.begin(), words.end());
    return testing::run_process({.argv = argv});
  }

  std::vector<json> lines(const std::string& text) {
    std::vector<json> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) all.push_back(json::parse(line));
    return all;
  }

  static constexpr const char* kAlice =
      "  - {name: alice, source: {host: 127.0.0.1, port: 1, tls: none, user: a, password_env: POSTERN_NO_SUCH}}\n";
  testing::TempDir folder;
};

TEST_F(CliTest, VersionAndHelpGoToStdout) {
  const Finished version = run({"--version"});
  EXPECT_EQ(version.status.code, 0);
  EXPECT_THAT(version.out, StartsWith("postern " POSTERN_VERSION));
  EXPECT_EQ(version.err, "");
  EXPECT_THAT(run({"sync", "--help"}).out, HasSubstr("postern sync alice bob"));
}

TEST_F(CliTest, BadUsageIsStatusTwoAndSaysNothingOnStdout) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{}, {"synk"}, {"ls"}, {"sync", "bob"}, {"cat", "alice", "xyz"}}) {
    const Finished bad = run(words);
    EXPECT_EQ(bad.status.code, 2) << bad.err;
    EXPECT_EQ(bad.out, "");
    EXPECT_THAT(bad.err, StartsWith("postern: "));
  }
  EXPECT_THAT(run({"sync", "alic"}).err, HasSubstr("did you mean 'alice'?"));
}

TEST_F(CliTest, ConfigCheckSaysEveryMistakeWithItsPlace) {
  EXPECT_EQ(run({"config", "check"}).status.code, 0);
  testing::write_file(folder / "postern.yaml", "vault: {pth: x}\nacounts: []\n");
  const Finished bad = run({"config", "check"});
  EXPECT_EQ(bad.status.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("postern.yaml:1:9: vault: unknown key 'pth'; did you mean 'path'?"));
  EXPECT_THAT(bad.err, HasSubstr("postern.yaml:2:1: unknown key 'acounts'; did you mean 'accounts'?"));
  const Finished as_json = run({"config", "check", "--json"});
  EXPECT_EQ(as_json.status.code, 2);
  const json document = json::parse(as_json.out);
  EXPECT_EQ(document["valid"], false);
  EXPECT_EQ(document["mistakes"][0]["line"], 1);
  EXPECT_EQ(run({"sync"}).status.code, 2);
}

TEST_F(CliTest, TheConfigurationIsFoundByTheVariable) {
  const Finished checked = testing::run_process(
      {.argv = {POSTERN_BINARY, "config", "check"}, .env = {{"POSTERN_CONFIG", (folder / "postern.yaml").string()}}});
  EXPECT_EQ(checked.status.code, 0) << checked.err;
  const Finished in_place = testing::run_process(
      {.argv = {POSTERN_BINARY, "config", "check"}, .env = {{"POSTERN_CONFIG", ""}}, .directory = folder.path()});
  EXPECT_THAT(in_place.out, StartsWith("postern.yaml: ok, 1 account"));
}

TEST_F(CliTest, BeforeTheFirstPass) {
  EXPECT_EQ(run({"status"}).status.code, 0);
  EXPECT_EQ(json::parse(run({"status", "--json"}).out)["accounts"][0]["state"], "never");
  const Finished listed = run({"ls", "alice"});
  EXPECT_EQ(listed.status.code, 1);
  EXPECT_THAT(listed.err, HasSubstr("there is no vault"));
}

TEST_F(CliTest, ListsEntriesNowAndThen) {
  FilledVault filled(folder / "vault");
  const MailboxId inbox = filled.mailbox("alice", "INBOX");
  const MailboxId drafts = filled.mailbox("alice", "Entw&APw-rfe");
  filled.add("alice", inbox, 7, "Subject: a\r\n\r\nhello\r\n", {"\\Seen", "$Work"});
  filled.add("alice", drafts, 1, "Subject: b\r\n\r\n");
  const SnapshotRecord before = filled.snapshot("alice");
  filled.vanish("alice", inbox, 7);
  filled.add("alice", inbox, 8, "Subject: c\r\n\r\n");
  filled.close();

  const Finished now = run({"ls", "alice", "--json"});
  ASSERT_EQ(now.status.code, 0) << now.err;
  const auto entries = lines(now.out);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0]["mailbox"], "INBOX");
  EXPECT_EQ(entries[0]["uid"], 8);
  EXPECT_EQ(entries[1]["mailbox"], "Entwürfe");

  const auto then = lines(run({"ls", "alice", "inbox", "--json", "--at", format_moment(before.at)}).out);
  ASSERT_EQ(then.size(), 1U);
  EXPECT_EQ(then[0]["uid"], 7);
  EXPECT_EQ(then[0]["flags"], json({"$Work", "\\Seen"}));
  EXPECT_EQ(then[0]["internaldate"], "2002-08-22T12:36:23+01:00");
  EXPECT_EQ(then[0]["uidvalidity"], 5);

  EXPECT_EQ(run({"ls", "alice", "--at", "1999-01-01"}).status.code, 1);
  EXPECT_EQ(run({"ls", "alice", "--at", "whenever"}).status.code, 2);
  EXPECT_EQ(run({"ls", "alice", "Nowhere"}).status.code, 1);
  const auto snapshots = lines(run({"snapshots", "alice", "--json"}).out);
  ASSERT_EQ(snapshots.size(), 1U);
  EXPECT_EQ(snapshots[0]["snapshot"], format_moment(before.at));
}

TEST_F(CliTest, CatGivesTheExactOctetsOfTheAccountsOwnMessagesAlone) {
  const std::string octets("Subject: x\r\n\r\nbare\nnul\0end\r", 28);
  const std::string large = "Subject: y\r\n\r\n" + std::string(900'000, 'y');
  FilledVault filled(folder / "vault");
  const MailboxId inbox = filled.mailbox("alice", "INBOX");
  filled.add("alice", inbox, 1, octets);
  filled.add("alice", inbox, 2, large);
  filled.vanish("alice", inbox, 1);
  filled.add("bob", filled.mailbox("bob", "INBOX"), 1, "bob's own");
  filled.close();

  const auto digest_of = [&](const std::string& account) {
    return lines(run({"ls", account, "--json"}).out).at(0)["digest"].get<std::string>();
  };
  EXPECT_EQ(run({"cat", "alice", digest_of("alice")}).out, large);
  const Finished foreign = run({"cat", "alice", digest_of("bob")});
  EXPECT_EQ(foreign.status.code, 1);
  EXPECT_EQ(foreign.out, "");
  EXPECT_THAT(foreign.err, HasSubstr("alice: has no message"));
  EXPECT_EQ(run({"cat", "alice", std::string(64, '0')}).status.code, 1);
}

TEST_F(CliTest, ChecksTheVault) {
  FilledVault filled(folder / "vault");
  filled.add("alice", filled.mailbox("alice", "INBOX"), 1, "Subject: x\r\n\r\n");
  filled.close();
  const Finished checked = run({"check", "--read-data", "--json"});
  EXPECT_EQ(checked.status.code, 0) << checked.err;
  const json document = json::parse(checked.out);
  EXPECT_EQ(document["objects"], 1);
  EXPECT_EQ(document["entries"], 1);
  EXPECT_EQ(document["problems"], json::array());
  EXPECT_THAT(run({"check"}).out, HasSubstr("1 messages"));
}

TEST_F(CliTest, DumpsRowsInWords) {
  FilledVault filled(folder / "vault");
  const MailboxId inbox = filled.mailbox("alice", "INBOX");
  for (std::uint32_t uid = 1; uid <= 3; ++uid) filled.add("alice", inbox, uid, "Subject: secret\r\n\r\n", {"\\Seen"});
  filled.close();
  const Finished families = run({"dump"});
  EXPECT_EQ(families.status.code, 0) << families.err;
  EXPECT_THAT(families.out, HasSubstr("store_intent"));
  EXPECT_EQ(lines(run({"dump", "--json"}).out).at(3),
            (json{{"family", "entry"}, {"rows", 3}, {"octets", 3 * (16 + 44)}}));
  const std::vector<json> rows = lines(run({"dump", "entry", "--json"}).out);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1]["key"], (json{{"account", "1"}, {"mailbox", "1"}, {"uidvalidity", "5"}, {"uid", "2"}}));
  EXPECT_EQ(rows[1]["record"]["flags"], "(\\Seen)");
  EXPECT_EQ(lines(run({"dump", "entry", "--json", "--limit", "2"}).out).size(), 2u);
  EXPECT_EQ(lines(run({"dump", "entry", "--json", "--key",
                       "0000000100000001"
                       "00000005"
                       "00000003"})
                      .out)
                .size(),
            1u);
  const Finished octets = run({"dump", "meta", "--octets"});
  EXPECT_THAT(octets.out,
              HasSubstr("name format: format " + std::to_string(storage::kFormatVersion) + "\n  666f726d6174 → 0000"));
  for (const char* family : {"object", "chunk"}) EXPECT_THAT(run({"dump", family}).out, Not(HasSubstr("secret")));
}

TEST_F(CliTest, DumpSaysWhatIsWrongWithItsWords) {
  FilledVault(folder / "vault").close();
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"dump", "entri"}, "did you mean 'entry'?"},
      {{"dump", "entry", "--key", "0g"}, "hexadecimal"},
      {{"dump", "--key", "00"}, "--key needs a family"},
  };
  for (const auto& [words, message] : cases) {
    const Finished bad = run(words);
    EXPECT_EQ(bad.status.code, 2) << message;
    EXPECT_THAT(bad.err, HasSubstr(message));
    EXPECT_EQ(bad.out, "");
  }
}

// What is in files, and not only in the log, when the reader comes: large messages among small ones.
TEST_F(CliTest, ReadsAVaultThatWasFlushedBesideItsWriter) {
  FilledVault filled(folder / "vault");
  const MailboxId inbox = filled.mailbox("alice", "INBOX");
  std::uint32_t noise = 1;
  std::vector<std::string> messages;
  for (std::uint32_t uid = 1; uid <= 40; ++uid) {
    std::string octets = "Subject: x\r\n\r\n";
    for (std::size_t i = 0; i < 300'000; ++i) {
      noise = noise * 1'664'525 + 1'013'904'223;
      octets += static_cast<char>(noise >> 24);
    }
    filled.add("alice", inbox, uid, octets);
    messages.push_back(std::move(octets));
  }
  const Finished checked = run({"check", "--read-data", "--json"});
  ASSERT_EQ(checked.status.code, 0) << checked.err;
  EXPECT_EQ(json::parse(checked.out)["objects"], 40);
  const auto entries = lines(run({"ls", "alice", "--json"}).out);
  ASSERT_EQ(entries.size(), 40U);
  EXPECT_EQ(run({"cat", "alice", entries[0]["digest"]}).out, messages[0]);
}

TEST_F(CliTest, ExportsAMoment) {
  FilledVault filled(folder / "vault");
  const MailboxId evil = filled.mailbox("alice", "../../evil");
  filled.add("alice", evil, 1, "Subject: x\r\n\r\n", {"\\Seen"});
  filled.close();
  const std::string to = (folder / "out").string();
  const Finished exported = run({"export", "alice", "--format", "maildir", "--to", to});
  ASSERT_EQ(exported.status.code, 0) << exported.err;
  EXPECT_EQ(testing::read_file(folder / "out/.%2E%2E.%2E%2E.evil/cur/1030016183.V5U1.postern,S=14:2,S"),
            "Subject: x\r\n\r\n");
  const Finished again = run({"export", "alice", "--format", "maildir", "--to", to});
  EXPECT_EQ(again.status.code, 2);
  EXPECT_THAT(again.err, HasSubstr("is not empty"));
  EXPECT_EQ(run({"export", "alice", "--format", "mbox", "--to", to}).status.code, 2);
}

TEST_F(CliTest, HeldDeletionsAreListedAndLetThroughByName) {
  EXPECT_EQ(run({"guard", "alice"}).status.code, 1) << "there is no vault yet";
  {
    FilledVault filled(folder / "vault");
    const MailboxId inbox = filled.mailbox("alice", "INBOX");
    const MailboxId work = filled.mailbox("alice", "Work");
    filled.add("alice", inbox, 1, "Subject: x\r\n\r\n");
    const AccountId alice = filled.account("alice");
    const TargetId target = filled.vault().target_id(alice, "target").value();
    const auto hold = [&](MailboxId mailbox, GuardHold::Reason reason, UidSet uids) {
      return GuardHold{mailbox,
                       target,
                       reason,
                       UidValidity(FilledVault::kUidValidity),
                       std::move(uids),
                       40,
                       WallTime(std::chrono::seconds(1'700'000'000)),
                       false,
                       "seen \x1b[1m"};
    };
    const AuditRecord row{WallTime(std::chrono::seconds(1'700'000'000)),
                          AuditRecord::Action::trashed,
                          target,
                          Place{inbox, UidValidity(FilledVault::kUidValidity), Uid(1)},
                          Digest(),
                          "INBOX",
                          UidValidity(9),
                          Uid(12)};
    ASSERT_TRUE(filled.vault()
                    .commit_target(alice, target,
                                   {.audit = {row},
                                    .hold = {hold(inbox, GuardHold::Reason::many, UidSet::range(1, 30)),
                                             hold(work, GuardHold::Reason::emptied, UidSet::range(1, 6))}})
                    .has_value());
    filled.close();
  }
  const Finished listed = run({"guard"});
  EXPECT_EQ(listed.status.code, 4);
  EXPECT_THAT(listed.out, HasSubstr("alice: INBOX: 30 of 40 messages would be deleted on target: too many at once"));
  EXPECT_THAT(listed.out, HasSubstr("postern guard ack ACCOUNT"));
  EXPECT_EQ(listed.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(json::parse(run({"status", "--json"}).out)["accounts"][0]["deletions_held"], 36);

  EXPECT_NE(run({"guard", "ack", "alice", "Nowhere"}).err.find("Nowhere"), std::string::npos);
  EXPECT_EQ(run({"guard", "ack", "bob"}).status.code, 2);
  const Finished through = run({"guard", "ack", "alice", "INBOX"});
  EXPECT_EQ(through.status.code, 0) << through.err;
  EXPECT_THAT(through.out, HasSubstr("let through, in the next pass"));
  EXPECT_THAT(run({"guard", "ack", "alice", "INBOX"}).out, HasSubstr("nothing is held"));

  const std::vector<json> holds = lines(run({"guard", "alice", "--json"}).out);
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(
      holds[0].dump(),
      "{\"account\":\"alice\",\"acknowledged\":true,\"deletions\":30,\"detail\":\"seen "
      "\\u001b[1m\",\"mailbox\":\"INBOX\","
      "\"of\":40,\"reason\":\"many\",\"since\":\"2023-11-14T22:13:20.000Z\",\"target\":\"target\",\"uids\":\"1:30\","
      "\"uidvalidity\":5}");
  EXPECT_EQ(holds[1]["acknowledged"], false);
  const std::vector<json> audit = lines(run({"guard", "alice", "--audit", "--json"}).out);
  ASSERT_EQ(audit.size(), 1u);
  EXPECT_EQ(audit[0]["action"], "trashed");
  EXPECT_EQ(audit[0]["uid"], 12);
  EXPECT_THAT(run({"guard", "--audit"}).out, HasSubstr("alice: target: INBOX: UID 12: trashed"));
}

TEST_F(CliTest, ASourceThatDidNotFillTheVaultIsListedAndBelievedWhenAPersonSaysSo) {
  const std::string wrong = "alice@another.example";
  AccountId alice;
  {
    FilledVault filled(folder / "vault");
    filled.add("alice", filled.mailbox("alice", "INBOX"), 1, "Subject: x\r\n\r\n");
    alice = filled.account("alice");
    ASSERT_TRUE(filled.vault().set_origin(alice, wrong).has_value());
    filled.close();
  }
  const Finished listed = run({"guard"});
  EXPECT_EQ(listed.status.code, 4);
  EXPECT_THAT(listed.out, HasSubstr("is not the account that filled the vault"));
  EXPECT_EQ(lines(run({"guard", "--json"}).out).at(0)["reason"], "other_account");
  EXPECT_THAT(run({"guard", "ack", "alice", "INBOX"}).out, HasSubstr("nothing is held"));
  EXPECT_EQ(run({"guard"}).status.code, 4) << "a mailbox says nothing of the source";
  EXPECT_THAT(run({"guard", "ack", "alice"}).out, HasSubstr("is taken for the account that filled the vault"));
  EXPECT_EQ(run({"guard"}).status.code, 0);
}

TEST_F(CliTest, AVaultInUseIsStatusThreeAndReadingGoesOnBesideIt) {
  FilledVault filled(folder / "vault");
  filled.add("alice", filled.mailbox("alice", "INBOX"), 1, "Subject: x\r\n\r\n");
  const Finished second = run({"sync"});
  EXPECT_EQ(second.status.code, 3);
  EXPECT_THAT(second.err, HasSubstr("a test"));
  EXPECT_EQ(run({"run"}).status.code, 3);
  EXPECT_EQ(lines(run({"ls", "alice", "--json"}).out).size(), 1U);
}

TEST_F(CliTest, AnInterruptedSyncEndsSoonSaysWhatWasDoneAndIsRemembered) {
  testing::ChildProcess sync({.argv = {POSTERN_BINARY, "-c", (folder / "postern.yaml").string(), "sync", "--json"}});
  ASSERT_TRUE(sync.wait_for_errors("connecting again", std::chrono::seconds(30))) << sync.errors();
  sync.send_signal(SIGINT);
  const auto ended = sync.wait(std::chrono::seconds(10));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(*ended, (testing::ExitStatus{1, 0}));
  EXPECT_THAT(sync.errors(), HasSubstr("what is done stays done"));
  const json account = json::parse(sync.output())["accounts"][0];
  EXPECT_EQ(account["state"], "failed");
  EXPECT_TRUE(account["target"].is_null());
  EXPECT_THAT(account["error"].get<std::string>(), StartsWith("alice: "));
  const json status = json::parse(run({"status", "--json"}).out)["accounts"][0];
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["error"], account["error"]);
}

TEST_F(CliTest, ADamagedVaultIsRefusedByName) {
  FilledVault(folder / "vault").close();
  testing::write_file(folder / "vault" / "CURRENT", "MANIFEST-999999\n");
  const Finished broken = run({"ls", "alice"});
  EXPECT_EQ(broken.status.code, 1);
  EXPECT_THAT(broken.err, HasSubstr((folder / "vault").string()));
}

TEST_F(CliTest, TheDaemonServesProbesAndEndsAtSigterm) {
  write_config(kAlice, "log: {format: json}\n");
  testing::ChildProcess daemon({.argv = {POSTERN_BINARY, "-c", (folder / "postern.yaml").string(), "run"}});
  ASSERT_TRUE(daemon.wait_for_errors("runs with 1 accounts", std::chrono::seconds(30))) << daemon.errors();
  EXPECT_EQ(run({"sync"}).status.code, 3);
  EXPECT_EQ(run({"status"}).status.code, 0);
  daemon.send_signal(SIGHUP);
  ASSERT_TRUE(daemon.wait_for_errors("SIGHUP", std::chrono::seconds(30)));
  daemon.send_signal(SIGTERM);
  const auto ended = daemon.wait(std::chrono::seconds(10));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(*ended, (testing::ExitStatus{0, 0}));
  for (const json& record : lines(daemon.errors())) EXPECT_TRUE(record.contains("level")) << record;
}

}  // namespace
}  // namespace postern::daemon
