// `delete_source: after_verified`.

#include <chrono>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

class Moving : public Scenario {
 public:
  explicit Moving(ServerKind kind) : Scenario(kind) {
    postern.settings = "defaults: {delete_source: after_verified}\n";
  }
  std::size_t left(const std::string& mailbox) { return source.state().at(mailbox).messages.size(); }
};

TEST_P(ScenarioTest, VerifiedMailLeavesTheSourceAndStaysOnTheTarget) {
  Moving s(GetParam());
  fill(s.source.user(), varied_account(61, 40));
  const AccountContent wanted = s.source.contents();
  const SyncReport first = s.sync();
  EXPECT_CLEAN(first);
  EXPECT_EQ(first.source.at("deleted"), 40u);
  for (const auto& [name, mailbox] : s.source.state()) EXPECT_TRUE(mailbox.messages.empty()) << name;
  EXPECT_EQ(difference(wanted, s.target.contents()), "");
  const SyncReport second = s.sync();
  EXPECT_CLEAN(second);
  EXPECT_EQ(second.source.at("vanished"), 40u);
  EXPECT_EQ(second.source.at("deleted"), 0u);
  EXPECT_EQ(difference(wanted, s.target.contents()), "") << "the vanishing was replayed";
  EXPECT_EQ(s.postern.problems(), 0u);
  s.source.user().append("INBOX", mail("late"));
  EXPECT_EQ(s.sync().source.at("deleted"), 1u);
  EXPECT_EQ(s.left("INBOX"), 0u);
}

TEST_P(ScenarioTest, WithinTheGraceNothingLeavesTheSource) {
  Moving s(GetParam());
  s.postern.settings = "defaults: {delete_source: after_verified, grace: 7d}\n";
  fill(s.source.user(), varied_account(62, 10));
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("deleted"), 0u);
  EXPECT_EQ(s.differences(), "");
}

TEST_P(ScenarioTest, AMailboxUnderAnotherUidvalidityIsPulledBeforeAnythingLeavesIt) {
  Moving s(GetParam());
  s.postern.settings = "defaults: {delete_source: after_verified, grace: 2s}\n";
  for (int i = 0; i < 3; ++i) s.source.user().append("INBOX", mail(std::to_string(i)));
  EXPECT_CLEAN(s.sync());
  const AccountContent wanted = s.source.contents();
  s.source.change_uidvalidity("INBOX", 4'000'000'000);
  SyncReport report;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (s.left("INBOX") != 0 && std::chrono::steady_clock::now() < until) report = s.sync();  // the grace has to pass
  EXPECT_EQ(s.left("INBOX"), 0u) << report;
  EXPECT_EQ(difference(wanted, s.target.contents()), "");
}

class DeleteSourceTest : public ::testing::Test {
 protected:
  Moving s{ServerKind::fake};
  void append(int count) {
    for (int i = 0; i < count; ++i) s.source.user().append("INBOX", mail("m" + std::to_string(i)));
  }
};

TEST_F(DeleteSourceTest, ACutBetweenStoreAndExpungeIsMadeUpForByANewConnection) {
  append(5);
  const AccountContent wanted = s.source.contents();
  s.source.fake()->rule({.command = "UID EXPUNGE", .instead = "", .cut = true});
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("deleted"), 5u);
  EXPECT_EQ(s.source_commands("UID EXPUNGE"), 2u);
  EXPECT_EQ(s.left("INBOX"), 0u);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(difference(wanted, s.target.contents()), "");
}

TEST_F(DeleteSourceTest, ALostAnswerToExpungeIsNoDeletionOnTheTarget) {
  append(5);
  const AccountContent wanted = s.source.contents();
  s.source.fake()->interrupt_when(
      [](const std::string& command, bool done) { return done && command.starts_with("UID EXPUNGE"); });
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("deleted"), 5u);
  s.source.fake()->interrupt_when({});
  EXPECT_EQ(s.left("INBOX"), 0u);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(difference(wanted, s.target.contents()), "");
}

TEST_F(DeleteSourceTest, AMessageWhoseOctetsTheTargetAlteredNeverLeaves) {
  append(3);
  s.postern.settings = "defaults: {delete_source: never}\n";
  EXPECT_CLEAN(s.sync());
  s.target.fake()->with_account([](FakeAccount& account) {
    FakeMessage& first = account.find("INBOX")->messages.front();
    Bytes octets = *first.octets;
    octets[octets.size() - 4] = '!';
    first.octets = std::make_shared<const Bytes>(std::move(octets));
  });
  s.postern.settings = "defaults: {delete_source: after_verified}\n";
  for (int pass = 0; pass < 2; ++pass) {
    const SyncReport report = s.sync();
    EXPECT_EQ(report.state, "attention") << report;
    EXPECT_THAT(report.problems, ::testing::HasSubstr("altered the octets of 1 messages"));
    EXPECT_EQ(s.left("INBOX"), 1u);
  }
}

TEST_F(DeleteSourceTest, AUidvalidityThatChangesInBetweenKeepsEverything) {
  append(3);
  bool changed = false;
  s.target.fake()->interrupt_when([&](const std::string& command, bool done) {
    if (done && !changed && command.starts_with("APPEND")) {
      changed = true;
      s.source.fake()->change_uidvalidity("INBOX", 5'555);
    }
    return false;
  });
  const SyncReport report = s.sync();
  EXPECT_TRUE(changed);
  EXPECT_EQ(report.source.at("deleted"), 0u);
  EXPECT_EQ(s.left("INBOX"), 3u);
  EXPECT_EQ(s.source_commands("UID STORE") + s.source_commands("UID EXPUNGE"), 0u);
}

TEST_F(DeleteSourceTest, WithoutUidplusNothingIsTouched) {
  append(3);
  s.source.fake()->withdraw({"UIDPLUS"});
  const SyncReport report = s.sync();
  EXPECT_EQ(report.state, "attention") << report;
  EXPECT_THAT(report.problems, ::testing::HasSubstr("no UIDPLUS"));
  EXPECT_EQ(s.left("INBOX"), 3u);
  EXPECT_EQ(s.source_commands("UID STORE"), 0u);
}

}  // namespace
}  // namespace postern::testing
