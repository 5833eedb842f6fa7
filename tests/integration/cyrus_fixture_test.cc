#include "tests/support/cyrus/cyrus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class CyrusFixtureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cyrus_installed()) GTEST_SKIP() << "Cyrus is not there";
  }
};

/// The answer to `command` that contains `part`; empty when there is none.
std::string answer(PlainImap& user, const std::string& command, const std::string& part) {
  std::string found;
  user.command(command, [&](const std::string& response) {
    if (response.find(part) != std::string::npos) found = response;
  });
  return found;
}

TEST_F(CyrusFixtureTest, KeepsWhatItsUserPutsThere) {
  Cyrus server;
  PlainImap user = server.login();
  user.create("Box/Inner");
  EXPECT_EQ(user.append("Box/Inner", "Subject: a\r\n\r\nBody.\r\n", {"\\Seen", "$Work"}), 1u);
  const ServerState state = user.state();
  ASSERT_TRUE(state.contains("INBOX"));
  ASSERT_EQ(state.at("Box/Inner").messages.size(), 1u);
  EXPECT_EQ(state.at("Box/Inner").messages[0].sha256, sha256_hex("Subject: a\r\n\r\nBody.\r\n"));
  EXPECT_EQ(state.at("Box/Inner").messages[0].flags, (std::set<std::string>{"\\Seen", "$Work"}));
}

TEST_F(CyrusFixtureTest, CanWhatThePackageCanLessWhatIsTakenAway) {
  const Cyrus server;
  PlainImap full = server.login();
  const std::string all = answer(full, "CAPABILITY", "CAPABILITY");
  for (const char* name : {" QRESYNC", " CONDSTORE", " OBJECTID", " LIST-STATUS", " ESEARCH", " COMPRESS=DEFLATE"}) {
    EXPECT_THAT(all, HasSubstr(name));
  }
  const Cyrus without({.without = {"QRESYNC"}});
  PlainImap user = without.login();
  EXPECT_EQ(answer(user, "CAPABILITY", " QRESYNC"), "");
}

TEST_F(CyrusFixtureTest, NamesMailboxesAndMessagesForGood) {
  Cyrus server;
  PlainImap user = server.login();
  user.create("A");
  user.append("A", "Subject: a\r\n\r\nBody.\r\n");
  user.append("INBOX", "Subject: a\r\n\r\nBody.\r\n");
  const std::string before = answer(user, "EXAMINE A", "MAILBOXID");
  EXPECT_THAT(before, MatchesRegex(".*MAILBOXID \\([A-Za-z0-9_-]+\\).*"));
  const std::string message = answer(user, "UID FETCH 1 (EMAILID)", "EMAILID");
  EXPECT_THAT(message, MatchesRegex(".*EMAILID \\([A-Za-z0-9_-]+\\).*"));
  user.rename("A", "B");
  EXPECT_EQ(answer(user, "EXAMINE B", "MAILBOXID"), before);
  user.command("EXAMINE INBOX");
  EXPECT_EQ(answer(user, "UID FETCH 1 (EMAILID)", "EMAILID"), message) << "the same octets elsewhere";
}

TEST_F(CyrusFixtureTest, SeveralRunSideBySide) {
  Cyrus one, two;
  EXPECT_NE(one.imap_port(), two.imap_port());
  one.login().append("INBOX", "Subject: one\r\n\r\n.\r\n");
  EXPECT_EQ(one.login().state().at("INBOX").messages.size(), 1u);
  EXPECT_EQ(two.login().state().at("INBOX").messages.size(), 0u);
}

}  // namespace
}  // namespace postern::testing
