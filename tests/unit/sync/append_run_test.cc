#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// A target that takes one message with a command, pipelined.
class OneByOne : public PassTest {
 protected:
  OneByOne() {
    target.quirks.multiappend = false;
    for (int i = 1; i <= 20; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  }
  std::vector<Intent> intents() {
    std::vector<Intent> all;
    for (const auto& [id, intent] : vault.targets.begin()->second.intents) all.push_back(intent);
    return all;
  }
};

TEST_F(OneByOne, ARunHasOneIntentAndOneBatchOfBindings) {
  faults.forget_counts();
  EXPECT_EQ(sync().target->appended, 20u);
  EXPECT_EQ(faults.calls_of("target.append"), 20);
  EXPECT_EQ(faults.calls_of("vault.put_intent"), 1);
  expect_in_step();
  expect_quiet();
}

TEST_F(OneByOne, ARefusalInTheMiddleHarmsOnlyItsMessage) {
  target.quirks.refuses_text = "m10\r\n";
  const auto report = sync();
  EXPECT_EQ(report.target->appended, 19u);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(faults.calls_of("target.append"), 20);
  EXPECT_EQ(target.box("INBOX").messages.size(), 19u);
  EXPECT_TRUE(intents().empty());
}

TEST_F(OneByOne, ACutLeavesAnIntentForExactlyTheUnansweredOnes) {
  options.reconnects = 0;
  faults.at("target.append", 10, Fault::cut_after);
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::failed);
  EXPECT_EQ(report.target->appended, 7u) << "two answers before the tenth are lost too";
  const std::vector<Intent> left = intents();
  ASSERT_EQ(left.size(), 2u) << "and one for the bound ones, which are not proved";
  EXPECT_EQ(left.front().items.size(), 7u);
  std::vector<std::uint32_t> open;
  for (const Intent::Item& item : left.back().items) open.push_back(item.place.uid.value());
  EXPECT_EQ(open, (std::vector<std::uint32_t>{8, 9, 10}));
  EXPECT_EQ(left.back().target_uidnext, 1u);
  faults.clear();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(OneByOne, WhateverIsCutWhereverNothingIsLostOrDoubled) {
  for (const bool uidplus : {true, false}) {
    for (const Fault fault : {Fault::cut_before, Fault::cut_after, Fault::cut_undone, Fault::cut_late,
                              Fault::killed_before, Fault::killed_after}) {
      for (int nth = 1; nth <= 20; ++nth) {
        SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(nth));
        World world;
        world.target.quirks.multiappend = false;
        world.target.quirks.uidplus = uidplus;
        for (int i = 1; i <= 20; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
        world.faults.at("target.append", nth, fault);
        world.sync_or_die();
        world.faults.clear();
        world.sync();
        EXPECT_EQ(difference(world), "");
      }
    }
  }
}

TEST_F(OneByOne, AKeywordThatIsRefusedIsLeftOutAndTheMessageIsSent) {
  for (const bool multiappend : {false, true}) {
    SCOPED_TRACE(multiappend);
    World world;
    world.target.quirks.multiappend = multiappend;
    world.target.quirks.refuses_keyword = "$Odd";
    for (int i = 1; i <= 9; ++i) {
      world.source.append("INBOX", mail("m" + std::to_string(i)), i % 4 ? FlagSet{"$Fine"} : FlagSet{"$Odd", "\\Seen"});
    }
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.target->appended, 9u);
    EXPECT_EQ(report.quarantined, 0u);
    EXPECT_EQ(report.quirks.at("keywords_left_out"), 2u);
    int odd = 0, fine = 0;
    for (const auto& [uid, message] : world.target.box("INBOX").messages) {
      odd += message.flags == FlagSet{"\\Seen"};
      fine += message.flags == FlagSet{"$Fine"};
    }
    EXPECT_EQ(odd, 2);
    EXPECT_EQ(fine, 7) << "the others keep theirs";
    world.restart_counts();
    world.sync();
    EXPECT_EQ(world.target.mutations, 0u) << "nothing tries to set them later";
  }
}

TEST_F(OneByOne, ADateThatIsRefusedGivesWayToTheMessage) {
  for (const bool multiappend : {false, true}) {
    SCOPED_TRACE(multiappend);
    World world;
    world.target.quirks.multiappend = multiappend;
    world.target.quirks.refuses_odd_dates = true;
    const std::int64_t dates[] = {-2'209'161'600, -1, 1'000'000'000, 4'102'444'800, 253'402'300'799};
    for (const std::int64_t date : dates) {
      const Uid uid = world.source.append("INBOX", mail(std::to_string(date)), {"\\Seen", "$Work"});
      world.source.box("INBOX").messages.at(uid).date = {date, 60};
    }
    const auto report = world.sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.target->appended, 5u);
    EXPECT_EQ(report.quirks.at("date_refused"), 4u);
    std::multiset<std::int64_t> there;
    for (const auto& [uid, message] : world.target.box("INBOX").messages) there.insert(message.date.unix_seconds);
    const std::int64_t now = 1'767'225'600;  // the ManualLoop's
    for (const std::int64_t date : there) EXPECT_LE(date, now + 86'400);
    EXPECT_EQ(there.count(86'400), 2u);
    EXPECT_EQ(there.count(1'000'000'000), 1u) << "a date that is fine stays";
    for (const auto& [uid, message] : world.target.box("INBOX").messages) {
      EXPECT_EQ(message.flags, (FlagSet{"\\Seen", "$Work"})) << "it was not they";
    }
    world.restart_counts();
    EXPECT_EQ(world.sync().state, PassReport::State::ok);
    EXPECT_EQ(world.target.mutations, 0u);
  }
}

TEST_F(OneByOne, AKeywordAndADateThatAreBothRefusedAreBothLeftOut) {
  target.quirks.refuses_odd_dates = true;
  target.quirks.refuses_keyword = "$Odd";
  target.quirks.refuses_text = "poison";
  for (const char* text : {"fine", "poison"}) {
    const Uid uid = source.append("INBOX", mail(text), {"\\Seen", "$Odd"});
    source.box("INBOX").messages.at(uid).date = {-1, 0};
  }
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u) << "it comes to an end";
  std::size_t odd = 0;
  for (const auto& [uid, message] : target.box("INBOX").messages) {
    odd += message.flags == FlagSet{"\\Seen"} && message.date.unix_seconds == 86'400;
  }
  EXPECT_EQ(odd, 1u);
  restart_counts();
  sync();
  EXPECT_EQ(target.mutations, 0u);
}

TEST_F(OneByOne, ATargetThatTakesAnyDateGetsIt) {
  for (const std::int64_t date : {std::int64_t{-2'209'161'600}, std::int64_t{253'402'300'799}}) {
    const Uid uid = source.append("INBOX", mail(std::to_string(date)));
    source.box("INBOX").messages.at(uid).date = {date, -300};
  }
  EXPECT_TRUE(sync().quirks.empty());
  EXPECT_EQ(target.box("INBOX").messages.at(Uid(21)).date, (InternalDate{-2'209'161'600, -300}));
  EXPECT_EQ(target.box("INBOX").messages.at(Uid(22)).date, (InternalDate{253'402'300'799, -300}));
  expect_in_step();
}

TEST_F(OneByOne, ContentThatIsRefusedWithoutKeywordsTooIsQuarantined) {
  source.append("INBOX", mail("virus"), {"$Work"});
  target.quirks.refuses_text = "virus";
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(report.target->appended, 20u);
}

TEST_F(OneByOne, NothingIsWaitedForThatWasRefused) {
  for (const bool uidplus : {true, false}) {
    SCOPED_TRACE(uidplus);
    World world;
    world.target.quirks.multiappend = false;
    world.target.quirks.uidplus = uidplus;
    for (int i = 1; i <= 9; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
    world.faults.choose([&](std::string_view call) {
      if (call == "target.append" && world.faults.calls_of("target.append") == 4) world.target.quirks.over_quota = true;
      return Fault::none;
    });
    world.sync();
    EXPECT_TRUE(world.vault.targets.begin()->second.intents.empty());
    world.faults.clear();
    world.target.quirks.over_quota = false;
    const auto before = world.loop.now();
    world.sync();
    EXPECT_LT(world.loop.now() - before, std::chrono::seconds(1));
    EXPECT_EQ(difference(world), "");
  }
}

TEST_F(OneByOne, ARunOfWhichSomeWereRefusedIsInterruptedAndLeavesNothingToWaitFor) {
  target.quirks.refuses_text = "m10\r\n";
  faults.choose([seen = 0](std::string_view call) mutable {
    if (call == "target.append") ++seen;
    if (seen == 20 && call == "target.open") return Fault::cut_before;
    return Fault::none;
  });
  options.reconnects = 0;
  sync();
  for (const Intent& intent : intents()) EXPECT_EQ(intent.items.size(), 19u);
  faults.clear();
  const auto before = loop.now();
  sync();
  EXPECT_LT(loop.now() - before, std::chrono::seconds(1));
  EXPECT_EQ(target.box("INBOX").messages.size(), 19u);
}

// A target that states another RFC822.SIZE than was sent: Courier adds a line end, Exchange counts otherwise.
TEST_F(OneByOne, ATargetThatAltersSizesGetsEachMessageOnce) {
  for (const bool uidplus : {true, false}) {
    for (const bool multiappend : {true, false}) {
      for (const Fault fault : {Fault::none, Fault::cut_after, Fault::cut_undone, Fault::cut_late}) {
        SCOPED_TRACE(std::to_string(uidplus) + std::to_string(multiappend) + std::to_string(static_cast<int>(fault)));
        World world;
        world.target.quirks.uidplus = uidplus;
        world.target.quirks.multiappend = multiappend;
        world.target.quirks.size_lie = 2;
        for (int i = 1; i <= 20; ++i) world.source.append("INBOX", mail("m" + std::to_string(i)));
        world.faults.at("target.append", 1, fault);
        for (int pass = 0; pass < 3; ++pass) world.sync();
        EXPECT_EQ(difference(world), "");
      }
    }
  }
}

TEST_F(OneByOne, WhatIsNotRecognisedAfterTwoOksIsQuarantinedAndNotSentInEachPass) {
  target.quirks.uidplus = false;
  faults.choose([this](std::string_view call) {  // another client empties the mailbox at once
    if (call == "target.messages") target.box("INBOX").messages.clear();
    return Fault::none;
  });
  for (int pass = 0; pass < 4; ++pass) sync();
  EXPECT_EQ(faults.calls_of("target.append"), 40);
  EXPECT_EQ(vault.quarantine.size(), 20u);
  EXPECT_TRUE(intents().empty());
}

TEST_F(OneByOne, AFullTargetIsHeldWithWhatFittedBound) {
  faults.choose([this](std::string_view call) {
    if (call == "target.append" && faults.calls_of("target.append") == 6) target.quirks.over_quota = true;
    return Fault::none;
  });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.target->appended, 5u);
  EXPECT_TRUE(intents().empty());
  faults.clear();
  target.quirks.over_quota = false;
  EXPECT_EQ(sync().target->appended, 15u);
  expect_in_step();
}

}  // namespace
}  // namespace postern::testing
