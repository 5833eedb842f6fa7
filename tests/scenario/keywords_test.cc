// `keyword_map` between a source and a target.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

TEST_P(ScenarioTest, KeywordsBearOtherWordsOnTheTarget) {
  Scenario s(GetParam());
  s.postern.settings = "defaults: {keyword_map: {$Label1: Important, NonJunk: ''}}\n";
  s.source.user().append("INBOX", mail("one"), {"$Label1", "NonJunk", "\\Seen"});
  s.source.user().append("INBOX", mail("two"));
  EXPECT_CLEAN(s.sync());
  const auto flags = [&](std::size_t index) { return s.target.state().at("INBOX").messages.at(index).flags; };
  EXPECT_EQ(flags(0), (std::set<std::string>{"Important", "\\Seen"}));
  s.source.user().store("INBOX", "2", "+FLAGS", {"$label1"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(flags(1), (std::set<std::string>{"Important"}));
  EXPECT_EQ(s.sync().target.at("commands"), 0u);

  s.postern.settings = "defaults: {keyword_map: {$Label1: Work, NonJunk: ''}}\n";
  const SyncReport reworded = s.sync();
  EXPECT_CLEAN(reworded);
  EXPECT_EQ(reworded.target.at("flag_updates"), 2u);
  EXPECT_EQ(flags(0), (std::set<std::string>{"Work", "\\Seen"})) << "not both words";
  EXPECT_EQ(flags(1), (std::set<std::string>{"Work"}));
  EXPECT_EQ(s.sync().target.at("commands"), 0u);
  EXPECT_EQ(s.postern.problems(), 0u);
}

}  // namespace
}  // namespace postern::testing
