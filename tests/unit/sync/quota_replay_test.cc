#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::AllOf;
using ::testing::HasSubstr;

class QuotaTest : public PassTest {
 protected:
  Bytes big(std::string_view subject, std::size_t octets) { return mail(subject, std::string(octets, 'x')); }
  std::size_t copies(std::string_view subject) {
    std::size_t found = 0;
    for (const auto& [name, box] : target.boxes()) {
      for (const auto& [uid, message] : box.messages) found += message.octets.find(subject) != Bytes::npos;
    }
    return found;
  }
};

TEST_F(QuotaTest, WhatDoesNotFitWaitsAndTheRestGoesOn) {
  for (const bool multiappend : {true, false}) {
    SCOPED_TRACE(multiappend);
    World world;
    world.target.quirks.multiappend = multiappend;
    world.target.quirks.quota.emplace(Quirks::Quota{.octets = 20'480});
    world.source.append("INBOX", big("first", 3'000));
    world.source.append("INBOX", big("large", 50'000));
    world.source.append("INBOX", big("last", 3'000));
    world.source.create("Other");
    world.source.append("Other", mail("elsewhere"));
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    EXPECT_EQ(report.target->appended, 3u);
    EXPECT_EQ(report.target->held, 1u);
    EXPECT_EQ(report.quarantined, 0u);
    EXPECT_EQ(world.faults.calls_of("target.quota"), 3) << "once a mailbox, and once more before the large one waits";
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems.front().kind(), ErrorKind::quota);
    EXPECT_THAT(report.problems.front().to_string(),
                AllOf(HasSubstr("1 message of 50"), HasSubstr("quota root \"User quota\" has 0 of 20 KiB in use"),
                      HasSubstr("raise its quota")));
    world.target.quirks.quota->octets = 1'000'000;
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(difference(world), "");
    world.restart_counts();
    world.sync();
    EXPECT_EQ(world.target.mutations, 0u);
    EXPECT_EQ(world.faults.calls_of("target.connect"), 0);
  }
}

TEST_F(QuotaTest, NothingOfItIsSentAndNoIntentIsLeft) {
  target.quirks.quota.emplace(Quirks::Quota{.octets = 2'048});
  source.append("INBOX", big("large", 50'000));
  sync();
  EXPECT_EQ(faults.calls_of("target.append"), 0);
  EXPECT_EQ(faults.calls_of("vault.put_intent"), 0);
  EXPECT_EQ(faults.calls_of("target.quota"), 1) << "nothing was sent since: it is not asked again";
}

TEST_F(QuotaTest, FlagsAndDeletionsGoOnAndMakeRoom) {
  options.deletes = sync::Deletes::mirror;
  target.quirks.quota.emplace(Quirks::Quota{.octets = 61'440});
  const Uid old = source.append("INBOX", big("old", 30'000));
  const Uid kept = source.append("INBOX", mail("kept"));
  sync();
  source.append("INBOX", big("new", 40'000));
  source.box("INBOX").expunge(old);
  source.box("INBOX").store(kept, {"\\Seen"});
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.target->deleted, 1u);
  EXPECT_EQ(report.target->flag_updates, 1u);
  EXPECT_EQ(copies("new"), 0u);
  EXPECT_EQ(sync().state, PassReport::State::ok) << "the deletion made room";
  expect_in_step();
  expect_quiet();
}

TEST_F(QuotaTest, ACountOfMessagesIsALimitToo) {
  target.quirks.quota.emplace(Quirks::Quota{.octets = 1'000'000, .messages = 5});
  for (int i = 0; i < 9; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  const auto report = sync();
  EXPECT_EQ(report.target->appended, 5u);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("of 5 messages in use"));
  target.quirks.quota->messages = 50;
  EXPECT_EQ(sync().target->appended, 4u);
  expect_in_step();
  expect_quiet();
}

TEST_F(QuotaTest, ATargetMailboxMadeAnewIsFilledWhenThereIsRoom) {
  for (int i = 0; i < 5; ++i) source.append("INBOX", big("m" + std::to_string(i), 5'000));
  sync();
  target.renumber("INBOX");
  target.box("INBOX").messages.clear();
  target.quirks.quota.emplace(Quirks::Quota{.octets = 12'288});
  source.append("INBOX", mail("one more"));
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(copies("one more"), 1u) << "what fits is there";
  target.quirks.quota->octets = 1'000'000;
  EXPECT_EQ(sync().state, PassReport::State::ok) << "the older ones are named by no history row";
  expect_in_step();
  expect_quiet();
}

TEST_F(QuotaTest, WhatIsNotStatedIsTheServersToRefuse) {
  target.quirks.quota.emplace(Quirks::Quota{.octets = 2'048, .stated = false});
  source.append("INBOX", big("large", 50'000));
  const auto report = sync();
  EXPECT_EQ(faults.calls_of("target.append"), 1);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("OVERQUOTA"));
  target.quirks.quota.reset();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(QuotaTest, ATargetWithoutQuotaIsNotAsked) {
  source.append("INBOX", mail("one"));
  sync();
  EXPECT_EQ(faults.calls_of("target.quota"), 0);
}

TEST_F(QuotaTest, WhateverIsCutWhereverNothingIsDoubled) {
  for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after}) {
    for (int nth = 1; nth <= 3; ++nth) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(nth));
      World world;
      world.target.quirks.quota.emplace(Quirks::Quota{.octets = 20'480});
      for (int i = 0; i < 9; ++i) world.source.append("INBOX", big("m" + std::to_string(i), 4'000));
      world.faults.at("target.quota", nth, fault);
      world.sync_or_die();
      world.faults.clear();
      EXPECT_EQ(world.sync().state, PassReport::State::attention);
      EXPECT_LE(world.target.octets_held(), 20'480u);
      world.target.quirks.quota->octets = 1'000'000;
      EXPECT_EQ(world.sync().state, PassReport::State::ok);
      EXPECT_EQ(difference(world), "");
    }
  }
}

}  // namespace
}  // namespace postern::testing
