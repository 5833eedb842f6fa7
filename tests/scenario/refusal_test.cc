// What a person gets wrong, and what a machine does to them: each is said with its place and what to do, and the next
// good pass completes.

#include <chrono>

#include "tests/scenario/scenario.h"
#include "tests/support/postern/vault_format.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void expect_failed(const SyncReport& report) {
  EXPECT_EQ(report.exit_code, 1) << report;
  EXPECT_EQ(report.state, "failed") << report;
}

/// What went wrong is over: everything arrives.
void expect_good_pass(Scenario& s) {
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_P(ScenarioTest, AWrongPasswordIsSaidAndNotTriedAgainAndAgain) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"));
  s.postern.source.password = "not the secret";
  const SyncReport report = s.sync();
  expect_failed(report);
  EXPECT_THAT(report.error, AllOf(HasSubstr("alice: 127.0.0.1:"), HasSubstr("check the user name and password_file "),
                                  HasSubstr("/source.password")));
  EXPECT_THAT(report.error + report.log, Not(HasSubstr("not the secret")));
  EXPECT_LE(s.source_commands("LOGIN") + s.source_commands("AUTHENTICATE"), 2u);
  EXPECT_EQ(s.target_commands("APPEND"), 0u);
  s.postern.source.password = s.source.password();
  expect_good_pass(s);
}

TEST_P(ScenarioTest, ACertificateOfAnotherAuthorityIsRefusedBeforeAnythingIsSaid) {
  for (const PlainTls tls : {PlainTls::implicit, PlainTls::starttls}) {
    Scenario s(GetParam());
    s.source.user().append("INBOX", mail("hello"));
    s.postern.source = SideConfig::of(s.source, tls);
    s.postern.source.ca_certificate = s.target.ca_certificate();
    const SyncReport report = s.sync();
    expect_failed(report);
    EXPECT_THAT(report.error,
                AllOf(HasSubstr("alice: 127.0.0.1:"), HasSubstr("certificate"), HasSubstr("tls_ca_file")));
    EXPECT_EQ(s.source_commands("LOGIN") + s.source_commands("AUTHENTICATE"), 0u);
    s.postern.source.ca_certificate = s.source.ca_certificate();
    expect_good_pass(s);
  }
}

TEST_P(ScenarioTest, NobodyAtTheSourceLeavesTheTargetAlone) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(41, 20));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  const std::uint16_t port = s.postern.source.port;
  s.postern.source.port = free_port();
  const auto started = std::chrono::steady_clock::now();
  const SyncReport report = s.sync();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
  expect_failed(report);
  EXPECT_THAT(report.error, AllOf(HasSubstr("alice: 127.0.0.1:" + std::to_string(s.postern.source.port)),
                                  HasSubstr("refused"), HasSubstr("check host and port, and that the server runs")));
  EXPECT_EQ(difference(before, s.target.contents()), "");
  s.postern.source.port = port;
  s.source.user().append("INBOX", mail("news"));
  expect_good_pass(s);
}

TEST_P(ScenarioTest, AnUnknownHostIsNamed) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"));
  s.postern.source.host = "no-such-host.invalid";
  s.postern.source.tls = PlainTls::implicit;
  const auto started = std::chrono::steady_clock::now();
  const SyncReport report = s.sync();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
  expect_failed(report);
  EXPECT_THAT(report.error, AllOf(HasSubstr("alice: no-such-host.invalid:"), HasSubstr("; check ")));
  s.postern.source = SideConfig::of(s.source);
  expect_good_pass(s);
}

TEST_P(ScenarioTest, AMistakeInTheConfigurationIsToldWithItsPlace) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"));
  s.postern.write_config();
  const auto sync = [&s] {
    return run_process({.argv = {POSTERN_BINARY, "sync", "-c", s.postern.config_file().string()}});
  };
  std::string text = read_file(s.postern.config_file());
  text.replace(text.find("      user: alice"), 11, "      usre:");
  write_file(s.postern.config_file(), text);
  const Finished wrong_key = sync();
  EXPECT_EQ(wrong_key.status, (ExitStatus{2, 0}));
  EXPECT_THAT(wrong_key.err, AllOf(HasSubstr("postern.yaml:11:7: accounts[0].source"), HasSubstr("unknown key 'usre'"),
                                   HasSubstr("did you mean 'user'?")));
  for (const auto& [broken, place] :
       std::vector<std::pair<std::string, std::string>>{{"vault: [unclosed\naccounts:\n", "postern.yaml:2:"},
                                                        {"vault:\n\tpath: x\n", "postern.yaml:2:"},
                                                        {"vault: {path: x}\naccounts: \"alice\n", "postern.yaml:"}}) {
    write_file(s.postern.config_file(), broken);
    const Finished done = sync();
    EXPECT_EQ(done.status, (ExitStatus{2, 0})) << broken;
    EXPECT_THAT(done.err, HasSubstr(place)) << broken;
    EXPECT_EQ(done.out, "");
  }
  EXPECT_FALSE(std::filesystem::exists(s.postern.vault())) << "nothing is made before the configuration is right";
  expect_good_pass(s);
}

TEST(RefusalTest, AVaultOfANewerFormatIsLeftAsItIs) {
  Scenario s(ServerKind::fake);
  fill(s.source.user(), varied_account(42, 20));
  EXPECT_CLEAN(s.sync());
  const std::uint32_t format = exchange_vault_format(s.postern.vault(), 1'000);
  s.source.user().append("INBOX", mail("news"));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"sync"}, {"run"}, {"ls", "alice"}, {"status"}, {"check"}}) {
    const Finished done = s.postern.run(words);
    EXPECT_EQ(done.status, (ExitStatus{1, 0})) << words[0] << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("the vault " + s.postern.vault().string()),
                                HasSubstr("was written by a newer Postern: it has format 1000"),
                                HasSubstr("use that version or a later one; nothing was changed")))
        << words[0];
    EXPECT_EQ(done.out, "") << words[0];
  }
  EXPECT_EQ(s.source.fake()->commands_since(s.source.fake()->mark(), ""), 0u);
  EXPECT_EQ(exchange_vault_format(s.postern.vault(), format), 1'000u);
  expect_good_pass(s);
}

// Whichever connection asks for the message is cut in the middle of it, so that the pass cannot help itself.
TEST(RefusalTest, ACutInEveryLiteralIsToldWithItsMailboxAndTheNextPassCompletes) {
  Scenario s(ServerKind::fake);
  s.source.user().create("Projects");
  s.source.user().append("INBOX", mail("hello"));
  s.source.user().append("Projects", mail("big") + std::string(900'000, 'x'));
  const std::uint32_t big = s.source.state().at("Projects").messages.back().uid;
  s.source.fake()->lie([&](Lies& lies) { lies.cut_in_body = {.uid = big, .octets = 500'000, .times = 1'000}; });
  const SyncReport report = s.sync();
  EXPECT_NE(report.exit_code, 0) << report;
  EXPECT_NE(report.state, "ok") << report;
  EXPECT_THAT(report.error + report.log, AllOf(HasSubstr("alice: "), HasSubstr("Projects"), HasSubstr("connection")));
  s.source.fake()->lie([](Lies& lies) { lies = {}; });
  expect_good_pass(s);
}

}  // namespace
}  // namespace postern::testing
