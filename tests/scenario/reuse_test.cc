// Messages that are moved, in renamed or in recreated mailboxes, do not cross the line a second time.

#include <algorithm>
#include <cstdlib>

#include "core/mail/internal_date.h"
#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

/// In full with POSTERN_LONG_TESTS.
std::uint32_t scaled(std::uint32_t full, std::uint32_t quick) {
  return std::getenv("POSTERN_LONG_TESTS") != nullptr ? full : quick;
}

class ReuseScenario : public ::testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    if (!installed(GetParam())) GTEST_SKIP() << to_string(GetParam()) << " is not installed";
    source = std::make_unique<MailServer>(GetParam());
    postern = std::make_unique<PosternProgram>(SideConfig::of(*source), std::nullopt);
  }
  SyncReport pull() { return postern->sync({"--pull-only"}); }

  void fill(const std::string& mailbox, std::uint32_t messages) {
    std::vector<Bytes> bodies;
    for (std::uint32_t i = 0; i < messages; ++i) {
      const std::string number = std::to_string(i) + "@" + mailbox;
      bodies.push_back(mail(number, number) + std::string(1'000 + i % 700, 'x') + "\r\n");
    }
    std::vector<PlainImap::Upload> uploads;
    for (std::uint32_t i = 0; i < messages; ++i) {
      uploads.push_back({bodies[i], {}, InternalDate{1'030'000'000 + std::int64_t{i / 3}, 120}.to_imap()});
    }
    source->user().append_all(mailbox, uploads);
  }
  /// What the vault holds is what the server has, and of `before` no more than a fiftieth came once more.
  void expect_reused(const SyncReport& first, std::uint32_t concerned) {
    const SyncReport again = pull();
    EXPECT_CLEAN(again);
    EXPECT_LE(again.source.at("bytes_fetched") * 50, first.source.at("bytes_fetched"));
    EXPECT_GE(again.source.at("bodies_reused"), concerned);
    RecordProperty("octets_of_100000",
                   std::to_string(100'000 * again.source.at("bytes_fetched") / first.source.at("bytes_fetched")));
    AccountContent wanted = source->contents();
    std::erase_if(wanted, [](const auto& mailbox) { return mailbox.second.empty(); });
    EXPECT_EQ(difference(wanted, contents(postern->ls())), "");
    const SyncReport quiet = pull();
    EXPECT_EQ(quiet.source.at("messages_fetched"), 0u);
    EXPECT_EQ(quiet.source.at("bodies_reused"), 0u);
  }

  std::unique_ptr<MailServer> source;
  std::unique_ptr<PosternProgram> postern;
};

TEST_P(ReuseScenario, ATreeOfTwentyMailboxesIsRenamed) {
  const std::uint32_t each = scaled(210, 60);
  for (int i = 0; i < 20; ++i) {
    const std::string name = i == 0 ? "Projects" : "Projects/p" + std::to_string(i);
    source->user().create(name);
    fill(name, each);
  }
  const SyncReport first = pull();
  EXPECT_CLEAN(first);
  source->user().rename("Projects", "Archive 2025");
  const auto names = source->user().mailboxes();
  if (std::find(names.begin(), names.end(), "Projects/p1") != names.end()) {
    for (int i = 1; i < 20; ++i) {  // a server that renames the one mailbox alone
      source->user().rename("Projects/p" + std::to_string(i), "Archive 2025/p" + std::to_string(i));
    }
  }
  expect_reused(first, 0);
}

TEST_P(ReuseScenario, MessagesAreMovedFromOneMailboxToAnother) {
  const std::uint32_t count = scaled(5'000, 600);
  source->user().create("Old");
  fill("INBOX", count);
  fill("Old", 30);
  const SyncReport first = pull();
  EXPECT_CLEAN(first);
  source->user().move("INBOX", "1:" + std::to_string(count), "Old");
  expect_reused(first, count);
}

TEST_P(ReuseScenario, AMailboxIsMadeAnewUnderAnotherUidvalidity) {
  if (GetParam() == ServerKind::cyrus) GTEST_SKIP() << "the fixture cannot give a Cyrus mailbox another UIDVALIDITY";
  const std::uint32_t count = scaled(5'000, 600);
  source->user().create("Work");
  fill("Work", count);
  const SyncReport first = pull();
  EXPECT_CLEAN(first);
  source->change_uidvalidity("Work", source->state().at("Work").uidvalidity + 5);
  expect_reused(first, count);
}

INSTANTIATE_TEST_SUITE_P(Servers, ReuseScenario,
                         ::testing::Values(ServerKind::fake, ServerKind::dovecot, ServerKind::cyrus), kind_name);

TEST(ReuseAtGmail, AMessageWithSeveralLabelsIsFetchedOnce) {
  MailServer source(ServerKind::fake);
  source.fake()->withdraw({"OBJECTID"});
  source.fake()->offer({"X-GM-EXT-1"});
  source.fake()->create("[Gmail]/All Mail");
  source.fake()->create("Work");
  constexpr std::uint32_t kMessages = 300;
  for (std::uint32_t uid = 1; uid <= kMessages; ++uid) {
    source.fake()->append("INBOX", mail("m" + std::to_string(uid), std::to_string(uid)));
    source.fake()->copy("INBOX", uid, "[Gmail]/All Mail");
    if (uid % 2 == 0) source.fake()->copy("INBOX", uid, "Work");
  }
  PosternProgram postern(SideConfig::of(source), std::nullopt);
  const SyncReport report = postern.sync({"--pull-only"});
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("messages_fetched"), kMessages + kMessages / 100 + kMessages / 200);
  EXPECT_EQ(difference(source.contents(), contents(postern.ls())), "");
  EXPECT_THAT(source.fake()->violations(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace postern::testing
