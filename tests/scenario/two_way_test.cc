// `flags: two_way`.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using Flags = std::set<std::string>;

class BothWays : public Scenario {
 public:
  BothWays(ServerKind kind, int messages) : Scenario(kind) {
    postern.settings = "defaults: {flags: two_way}\n";
    for (int i = 0; i < messages; ++i) source.user().append("INBOX", mail(std::to_string(i)), {"\\Seen"});
    settle();
  }
  void settle() {
    EXPECT_CLEAN(sync());
    EXPECT_CLEAN(sync());
  }
  Flags at_source(std::size_t index) { return source.state().at("INBOX").messages.at(index).flags; }
  Flags on_target(std::size_t index) { return target.state().at("INBOX").messages.at(index).flags; }
  void expect_both(std::size_t index, const Flags& flags) {
    EXPECT_EQ(at_source(index), flags) << "source, message " << index;
    EXPECT_EQ(on_target(index), flags) << "target, message " << index;
  }
  /// The pass that sees our own changes, and one that has nothing to see.
  void expect_no_echo() {
    for (int pass = 0; pass < 2; ++pass) {
      const SyncReport report = sync();
      EXPECT_CLEAN(report);
      EXPECT_EQ(report.source.at("flag_changes"), 0u);
      EXPECT_EQ(report.source.at("flag_updates"), 0u);
      EXPECT_EQ(report.target.at("flag_updates"), 0u);
      EXPECT_EQ(mutating_commands(), 0u);
      EXPECT_EQ(source_commands("UID STORE"), 0u);
    }
    for (const char* verb : {"EXAMINE", "SELECT"}) EXPECT_EQ(source_commands(verb) + target_commands(verb), 0u) << verb;
    EXPECT_EQ(differences(), "");
  }
};

TEST_P(ScenarioTest, FlagsOfBothSidesMeet) {
  BothWays s(GetParam(), 6);
  s.expect_no_echo();
  s.target.user().store("INBOX", "1:2", "+FLAGS", {"\\Flagged"});
  s.target.user().store("INBOX", "3", "-FLAGS", {"\\Seen"});
  s.source.user().store("INBOX", "2", "+FLAGS", {"$Work"});
  s.source.user().store("INBOX", "4", "-FLAGS", {"\\Seen"});
  // One message, an addition here and a removal there; and the same on both sides.
  s.source.user().store("INBOX", "5", "+FLAGS", {"\\Answered"});
  s.target.user().store("INBOX", "5", "-FLAGS", {"\\Seen"});
  for (MailServer* side : {&s.source, &s.target}) side->user().store("INBOX", "6", "FLAGS", {"\\Draft"});
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("flag_updates"), 4u);
  s.expect_both(0, {"\\Flagged", "\\Seen"});
  s.expect_both(1, {"\\Flagged", "\\Seen", "$Work"});
  s.expect_both(2, {});
  s.expect_both(3, {});
  s.expect_both(4, {"\\Answered"});
  s.expect_both(5, {"\\Draft"});
  s.expect_no_echo();
}

TEST_P(ScenarioTest, DeletionsDoNotComeBackAndFlagsOfWhatIsGoneAreNobodys) {
  BothWays s(GetParam(), 4);
  s.target.user().store("INBOX", "1", "+FLAGS", {"\\Flagged"});
  s.source.user().expunge("INBOX", "1");
  s.target.user().expunge("INBOX", "2");
  s.target.user().store("INBOX", "3", "+FLAGS", {"\\Deleted", "\\Answered"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.source.state().at("INBOX").messages.size(), 3u);
  EXPECT_EQ(s.at_source(0), (Flags{"\\Seen"})) << "deleted on the target alone";
  EXPECT_EQ(s.at_source(1), (Flags{"\\Answered", "\\Seen"})) << "\\Deleted stays there";
  EXPECT_CLEAN(s.sync());
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.mutating_commands(), 0u);
}

TEST_P(ScenarioTest, AFilledTargetAndItsSourceGetAllFlags) {
  Scenario s(GetParam());
  s.postern.settings = "defaults: {flags: two_way}\n";
  s.source.user().append("INBOX", mail("both"), {"\\Seen"}, "03-Apr-2005 06:07:08 +0530");
  s.target.user().append("INBOX", mail("both"), {"\\Flagged", "$Mine"}, "03-Apr-2005 06:07:08 +0530");
  EXPECT_CLEAN(s.sync());
  for (MailServer* side : {&s.source, &s.target}) {
    EXPECT_EQ(side->state().at("INBOX").messages.at(0).flags, (Flags{"\\Flagged", "\\Seen", "$Mine"}));
  }
}

TEST_P(ScenarioTest, WithoutCondstoreFlagsComeBackWithTheSweep) {
  BothWays s(GetParam(), 2);
  for (SideConfig* side : {&s.postern.source, &*s.postern.target}) side->disable = {"QRESYNC", "CONDSTORE"};
  s.postern.source.more = {"flag_sweep: 0s"};
  s.settle();
  s.target.user().store("INBOX", "1", "FLAGS", {"$Work"});
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.source.at("flag_updates"), 1u);
  s.expect_both(0, {"$Work"});
  s.expect_both(1, {"\\Seen"});
}

}  // namespace
}  // namespace postern::testing
