// Several mailboxes of the source in one of the target: `mailbox_map` with `merge: true`.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

std::multiset<MailContent> in(const MailServer& server, const std::string& mailbox) {
  return contents(server.state().at(mailbox));
}

TEST_P(ScenarioTest, SeveralMailboxesAreMergedIntoOne) {
  Scenario s(GetParam());
  s.postern.settings = "defaults: {deletes: mirror, mailbox_map: [{match: 'Lists/.*', to: Lists/All, merge: true}]}\n";
  const auto merged = [&] {
    std::multiset<MailContent> all;
    for (const std::string& name : s.source.user().mailboxes()) {
      if (name.starts_with("Lists/")) all.merge(in(s.source, name));
    }
    return all;
  };
  for (const char* name : {"Lists/one", "Lists/two", "Lists/three"}) {
    s.source.user().create(name);
    s.source.user().append(name, mail("the same in all"));
    s.source.user().append(name, mail(std::string("only in ") + name), {"\\Seen"});
  }
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(in(s.target, "Lists/All"), merged());
  EXPECT_EQ(s.sync().target.at("commands"), 0u);

  s.source.user().store("Lists/two", "1", "+FLAGS", {"\\Flagged"});
  s.source.user().expunge("Lists/three", "1");
  s.source.user().append("Lists/one", mail("news"));
  const SyncReport changed = s.sync();
  EXPECT_CLEAN(changed);
  EXPECT_EQ(changed.target.at("deleted"), 1u);
  EXPECT_EQ(in(s.target, "Lists/All"), merged());
  EXPECT_EQ(s.sync().target.at("commands"), 0u);

  s.source.user().command("DELETE Lists/two");
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(in(s.target, "Lists/All"), merged());
  EXPECT_EQ(s.postern.problems(), 0u);
}

}  // namespace
}  // namespace postern::testing
