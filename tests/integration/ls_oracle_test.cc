// What `postern ls` says against what Python's imaplib sees on the same server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/postern/postern_program.h"

namespace postern::testing {
namespace {

class LsOracleTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    if (!installed(GetParam())) GTEST_SKIP() << to_string(GetParam()) << " is not installed";
    write_file(folder / "password", source.password());
  }

  void expect_same() {
    ASSERT_EQ(postern.sync().exit_code, 0);
    const Finished listed = postern.run({"ls", PosternProgram::kAccount, "--json"});
    ASSERT_EQ(listed.status, ExitStatus{}) << listed.err;
    write_file(folder / "postern", listed.out);
    const Finished seen = run_process(
        {.argv = {"python3", kOracle + "imap_oracle.py", "--port", std::to_string(source.port(PlainTls::none)),
                  "--user", MailServer::kUser, "--password-file", folder / "password", "--tls", "none", "--account",
                  PosternProgram::kAccount}});
    ASSERT_EQ(seen.status, ExitStatus{}) << seen.err;
    write_file(folder / "oracle", seen.out);
    const Finished compared =
        run_process({.argv = {"python3", kOracle + "compare.py", "--exact", folder / "postern", folder / "oracle"}});
    EXPECT_EQ(compared.status, ExitStatus{}) << compared.out << compared.err;
  }

  const std::string kOracle = POSTERN_SOURCE_DIR "/tests/support/oracle/";
  TempDir folder;
  MailServer source{GetParam()};
  PosternProgram postern{SideConfig::of(source), std::nullopt};
};

TEST_P(LsOracleTest, AreTheSameWhateverTheUserDoes) {
  fill(source.user(), varied_account(81, 250));
  expect_same();

  PlainImap user = source.user();
  user.store("INBOX", "1:5", "+FLAGS", {"\\Flagged", "$Later"});
  user.store("INBOX", "3:9", "-FLAGS", {"\\Seen"});
  user.store("INBOX", "8", "FLAGS", {});
  expect_same();

  user.expunge("INBOX", "2,4,6:7");
  user.append("INBOX", "Subject: late\r\n\r\nThis came later.\r\n", {"\\Draft"}, "29-Feb-2004 23:59:59 -0930");
  user.append("INBOX", "Subject: late\r\n\r\nThis came later.\r\n", {"\\Seen"}, "29-Feb-2004 23:59:59 +1400");
  user.create("Entwürfe & mehr");
  user.move("INBOX", "9:12", "Entwürfe & mehr");
  expect_same();
}

INSTANTIATE_TEST_SUITE_P(Servers, LsOracleTest, ::testing::Values(ServerKind::fake, ServerKind::dovecot),
                         [](const auto& server) { return std::string(to_string(server.param)); });

}  // namespace
}  // namespace postern::testing
