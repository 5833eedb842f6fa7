#include "tests/support/courier/courier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CourierFixtureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!courier_installed()) GTEST_SKIP() << "Courier is not there";
  }
};

TEST_F(CourierFixtureTest, KeepsWhatItsUserPutsThere) {
  Courier server;
  PlainImap user = server.login();
  user.create("INBOX.Box.Inner");
  EXPECT_EQ(user.append("INBOX.Box.Inner", "Subject: a\r\n\r\nBody.\r\n", {"\\Seen", "$Work"}), 1u);
  EXPECT_THAT(user.mailboxes(), ElementsAre("INBOX", "INBOX.Box.Inner"));
  const StoredMailbox state = user.state("INBOX.Box.Inner");
  ASSERT_EQ(state.messages.size(), 1u);
  EXPECT_EQ(state.messages[0].sha256, sha256_hex("Subject: a\r\n\r\nBody.\r\n"));
  EXPECT_EQ(state.messages[0].flags, (std::set<std::string>{"\\Seen", "$Work"}));
}

TEST_F(CourierFixtureTest, LetsNobodyInWithAWrongPassword) {
  const Courier server;
  EXPECT_THROW(PlainImap({server.imap_port(), Courier::kUser, "wrong"}), std::runtime_error);
}

TEST_F(CourierFixtureTest, HasNeitherCondstoreNorStatusInList) {
  Courier server;
  PlainImap user = server.login();
  std::string all;
  user.command("CAPABILITY", [&](const std::string& response) { all += response; });
  EXPECT_THAT(all, HasSubstr("UIDPLUS"));
  for (const char* name : {"CONDSTORE", "LIST-STATUS", "LIST-EXTENDED", "ESEARCH"}) {
    EXPECT_THAT(all, Not(HasSubstr(name)));
  }
}

TEST_F(CourierFixtureTest, SeveralRunSideBySide) {
  Courier one, two;
  EXPECT_NE(one.imap_port(), two.imap_port());
  one.login().append("INBOX", "Subject: one\r\n\r\n.\r\n");
  EXPECT_EQ(one.login().state("INBOX").messages.size(), 1u);
  EXPECT_EQ(two.login().state("INBOX").messages.size(), 0u);
}

}  // namespace
}  // namespace postern::testing
