#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::KeywordMap;
using sync::PassReport;

/// A `keyword_map` between source and target.
class KeywordReplayTest : public PassTest {
 protected:
  void map(const KeywordMap::Rules& rules) { options.keywords = KeywordMap(rules); }
  /// Everything is agreed: a further pass sends nothing.
  void expect_settled() { expect_quiet(); }
};

TEST_F(KeywordReplayTest, AppendedMessagesBearTheTargetsWords) {
  map({{"$Label1", "Important"}, {"NonJunk", ""}});
  source.append("INBOX", mail("one"), {"\\Seen", "$LABEL1", "NonJunk", "Other"});
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen", "Important", "Other"}));
  EXPECT_EQ(faults.calls_of("target.store_flags"), 0) << "at the first go";
  expect_settled();
}

TEST_F(KeywordReplayTest, LaterChangesToo) {
  map({{"$Label1", "Important"}, {"$Label2", "Important"}});
  const Uid uid = source.append("INBOX", mail("one"));
  sync();
  source.box("INBOX").store(uid, {"$Label1"});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"Important"});
  source.box("INBOX").store(uid, {"$Label1", "$Label2"});
  restart_counts();
  sync();
  EXPECT_EQ(target.mutations, 0u) << "both are one word there";
  source.box("INBOX").store(uid, {"$Label2"});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"Important"});
  source.box("INBOX").store(uid, {});
  sync();
  EXPECT_TRUE(target_flags("INBOX", 1).empty());
  expect_settled();
}

TEST_F(KeywordReplayTest, AdoptionAddsTheTargetsWordAndTakesNoneAway) {
  map({{"$Label1", "Important"}});
  source.append("INBOX", mail("one"), {"$Label1"});
  target.append("INBOX", mail("one"), {"$Label1", "Own"});
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 1u);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"$Label1", "Important", "Own"}));
  expect_settled();
}

TEST_F(KeywordReplayTest, AnotherMapRewordsWhatWasBroughtAndNothingElse) {
  map({{"$Label1", "Important"}});
  source.append("INBOX", mail("labelled"), {"$Label1", "\\Seen"});
  source.append("INBOX", mail("plain"), {"\\Seen"});
  sync();
  target.box("INBOX").store(Uid(2), {"\\Seen", "Important"});  // a person's own
  map({{"$Label1", "Work"}});
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->flag_updates, 1u);
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen", "Work"})) << "not both";
  EXPECT_EQ(target_flags("INBOX", 2), (FlagSet{"\\Seen", "Important"}));
  expect_settled();
  map({});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen", "$Label1"}));
  expect_settled();
  map({{"$Label1", ""}});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"\\Seen"});
  expect_settled();
}

TEST_F(KeywordReplayTest, WhereverThePassEndsTheNewMapIsCarriedOutInTheEnd) {
  for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before, Fault::cut_after}) {
    for (std::uint64_t call = 1; call < 40; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      world.options.keywords = KeywordMap({{"$Label1", "Important"}});
      world.source.append("INBOX", mail("one"), {"$Label1"});
      world.source.create("Other");
      world.source.append("Other", mail("two"), {"$Label1", "$Label2"});
      world.sync();
      world.options.keywords = KeywordMap({{"$Label1", "Work"}, {"$Label2", ""}});
      world.faults.at(call, fault);
      world.sync_or_die();
      world.faults.clear();
      world.sync();
      EXPECT_EQ(world.target.box("INBOX").messages.at(Uid(1)).flags, FlagSet{"Work"});
      EXPECT_EQ(world.target.box("Other").messages.at(Uid(1)).flags, FlagSet{"Work"});
      world.restart_counts();
      world.sync();
      EXPECT_EQ(world.target.mutations, 0u);
      EXPECT_EQ(world.faults.calls_of("target.connect"), 0);
    }
  }
}

TEST_F(KeywordReplayTest, ALostAnswerBeforeTheMapChangedIsSettledInTheNewWords) {
  map({{"$Label1", "Important"}});
  source.append("INBOX", mail("one"), {"$Label1"});
  options.reconnects = 0;
  faults.at("target.append", 1, Fault::cut_after);
  sync();
  faults.clear();
  options.reconnects = 5;
  map({{"$Label1", "Work"}});
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 1u);
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"Work"});
  expect_settled();
}

TEST_F(KeywordReplayTest, AMovedMessageKeepsTheTargetsWord) {
  map({{"$Label1", "Important"}});
  options.deletes = sync::Deletes::mirror;
  source.create("Done");
  const Uid uid = source.append("INBOX", mail("one"), {"$Label1"});
  source.append("INBOX", mail("stays"));
  sync();
  source.move("INBOX", uid, "Done");
  const auto report = sync();
  EXPECT_EQ(report.target->moved, 1u);
  EXPECT_EQ(target_flags("Done", 1), FlagSet{"Important"});
  expect_settled();
}

}  // namespace
}  // namespace postern::testing
