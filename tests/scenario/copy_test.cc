#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using ::testing::IsEmpty;

TEST_P(ScenarioTest, FirstPassCopiesAWholeAccount) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(11, 150));
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("messages_fetched"), 150u);
  EXPECT_EQ(report.target.at("appended"), 150u);
  EXPECT_EQ(report.target.at("adopted"), 0u);
  EXPECT_EQ(s.differences(), "");
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_P(ScenarioTest, TheVaultKnowsPlacesAndGivesTheExactOctetsBack) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(12, 40));
  EXPECT_CLEAN(s.sync({"--pull-only"}));
  const ServerState source = s.source.state(), vault = s.postern.ls();
  for (const auto& [name, mailbox] : vault) {
    EXPECT_EQ(mailbox.uidvalidity, source.at(name).uidvalidity) << name;
    ASSERT_EQ(mailbox.messages.size(), source.at(name).messages.size()) << name;
    for (std::size_t i = 0; i < mailbox.messages.size(); ++i) {
      EXPECT_EQ(mailbox.messages[i].uid, source.at(name).messages[i].uid) << name;
      EXPECT_EQ(mailbox.messages[i].size, source.at(name).messages[i].size) << name;
    }
  }
  const StoredMessage& last = vault.at("INBOX").messages.back();
  EXPECT_EQ(s.postern.cat(last.sha256), s.source.user().fetch("INBOX", last.uid));
  EXPECT_THAT(s.target.contents().at("INBOX"), IsEmpty());
}

TEST_P(ScenarioTest, ASecondPassDoesNothing) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(13, 60));
  EXPECT_CLEAN(s.sync());
  const ServerState before = s.target.state();
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("messages_fetched"), 0u);
  EXPECT_EQ(report.source.at("flag_changes"), 0u);
  EXPECT_EQ(report.target.at("appended"), 0u);
  EXPECT_EQ(report.target.at("flag_updates"), 0u);
  EXPECT_EQ(s.mutating_commands(), 0u);
  EXPECT_EQ(s.source_commands("EXAMINE"), 0u) << "a pass with no change costs one LIST";
  EXPECT_EQ(s.source_commands("UID FETCH"), 0u);
  EXPECT_EQ(s.source_commands("SELECT"), 0u) << "the source is opened read-only";
  const ServerState after = s.target.state();
  for (const auto& [name, mailbox] : before) {
    ASSERT_EQ(mailbox.messages.size(), after.at(name).messages.size()) << name;
    EXPECT_EQ(mailbox.uidvalidity, after.at(name).uidvalidity) << name;
  }
}

TEST_P(ScenarioTest, IdenticalCopiesStayAsManyAsTheyWere) {
  Scenario s(GetParam());
  PlainImap user = s.source.user();
  user.create("Copies");
  for (int i = 0; i < 3; ++i) user.append("INBOX", mail("twin"), {}, "01-Feb-2003 04:05:06 +0000");
  for (int i = 0; i < 2; ++i) user.append("Copies", mail("twin"), {"\\Seen"}, "01-Feb-2003 04:05:06 +0000");
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 3u);
  EXPECT_EQ(s.target.contents().at("Copies").size(), 2u);
}

TEST_P(ScenarioTest, MessagesThatShareAMessageIdAreAllCopied) {
  Scenario s(GetParam());
  PlainImap user = s.source.user();
  for (const char* subject : {"one", "two", "three"}) user.append("INBOX", mail(subject, "same@example.org"));
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 3u);
  EXPECT_EQ(s.differences(), "");
}

TEST_P(ScenarioTest, TheMailboxTreeArrivesWithItsNamesAndSubscriptions) {
  Scenario s(GetParam());
  PlainImap user = s.source.user();
  const std::vector<std::string> names{"Arbeit/Entwürfe/2024", "R&D", "a b", "quo\"te\\d", "日本語/メール", "&-"};
  for (const std::string& name : names) {
    user.create(name);
    user.append(name, mail(name));
  }
  user.subscribe("Arbeit/Entwürfe/2024");
  user.subscribe("R&D");
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
  EXPECT_THAT(s.target.user().subscriptions(), ::testing::IsSupersetOf({"Arbeit/Entwürfe/2024", "R&D"}));
  EXPECT_EQ(s.target.user().mailboxes(), s.source.user().mailboxes());
}

TEST_P(ScenarioTest, CopiesOverStarttlsAndImplicitTls) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(14, 30));
  s.postern.source = SideConfig::of(s.source, PlainTls::starttls);
  s.postern.target = SideConfig::of(s.target, PlainTls::implicit);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
}

// For the stories of every file.
INSTANTIATE_TEST_SUITE_P(, ScenarioTest, ::testing::Values(ServerKind::fake, ServerKind::dovecot), kind_name);

}  // namespace
}  // namespace postern::testing
