#include <chrono>

#include "tests/scenario/scenario.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(ScenarioTest, AWrongPasswordIsSaidAndNotTriedAgainAndAgain) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"));
  s.postern.source.password = "not the secret";
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 1) << report;
  EXPECT_EQ(report.state, "failed");
  EXPECT_THAT(report.error, HasSubstr("alice"));
  EXPECT_THAT(report.error + report.log, Not(HasSubstr("not the secret")));
  EXPECT_LE(s.source_commands("LOGIN") + s.source_commands("AUTHENTICATE"), 2u);
  EXPECT_EQ(s.target_commands("APPEND"), 0u);
}

TEST_P(ScenarioTest, ACertificateOfAnotherAuthorityIsRefusedBeforeAnythingIsSaid) {
  for (const PlainTls tls : {PlainTls::implicit, PlainTls::starttls}) {
    Scenario s(GetParam());
    s.postern.source = SideConfig::of(s.source, tls);
    s.postern.source.ca_certificate = s.target.ca_certificate();
    const SyncReport report = s.sync();
    EXPECT_EQ(report.exit_code, 1) << report;
    EXPECT_EQ(report.state, "failed");
    EXPECT_THAT(ascii_lower(report.error), HasSubstr("certificate"));
    EXPECT_EQ(s.source_commands("LOGIN") + s.source_commands("AUTHENTICATE"), 0u);
  }
}

TEST_P(ScenarioTest, NobodyAtTheSourceLeavesTheTargetAlone) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(41, 20));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  s.postern.source.port = free_port();
  const auto started = std::chrono::steady_clock::now();
  const SyncReport report = s.sync();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
  EXPECT_EQ(report.exit_code, 1) << report;
  EXPECT_EQ(report.state, "failed");
  EXPECT_EQ(difference(before, s.target.contents()), "");
}

TEST_P(ScenarioTest, AnUnknownHostIsNamed) {
  Scenario s(GetParam());
  s.postern.source.host = "no-such-host.invalid";
  s.postern.source.tls = PlainTls::implicit;
  const auto started = std::chrono::steady_clock::now();
  const SyncReport report = s.sync();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(8));
  EXPECT_EQ(report.exit_code, 1) << report;
  EXPECT_THAT(report.error, HasSubstr("no-such-host.invalid"));
}

TEST_P(ScenarioTest, AMistakeInTheConfigurationIsToldWithItsPlace) {
  Scenario s(GetParam());
  s.postern.write_config();
  std::string text = read_file(s.postern.config_file());
  text.replace(text.find("      user: alice"), 11, "      usre:");
  write_file(s.postern.config_file(), text);
  const Finished done = run_process({.argv = {POSTERN_BINARY, "sync", "-c", s.postern.config_file().string()}});
  EXPECT_EQ(done.status, (ExitStatus{2, 0}));
  EXPECT_THAT(done.err, HasSubstr("postern.yaml:"));
  EXPECT_THAT(done.err, HasSubstr("usre"));
  write_file(s.postern.config_file(), "vault: [unclosed\naccounts:\n");
  const Finished broken = run_process({.argv = {POSTERN_BINARY, "sync", "-c", s.postern.config_file().string()}});
  EXPECT_EQ(broken.status, (ExitStatus{2, 0}));
  EXPECT_THAT(broken.err, HasSubstr("postern.yaml:"));
}

}  // namespace
}  // namespace postern::testing
