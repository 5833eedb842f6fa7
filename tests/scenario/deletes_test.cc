// `deletes: mirror | trash`, moves, and the guard between a source and a target.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

class Following : public Scenario {
 public:
  Following(ServerKind kind, const std::string& deletes) : Scenario(kind) {
    postern.settings = "defaults: {deletes: " + deletes + "}\n";
  }
  void fill_inbox(int count) {
    for (int i = 0; i < count; ++i) source.user().append("INBOX", mail("m" + std::to_string(i)));
  }
  std::size_t at_target(const std::string& mailbox) { return target.state().at(mailbox).messages.size(); }
};

TEST_P(ScenarioTest, AMessageDeletedAtTheSourceIsDeletedOnAMirror) {
  Following s(GetParam(), "mirror");
  s.fill_inbox(30);
  EXPECT_CLEAN(s.sync());
  s.source.user().expunge("INBOX", "3,7:9");
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("deleted"), 4u);
  EXPECT_EQ(difference(s.source.contents(), s.target.contents()), "");
  EXPECT_EQ(s.sync().target.at("commands"), 0u);
  const Finished audit = s.postern.run({"guard", "--audit", "--json"});
  EXPECT_EQ(std::count(audit.out.begin(), audit.out.end(), '\n'), 4);
  EXPECT_EQ(nlohmann::json::parse(audit.out.substr(0, audit.out.find('\n')))["action"], "expunged");
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_P(ScenarioTest, WithTrashItLiesInTheTrashOfTheTarget) {
  Following s(GetParam(), "trash");
  s.fill_inbox(10);
  EXPECT_CLEAN(s.sync());
  s.source.user().expunge("INBOX", "2");
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("deleted"), 1u);
  EXPECT_EQ(s.at_target("INBOX"), 9u);
  EXPECT_EQ(s.at_target("Trash"), 1u);
}

TEST_P(ScenarioTest, AnEmptiedInboxIsHeldUntilAPersonLetsItThrough) {
  Following s(GetParam(), "mirror");
  s.fill_inbox(30);
  EXPECT_CLEAN(s.sync());
  s.source.user().expunge("INBOX", "1:*");
  s.source.user().append("INBOX", mail("news"));
  const SyncReport held = s.sync();
  EXPECT_EQ(held.exit_code, 4) << held;
  EXPECT_EQ(held.target.at("deleted"), 0u);
  EXPECT_EQ(held.target.at("held"), 30u);
  EXPECT_EQ(s.at_target("INBOX"), 31u) << "the rest of the pass goes on";
  EXPECT_EQ(s.sync().target.at("deleted"), 0u) << "time lets nothing through";
  const Finished listed = s.postern.run({"guard", "--json"});
  EXPECT_EQ(listed.status.code, 4);
  const auto hold = nlohmann::json::parse(listed.out);
  EXPECT_EQ(hold["mailbox"], "INBOX");
  EXPECT_EQ(hold["deletions"], 30);
  EXPECT_EQ(s.postern.run({"guard", "ack", PosternProgram::kAccount, "INBOX"}).status.code, 0);
  const SyncReport through = s.sync();
  EXPECT_CLEAN(through);
  EXPECT_EQ(through.target.at("deleted"), 30u);
  EXPECT_EQ(difference(s.source.contents(), s.target.contents()), "");
  EXPECT_EQ(s.postern.run({"guard"}).status.code, 0);
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_P(ScenarioTest, FiveHundredMovedMessagesAreMovedOnTheTarget) {
  Following s(GetParam(), "mirror");
  s.source.user().create("Done");
  s.fill_inbox(510);
  EXPECT_CLEAN(s.sync());
  s.source.user().move("INBOX", "1:500", "Done");
  const SyncReport report = s.sync();
  EXPECT_CLEAN(report);
  EXPECT_EQ(report.target.at("moved"), 500u);
  EXPECT_EQ(report.target.at("appended"), 0u);
  EXPECT_EQ(report.target.at("deleted"), 0u);
  EXPECT_EQ(difference(s.source.contents(), s.target.contents()), "");
  if (GetParam() == ServerKind::fake) {
    EXPECT_EQ(s.target_commands("APPEND"), 0u);
    EXPECT_LE(s.target_commands("UID MOVE"), 2u);
  }
  EXPECT_EQ(s.sync().target.at("commands"), 0u);
}

}  // namespace
}  // namespace postern::testing
