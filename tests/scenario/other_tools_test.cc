#include <cstdlib>

#include "tests/scenario/scenario.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {
namespace {

using std::chrono::seconds;

/// A target that another program has filled from the same source, Dovecot to Dovecot.
class OtherToolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!installed(ServerKind::dovecot)) GTEST_SKIP() << "POSTERN_WITHOUT_DOVECOT";
  }
  static std::string store(const std::string& name, const MailServer& server) {
    return "IMAPAccount " + name + "\nHost 127.0.0.1\nPort " + std::to_string(server.port(PlainTls::none)) +
           "\nUser alice\nPass \"" + server.password() + "\"\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore " + name +
           "\nAccount " + name + "\n\n";
  }
  static std::size_t count(const AccountContent& account) {
    std::size_t messages = 0;
    for (const auto& [name, mailbox] : account) messages += mailbox.size();
    return messages;
  }
};

TEST_F(OtherToolTest, WhatMbsyncCopiedIsAdoptedAndNothingIsDoubled) {
  if (std::getenv("POSTERN_WITHOUT_MBSYNC") != nullptr) GTEST_SKIP() << "POSTERN_WITHOUT_MBSYNC";
  Scenario s(ServerKind::dovecot);
  fill(s.source.user(), varied_account(91, 60));
  for (int i = 0; i < 3; ++i) s.source.user().append("INBOX", mail("three of a kind"));
  const TempDir folder;
  const auto config = folder.path() / "mbsyncrc";
  write_file(config, store("far", s.source) + store("near", s.target) +
                         "Channel copy\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState " +
                         (folder.path() / "state-").string() + "\n");
  ChildProcess mbsync({.argv = {"mbsync", "-q", "-c", config.string(), "copy"}});
  const auto ended = mbsync.wait(seconds(60));
  ASSERT_TRUE(ended && ended->code == 0) << "mbsync (Debian: isync; ./dev test installs it; POSTERN_WITHOUT_MBSYNC=1 "
                                            "skips this): "
                                         << mbsync.errors();
  const std::size_t copied = count(s.target.contents());
  ASSERT_GT(copied, 55u);
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("adopted"), copied);
  EXPECT_EQ(report.target.at("appended"), count(s.source.contents()) - copied) << "mbsync leaves some out";
  EXPECT_EQ(count(s.target.contents()), count(s.source.contents()));
}

}  // namespace
}  // namespace postern::testing
