// Targets that alter what they store, or do not show all of it: what stands there is not taken for another's message.

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// Six messages on a target that gives each a subject and an INTERNALDATE of its own.
struct RewritingTarget : World {
  static constexpr std::size_t kAll = 6;

  explicit RewritingTarget(sync::Deletes deletes = sync::Deletes::mirror) {
    options.deletes = deletes;
    target.quirks.rewrites = true;
    source.create("Archive");
    for (std::size_t i = 0; i < kAll; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
  }
  std::size_t held(std::string_view box) { return target.has(box) ? target.box(box).messages.size() : 0; }
};

TEST(RewritingTarget, DoesNotLookLikeARestoredOne) {
  for (const auto deletes : {sync::Deletes::mirror, sync::Deletes::trash}) {
    RewritingTarget world(deletes);
    world.source.box("INBOX").expunge(Uid(2));
    const auto report = world.sync();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("1 messages that are to go stay"));
    EXPECT_EQ(world.held("INBOX"), RewritingTarget::kAll) << "nothing tells that it is the message";
    world.source.append("INBOX", mail("new"));
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(world.held("INBOX"), RewritingTarget::kAll + 1);
  }
}

TEST(RewritingTarget, WhatIsMovedIsSentToItsNewPlaceOnce) {
  RewritingTarget world;
  world.source.move("INBOX", Uid(2), "Archive");
  for (int pass = 0; pass < 3; ++pass) world.sync();
  EXPECT_EQ(world.held("Archive"), 1u);
  EXPECT_EQ(world.held("INBOX"), RewritingTarget::kAll) << "the old place is doubtful";
  EXPECT_EQ(world.sync().state, PassReport::State::ok);
}

TEST(RewritingTarget, ReadBackItHasAlteredCopiesAndThatIsAll) {
  RewritingTarget world;
  world.options.delete_source = std::chrono::hours(1);
  for (int pass = 0; pass < 3; ++pass) {
    const auto report = world.sync();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("altered the octets of 6 messages"));
    EXPECT_EQ(world.held("INBOX"), RewritingTarget::kAll);
    world.loop.advance(std::chrono::hours(1));
  }
  EXPECT_EQ(world.source.box("INBOX").messages.size(), RewritingTarget::kAll);
}

/// What cannot be read back stays at the source, and nothing else does for it.
TEST(UnreadableOnTarget, OneMessageHoldsNoOtherUpThatIsReadBack) {
  World world;
  world.options.delete_source = std::chrono::hours(1);
  for (int i = 0; i < 4; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
  world.target.quirks.refused.add(Uid(3));
  for (int pass = 0; pass < 3; ++pass) {
    const auto report = world.sync();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("does not hand out its UIDs 3"));
    world.loop.advance(std::chrono::hours(1));
  }
  ASSERT_EQ(world.source.box("INBOX").messages.size(), 1u);
  EXPECT_TRUE(world.source.box("INBOX").messages.contains(Uid(3)));
  world.target.quirks.refused = UidSet();
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    world.loop.advance(std::chrono::hours(1));
  }
  EXPECT_TRUE(world.source.box("INBOX").messages.empty());
}

/// A message whose header the target will not show cannot be looked at before it goes.
TEST(UnreadableOnTarget, OneMessageHoldsNoOtherUpThatIsToGo) {
  for (const auto deletes : {sync::Deletes::mirror, sync::Deletes::trash}) {
    World world;
    world.options.deletes = deletes;
    for (int i = 0; i < 12; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.sync();
    world.target.quirks.headers_refused.add(Uid(3));
    for (std::uint32_t uid = 2; uid <= 5; ++uid) world.source.box("INBOX").expunge(Uid(uid));
    const auto report = world.sync();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("1 messages that are to go stay"));
    EXPECT_EQ(report.target->deleted, 3u);
    EXPECT_TRUE(world.target.box("INBOX").messages.contains(Uid(3)));
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
  }
}

/// More UIDs, far apart, than go into a command line.
TEST(UnreadableOnTarget, WhatIsToGoIsLookedAtInLinesThatAServerReads) {
  constexpr int kAll = 2'000;
  World world;
  world.options.deletes = sync::Deletes::mirror;
  world.options.guard = {.messages = kAll, .percent = 100, .emptied = kAll};
  world.target.box("INBOX").uidnext = 100'000'000;
  for (int i = 0; i < kAll; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
  world.sync();
  for (std::uint32_t uid = 1; uid <= kAll; uid += 2) world.source.box("INBOX").expunge(Uid(uid));
  const auto report = world.sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->deleted, kAll / 2);
}

}  // namespace
}  // namespace postern::testing
