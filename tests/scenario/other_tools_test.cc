#include <cstdlib>
#include <filesystem>

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
  /// What Message-IDs do not tell apart: 9 messages.
  static void append_look_alikes(PlainImap user) {
    const char* date = "01-Feb-2003 04:05:06 +0000";
    for (int i = 0; i < 3; ++i) user.append("INBOX", mail("three of a kind"), {}, date);
    for (const char* subject : {"first", "second"}) user.append("INBOX", mail(subject, "one@example.org"), {}, date);
    for (const char* text : {"one", "two", "six"}) {  // nor header and size
      user.append("INBOX", "From: a@example.org\r\nSubject: draft\r\n\r\n" + std::string(text) + "\r\n", {}, date);
    }
    user.append("INBOX", mail("none at all"), {}, date);
  }
  /// Everything at the source is at the target, as often, and what was bound is found again without the vault.
  static void expect_once_each(Scenario& s) {
    const std::size_t all = count(s.source.contents());
    EXPECT_EQ(count(s.target.contents()), all);
    std::filesystem::remove_all(s.postern.vault());
    const SyncReport report = s.sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.target.at("adopted"), all) << "after the vault was lost";
    EXPECT_EQ(report.target.at("appended"), 0u);
    EXPECT_EQ(count(s.target.contents()), all);
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
  append_look_alikes(s.source.user());
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
  expect_once_each(s);
}

// Ordinary mail: odd messages, and mailboxes with quotes in their names, imapcopy alters or leaves out.
TEST_F(OtherToolTest, WhatImapcopyCopiedIsAdoptedAndNothingIsDoubled) {
  if (std::getenv("POSTERN_WITHOUT_IMAPCOPY") != nullptr) GTEST_SKIP() << "POSTERN_WITHOUT_IMAPCOPY";
  Scenario s(ServerKind::dovecot);
  s.source.user().create("Work");
  for (int i = 0; i < 30; ++i) {
    s.source.user().append("INBOX", mail("letter " + std::to_string(i)), {i % 2 ? "\\Seen" : "\\Flagged"});
    s.source.user().append("Work", mail("job " + std::to_string(i), "job" + std::to_string(i) + "@example.org"));
  }
  append_look_alikes(s.source.user());
  const TempDir folder;
  const auto server = [](const std::string& side, const MailServer& one) {
    return side + "Server 127.0.0.1\n" + side + "Port " + std::to_string(one.port(PlainTls::none)) + "\n";
  };
  write_file(folder.path() / "ImapCopy.cfg", server("Source", s.source) + server("Dest", s.target) +
                                                 "DenyFlags \"\\Recent\"\nCopy \"alice\" \"" + s.source.password() +
                                                 "\" \"alice\" \"" + s.target.password() + "\"\n");
  ChildProcess imapcopy({.argv = {"imapcopy"}, .directory = folder.path()});
  const auto ended = imapcopy.wait(seconds(60));
  ASSERT_TRUE(ended && ended->code == 0) << "imapcopy (Debian: imapcopy; ./dev test installs it; "
                                            "POSTERN_WITHOUT_IMAPCOPY=1 skips this): "
                                         << imapcopy.errors() << imapcopy.output();
  const std::size_t copied = count(s.target.contents());
  ASSERT_EQ(copied, 69u) << imapcopy.output();
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("adopted"), copied);
  EXPECT_EQ(report.target.at("appended"), 0u);
  EXPECT_EQ(s.differences(), "");
  expect_once_each(s);
}

}  // namespace
}  // namespace postern::testing
