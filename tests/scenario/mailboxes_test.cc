// Names, trees, special uses, subscriptions and renames: from a fake, which states MAILBOXIDs, to each kind of target.

#include <algorithm>
#include <map>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

/// "=2E" and its like read back; everything else as it is.
std::string decoded(const std::string& name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool escape =
        name[i] == '=' && i + 2 < name.size() && std::isxdigit(name[i + 1]) != 0 && std::isxdigit(name[i + 2]) != 0;
    out += escape ? static_cast<char>(std::stoi(name.substr(i + 1, 2), nullptr, 16)) : name[i];
    if (escape) i += 2;
  }
  return out;
}

class MailboxesTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    if (!installed(GetParam())) GTEST_SKIP() << to_string(GetParam()) << " is not installed";
    source_ = std::make_unique<MailServer>(ServerKind::fake);
    target_ = std::make_unique<MailServer>(GetParam());
    postern_ = std::make_unique<PosternProgram>(SideConfig::of(*source_), SideConfig::of(*target_));
  }
  FakeImapServer& source() { return *source_->fake(); }
  PlainImap target() { return target_->user(); }
  /// A mailbox with one message that names it.
  void box(const std::string& name) {
    source_->user().create(name);
    source_->user().append(name, mail(name));
  }
  SyncReport sync() { return postern_->sync(); }
  /// The target's mailboxes with mail, by their names with "/" between levels and without escapes.
  std::map<std::string, std::string> arrived() {
    std::map<std::string, std::string> paths;
    for (const auto& [name, mailbox] : target_->state()) {
      if (mailbox.messages.empty()) continue;
      std::string path = name;
      if (GetParam() == ServerKind::courier) {
        if (path.starts_with("INBOX.")) path = path.substr(6);
        std::replace(path.begin(), path.end(), '.', '/');
      }
      paths[decoded(path)] = name;
    }
    return paths;
  }
  std::vector<std::string> arrived_names() {
    std::vector<std::string> names;
    for (const auto& [path, name] : arrived()) names.push_back(path);
    return names;
  }
  /// A further pass does not even connect to the target.
  void expect_quiet() {
    const SyncReport report = sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.target.at("commands"), 0u) << report;
  }

  std::unique_ptr<MailServer> source_, target_;
  std::unique_ptr<PosternProgram> postern_;
};

TEST_P(MailboxesTest, ATreeArrivesUnderNamesThatTellItAgain) {
  std::vector<std::string> names{"Work/Plans/2024/Q1/Week 3",
                                 "Größe/日本語/Ελλάδα",
                                 "v1.2",
                                 "R&D",
                                 "~me",
                                 "100%",
                                 "a=2Eb",
                                 "quo\"te",
                                 "[x] {y}",
                                 "Work/a.b"};
  for (const std::string& name : names) box(name);
  const SyncReport report = sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("appended"), names.size());
  // "a=2Eb" itself arrives with its "=" escaped, so that reading it back gives what it was.
  std::sort(names.begin(), names.end());
  std::vector<std::string> seen;
  for (const auto& [path, name] : arrived()) seen.push_back(path);
  EXPECT_EQ(seen, names);
  expect_quiet();
}

TEST_P(MailboxesTest, RenamedMailboxesAreRenamedOnTheTarget) {
  for (const char* name : {"Work", "Work/Plans", "Work/Plans/2024", "Leaf", "Stays"}) box(name);
  EXPECT_CLEAN(sync());
  source().rename("Work", "Projects");
  source().rename("Leaf", "Projects/Blatt ä");
  const SyncReport report = sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("appended"), 0u) << report;
  EXPECT_THAT(arrived_names(),
              ::testing::ElementsAre("Projects", "Projects/Blatt ä", "Projects/Plans", "Projects/Plans/2024", "Stays"));
  EXPECT_THAT(target().mailboxes(), Not(Contains(target_->name("Work"))));
  source_->user().append("Projects/Plans", mail("later"));
  EXPECT_CLEAN(sync());
  EXPECT_EQ(target().state(target_->name("Projects/Plans")).messages.size(), 2u);
  expect_quiet();
}

TEST_P(MailboxesTest, TwoMailboxesExchangeTheirNames) {
  box("A");
  box("B");
  EXPECT_CLEAN(sync());
  source().rename("A", "x");
  source().rename("B", "A");
  source().rename("x", "B");
  const SyncReport report = sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("appended"), 0u) << report;
  EXPECT_THAT(target().fetch(target_->name("A"), target().state(target_->name("A")).messages.at(0).uid),
              HasSubstr("Subject: B"));
  EXPECT_EQ(arrived().size(), 2u);
  expect_quiet();
}

TEST_P(MailboxesTest, SubscriptionsFollow) {
  for (const char* name : {"A", "B/C"}) box(name);
  source_->user().subscribe("A");
  EXPECT_CLEAN(sync());
  EXPECT_THAT(target().subscriptions(), Contains(target_->name("A")));
  source_->user().command("UNSUBSCRIBE A");
  source_->user().subscribe("B/C");
  EXPECT_CLEAN(sync());
  EXPECT_THAT(target().subscriptions(), Not(Contains(target_->name("A"))));
  EXPECT_THAT(target().subscriptions(), Contains(target_->name("B/C")));
  target().subscribe(target_->name("A"));
  source_->user().append("A", mail("more"));
  EXPECT_CLEAN(sync());
  EXPECT_THAT(target().subscriptions(), Contains(target_->name("A"))) << "a person's own change stays";
  expect_quiet();
}

TEST_P(MailboxesTest, SpecialUsesAreFoundByTheirNames) {
  target().create(target_->name("Sent Items"));
  target().create(target_->name("Trash"));
  for (const char* name : {"Gesendet", "Papierkorb", "Projekte/Gesendet"}) box(name);
  EXPECT_CLEAN(sync());
  EXPECT_THAT(arrived_names(), ::testing::ElementsAre("Projekte/Gesendet", "Sent Items", "Trash"));
  expect_quiet();
}

TEST_P(MailboxesTest, TheConfigurationGivesNames) {
  postern_->settings =
      "defaults:\n  mailbox_map:\n    - {from: Old, to: Attic/Äl.ter}\n"
      "    - {match: '(\\d{4})/(.*)', to: '$2 of $1'}\n    - {from: Gesendet, to: Gesendet}\n";
  target().create(target_->name("Sent Items"));
  for (const char* name : {"Old", "Old/x", "2024/Bills", "Gesendet", "Plain"}) box(name);
  EXPECT_CLEAN(sync());
  EXPECT_THAT(arrived_names(),
              ::testing::ElementsAre("Attic/Äl.ter", "Attic/Äl.ter/x", "Bills of 2024", "Gesendet", "Plain"));
  expect_quiet();
}

INSTANTIATE_TEST_SUITE_P(, MailboxesTest,
                         ::testing::Values(ServerKind::fake, ServerKind::dovecot, ServerKind::cyrus,
                                           ServerKind::courier),
                         kind_name);

TEST(CaseInsensitiveTarget, TheSecondSpellingIsHeldAndNeverMixed) {
  Scenario s(ServerKind::fake);
  s.target.fake()->with_account([](FakeAccount& account) { account.ignore_case(); });
  for (const char* name : {"Work", "work"}) {
    s.source.user().create(name);
    s.source.user().append(name, mail(name));
  }
  const SyncReport report = s.sync();
  EXPECT_EQ(report.state, "attention");
  EXPECT_EQ(report.exit_code, 4);
  EXPECT_THAT(report.problems, HasSubstr("the target does not tell"));
  EXPECT_THAT(report.problems, HasSubstr("give one of the two another name with mailbox_map"));
  EXPECT_EQ(s.target.state().size(), 2u);
  EXPECT_EQ(s.target.contents().at("Work").size(), 1u);
  s.postern.settings = "defaults: {mailbox_map: [{from: work, to: work 2}]}\n";
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target.contents().at("work 2").size(), 1u);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.mutating_commands(), 0u);
}

}  // namespace
}  // namespace postern::testing
