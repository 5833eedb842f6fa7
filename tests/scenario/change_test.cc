#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using Flags = std::set<std::string>;

/// What the client is told not to use at the source: each row is another way to find changes.
struct Ways {
  const char* name;
  std::vector<std::string> disable;
  bool flags_at_once;  // without CONDSTORE they wait for the next sweep
};
const std::vector<Ways> kWays{{"QRESYNC", {}, true},
                              {"CONDSTORE", {"QRESYNC"}, true},
                              {"neither", {"QRESYNC", "CONDSTORE", "ESEARCH", "LIST-STATUS", "LIST-EXTENDED"}, false}};

TEST_P(ScenarioTest, AFlagChangeReachesTheTargetOnce) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"), {"\\Seen"});
  EXPECT_CLEAN(s.sync());
  s.source.user().store("INBOX", "1", "+FLAGS", {"$Work", "\\Flagged"});
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("flag_changes"), 1u);
  EXPECT_EQ(report.source.at("messages_fetched"), 0u);
  EXPECT_EQ(report.target.at("flag_updates"), 1u);
  EXPECT_EQ(s.target.state().at("INBOX").messages.at(0).flags, (Flags{"$Work", "\\Flagged", "\\Seen"}));
  if (s.target.fake() != nullptr) EXPECT_EQ(s.target_commands("UID STORE"), 1u);
  const SyncReport again = s.sync();
  EXPECT_EQ(again.target.at("flag_updates"), 0u);
  EXPECT_EQ(s.mutating_commands(), 0u);
}

TEST_P(ScenarioTest, TheSameChangeToManyMessagesIsOneCommand) {
  Scenario s(GetParam());
  PlainImap user = s.source.user();
  for (int i = 0; i < 40; ++i) user.append("INBOX", mail(std::to_string(i)));
  EXPECT_CLEAN(s.sync());
  user.store("INBOX", "1:40", "+FLAGS", {"\\Seen"});
  const SyncReport report = s.sync();
  EXPECT_EQ(report.target.at("flag_updates"), 40u);
  if (s.target.fake() != nullptr) EXPECT_EQ(s.target_commands("UID STORE"), 1u);
  EXPECT_EQ(s.differences(), "");
}

TEST_P(ScenarioTest, AFlagTakenAwayAtTheSourceGoesAtTheTargetAndTheTargetsOwnStay) {
  Scenario s(GetParam());
  s.source.user().append("INBOX", mail("hello"), {"\\Seen", "$Work"});
  EXPECT_CLEAN(s.sync());
  s.target.user().store("INBOX", "1", "+FLAGS", {"\\Answered"});
  s.source.user().store("INBOX", "1", "-FLAGS", {"$Work"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target.state().at("INBOX").messages.at(0).flags, (Flags{"\\Answered", "\\Seen"}));
}

TEST_P(ScenarioTest, NewMailIsFoundWhateverTheServerCanDo) {
  for (const Ways& ways : kWays) {
    SCOPED_TRACE(ways.name);
    Scenario s(GetParam());
    s.postern.source.disable = ways.disable;
    fill(s.source.user(), varied_account(21, 30));
    EXPECT_CLEAN(s.sync());
    s.source.user().append("R&D", mail("news"), {"\\Flagged"}, "03-Apr-2005 06:07:08 +0530");
    s.source.user().create("Fresh/Box");
    s.source.user().append("Fresh/Box", mail("more news"));
    const SyncReport report = s.sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.source.at("messages_fetched"), 2u);
    EXPECT_EQ(report.target.at("appended"), 2u);
    EXPECT_EQ(s.differences(), "");
  }
}

TEST_P(ScenarioTest, ChangedFlagsAreFoundWhateverTheServerCanDo) {
  for (const Ways& ways : kWays) {
    SCOPED_TRACE(ways.name);
    Scenario s(GetParam());
    s.postern.source.disable = ways.disable;
    fill(s.source.user(), varied_account(22, 30));
    EXPECT_CLEAN(s.sync());
    s.source.user().store("INBOX", "2:4", "FLAGS", {"$Label1", "\\Draft"});
    if (!ways.flags_at_once) {  // mail that comes in between has the mailbox opened, but its flags wait for the sweep
      s.source.user().append("INBOX", mail("news"));
    }
    EXPECT_CLEAN(s.sync());
    if (ways.flags_at_once) EXPECT_EQ(s.differences(), "");
  }
}

TEST_P(ScenarioTest, MailThatVanishesAtTheSourceStaysAtTheTarget) {
  for (const Ways& ways : kWays) {
    SCOPED_TRACE(ways.name);
    Scenario s(GetParam());
    s.postern.source.disable = ways.disable;
    PlainImap user = s.source.user();
    for (int i = 0; i < 10; ++i) user.append("INBOX", mail(std::to_string(i)));
    EXPECT_CLEAN(s.sync());
    const AccountContent before = s.target.contents();
    user.expunge("INBOX", "3,5");
    const SyncReport report = s.sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.source.at("vanished"), 2u);
    EXPECT_EQ(report.target.at("deleted"), 0u);
    EXPECT_EQ(difference(before, s.target.contents()), "");
    EXPECT_EQ(s.postern.ls().at("INBOX").messages.size(), 8u);
    EXPECT_EQ(s.mutating_commands(), 0u);
    user.append("INBOX", mail("after"));
    EXPECT_CLEAN(s.sync());
    EXPECT_EQ(s.target.contents().at("INBOX").size(), 11u);
  }
}

TEST_P(ScenarioTest, ANewUidValidityDoublesNothing) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(23, 60));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  for (const char* mailbox : {"INBOX", "R&D"}) {
    s.source.change_uidvalidity(mailbox, s.source.state().at(mailbox).uidvalidity + 7);
  }
  const SyncReport report = s.sync();
  EXPECT_EQ(report.target.at("appended"), 0u) << report;
  EXPECT_EQ(report.target.at("deleted"), 0u) << report;
  EXPECT_EQ(difference(before, s.target.contents()), "");
  s.source.user().append("INBOX", mail("under the new validity"));
  s.sync();
  EXPECT_EQ(s.differences(), "");
}

TEST_P(ScenarioTest, AMailboxThatGoesAtTheSourceStaysAtTheTarget) {
  Scenario s(GetParam());
  fill(s.source.user(), varied_account(24, 40));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  s.source.user().remove("R&D");
  const SyncReport report = s.sync();
  EXPECT_EQ(report.target.at("deleted"), 0u) << report;
  EXPECT_EQ(difference(before, s.target.contents()), "");
}

}  // namespace
}  // namespace postern::testing
