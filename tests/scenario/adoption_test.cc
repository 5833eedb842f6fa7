#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

TEST_P(ScenarioTest, ATargetThatHoldsTheMailAlreadyIsNotDoubled) {
  Scenario s(GetParam());
  const auto account = varied_account(31, 80);
  fill(s.source.user(), account);
  fill(s.target.user(), account);
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("adopted"), 80u);
  EXPECT_EQ(report.target.at("appended"), 0u);
  EXPECT_EQ(s.target_commands("APPEND"), 0u);
  EXPECT_EQ(s.differences(), "");
}

TEST_P(ScenarioTest, ALostVaultDoublesNothing) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(32, 60));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  std::filesystem::remove_all(s.postern.vault());
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("appended"), 0u);
  EXPECT_EQ(difference(before, s.target.contents()), "");
}

TEST_P(ScenarioTest, WhatTheTargetLacksIsAppendedAndItsOwnMailIsLeftAlone) {
  Scenario s(GetParam());
  PlainImap source = s.source.user(), target = s.target.user();
  const char* date = "01-Feb-2003 04:05:06 +0000";
  for (const char* subject : {"one", "two", "three"}) source.append("INBOX", mail(subject), {}, date);
  target.append("INBOX", mail("the target's own"), {"\\Flagged"}, date);
  target.append("INBOX", mail("two"), {"\\Seen"}, date);
  target.create("Only here");
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("adopted"), 1u);
  EXPECT_EQ(report.target.at("appended"), 2u);
  std::multiset<std::string> wanted, there;
  for (const char* subject : {"one", "two", "three", "the target's own"}) wanted.insert(sha256_hex(mail(subject)));
  const AccountContent at_target = s.target.contents();
  for (const MailContent& content : at_target.at("INBOX")) there.insert(content.sha256);
  EXPECT_EQ(there, wanted);
  EXPECT_TRUE(at_target.contains("Only here"));
}

TEST_P(ScenarioTest, OfThreeCopiesTheTargetGetsTheOneItLacks) {
  Scenario s(GetParam());
  for (int i = 0; i < 3; ++i) s.source.user().append("INBOX", mail("twin"));
  for (int i = 0; i < 2; ++i) s.target.user().append("INBOX", mail("twin"));
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("adopted"), 2u);
  EXPECT_EQ(report.target.at("appended"), 1u);
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 3u);
}

}  // namespace
}  // namespace postern::testing
