// Messages that a target may have a second time, or says to have and does not show: what is remembered across passes.

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;
using sync::PassReport;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DoubtsTest : public PassTest {
 protected:
  /// A message whose APPEND was not answered, not found, and sent again.
  void send_twice() {
    source.append("INBOX", mail("one"));
    faults.at("target.append", 1, Fault::cut_undone);
    EXPECT_EQ(sync().state, PassReport::State::ok);
    faults.clear();
    expect_in_step();
    ASSERT_TRUE(has_doubts());
  }
  std::size_t copies() const { return target.boxes().at("INBOX").messages.size(); }
  void expect_reported(const PassReport& report, std::uint32_t uid) {
    EXPECT_EQ(report.state, PassReport::State::attention);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_THAT(report.problems.front().to_string(), HasSubstr("UIDs " + std::to_string(uid) + " are second copies"));
    EXPECT_EQ(report.quirks.at("second_copy"), 1u);
    ASSERT_EQ(vault.audit.size(), 1u);
    EXPECT_EQ(vault.audit.front().action, AuditRecord::Action::second_copy);
    EXPECT_EQ(vault.audit.front().uid, Uid(uid));
    EXPECT_EQ(vault.audit.front().mailbox, "INBOX");
    EXPECT_EQ(copies(), 2u) << "nothing is deleted";
  }
};

TEST_F(DoubtsTest, ASecondCopyThatComesAfterThePassIsReportedByTheNextOneAndOnce) {
  send_twice();
  loop.advance(30min);
  const Uid late = target.append("INBOX", mail("one"));
  expect_reported(sync(), late.value());
  restart_counts();
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.connect"), 0) << "there can be no other one";
  loop.advance(25h);
  sync();
  EXPECT_FALSE(has_doubts());
  expect_quiet();
}

TEST_F(DoubtsTest, ASecondCopyThatComesAfterHoursIsFoundByTheLastLook) {
  send_twice();
  loop.advance(5h);
  const Uid late = target.append("INBOX", mail("one"));
  restart_counts();
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.connect"), 0) << "nobody looks just for that";
  loop.advance(20h);
  expect_reported(sync(), late.value());
  expect_quiet();
}

TEST_F(DoubtsTest, ASecondCopyThatComesAfterHoursIsFoundByAPassThatOpensTheMailbox) {
  send_twice();
  loop.advance(5h);
  const Uid late = target.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  const auto report = sync();
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("UIDs " + std::to_string(late.value())));
}

TEST_F(DoubtsTest, WithoutASecondCopyTheDoubtEndsAfterADay) {
  send_twice();
  expect_quiet();
  EXPECT_FALSE(has_doubts());
  EXPECT_THAT(vault.audit, IsEmpty());
}

TEST_F(DoubtsTest, ADoubtOutlivesTheProcess) {
  source.append("INBOX", mail("one"));
  faults.choose([sent = 0](std::string_view call) mutable {
    if (call != "target.append") return Fault::none;
    return ++sent == 1 ? Fault::cut_undone : Fault::killed_after;  // as soon as it is sent again
  });
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  EXPECT_EQ(sync().state, PassReport::State::ok);
  ASSERT_EQ(copies(), 1u);
  const Uid late = target.append("INBOX", mail("one"));
  expect_reported(sync(), late.value());
}

TEST_F(DoubtsTest, EachOfThreeAppendsMayHaveLeftACopy) {
  source.append("INBOX", mail("one"));
  faults.choose([sent = 0](std::string_view call) mutable {
    return call == "target.append" && ++sent <= 2 ? Fault::cut_undone : Fault::none;
  });
  sync();
  faults.clear();
  ASSERT_EQ(copies(), 1u);
  target.append("INBOX", mail("one"));
  expect_reported(sync(), 2);
  EXPECT_TRUE(has_doubts());
  EXPECT_THAT(sync().problems, IsEmpty()) << "it was told";
  target.append("INBOX", mail("one"));
  EXPECT_THAT(sync().problems.at(0).to_string(), HasSubstr("UIDs 3 are second copies"));
}

TEST_F(DoubtsTest, OfTwoMessagesThatAreAlikeASecondCopyIsReportedOnce) {
  for (int i = 0; i < 2; ++i) source.append("INBOX", mail("one"));
  faults.at("target.append", 1, Fault::cut_undone);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  faults.clear();
  for (const std::uint32_t uid : {3u, 4u}) {
    target.append("INBOX", mail("one"));
    EXPECT_THAT(sync().problems.at(0).to_string(), HasSubstr("UIDs " + std::to_string(uid) + " are second copies"));
    EXPECT_THAT(sync().problems, IsEmpty());
  }
  EXPECT_EQ(vault.audit.size(), 2u);
}

TEST_F(DoubtsTest, ALookAlikeIsNoSecondCopy) {
  send_twice();
  target.append("INBOX", mail("one", "TEXT"));  // the same header and size
  target.append("INBOX", mail("two"));
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_THAT(vault.audit, IsEmpty());
}

TEST_F(DoubtsTest, AMessageThatWasMovedAwayAndBackIsNoSecondCopy) {
  send_twice();
  target.create("Elsewhere");
  target.move("INBOX", Uid(1), "Elsewhere");
  target.move("Elsewhere", Uid(1), "INBOX");
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_THAT(vault.audit, IsEmpty());
}

TEST_F(DoubtsTest, OfATargetMailboxThatWasMadeAnewNothingIsInDoubt) {
  send_twice();
  target.renumber("INBOX");
  sync();
  EXPECT_FALSE(has_doubts());
  expect_in_step();
}

/// What may be the message in doubt, one of two, cannot be read: it waits, and nothing else does.
TEST_F(DoubtsTest, ALookAlikeThatIsNotHandedOutHoldsBackTheDoubtedMessageAlone) {
  options.deletes = sync::Deletes::mirror;
  for (const char* subject : {"flagged", "deleted", "kept"}) source.append("INBOX", mail(subject));
  sync();
  source.append("INBOX", mail("one"));
  options.reconnects = 0;
  faults.at("target.append", 1, Fault::cut_undone);
  sync();
  faults.at("vault.put_intent", 1, Fault::killed_before);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  ASSERT_TRUE(has_doubts());
  // Of another second: not what a target made of it by altering it.
  const InternalDate other{1'000, 0};
  const UidSet alike{target.box("INBOX").append(mail("one", "TEXT"), {}, other).value(),
                     target.box("INBOX").append(mail("one", "TeXT"), {}, other).value()};
  target.quirks.refused = alike;
  source.append("INBOX", mail("new"));
  source.box("INBOX").store(Uid(1), {"\\Flagged"});
  source.box("INBOX").expunge(Uid(2));
  for (int pass = 0; pass < 2; ++pass) {
    SCOPED_TRACE(pass);
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(copies(), 5u) << "two of the three, the new one and the two that look alike";
    EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"\\Flagged"});
  }
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(copies(), 6u);
  for (const UidRange& range : alike.ranges()) {
    for (std::uint32_t uid = range.first; uid <= range.last; ++uid) target.box("INBOX").expunge(Uid(uid));
  }
  expect_in_step();
  EXPECT_THAT(vault.audit, ::testing::SizeIs(1)) << "the deletion";
}

/// Messages under an open intent, one of which cannot be told from what the target does not hand out.
class UnclearTest : public DoubtsTest {
 protected:
  UnclearTest() {
    options.deletes = sync::Deletes::mirror;
    options.reconnects = 0;
    for (const char* subject : {"flagged", "deleted", "kept"}) source.append("INBOX", mail(subject));
    sync();
  }
  /// Nothing else waits, in whichever pass, and nothing is sent that may be there.
  void expect_others_go_on(std::size_t messages) {
    source.append("INBOX", mail("new"));
    source.box("INBOX").store(Uid(1), {"\\Flagged"});
    source.box("INBOX").expunge(Uid(2));
    for (int pass = 0; pass < 3; ++pass) {
      SCOPED_TRACE(pass);
      vault.writes = 0;
      const auto report = sync();
      EXPECT_EQ(report.state, PassReport::State::attention);
      ASSERT_EQ(report.problems.size(), 1u);
      EXPECT_THAT(report.problems.front().to_string(), HasSubstr("does not hand out its UIDs"));
      EXPECT_EQ(copies(), messages);
      EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"\\Flagged"});
      EXPECT_FALSE(target.box("INBOX").messages.contains(Uid(2)));
      EXPECT_EQ(vault.targets.begin()->second.intents.size(), 1u);
      if (pass > 0) {
        EXPECT_EQ(vault.writes, 0u);
      }
    }
  }
};

TEST_F(UnclearTest, AnUnansweredMessageWaitsAlone) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  faults.at("target.append", 1, Fault::cut_undone);
  sync();
  faults.clear();
  const InternalDate other{1'000, 0};
  const UidSet alike{target.box("INBOX").append(mail("one", "TEXT"), {}, other).value(),
                     target.box("INBOX").append(mail("one", "TeXT"), {}, other).value()};
  target.quirks.refused = alike;
  expect_others_go_on(6);
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(copies(), 7u);
  alike.for_each([this](Uid uid) { target.box("INBOX").expunge(uid); });
  expect_in_step();
}

TEST_F(UnclearTest, WhatIsThereAndCannotBeReadIsBoundWhenItCan) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("one", "TEXT"));
  faults.at("target.append", 1, Fault::cut_after);
  sync();
  faults.clear();
  target.quirks.refused = UidSet{4, 5};
  expect_others_go_on(5);
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

/// They are bound by APPENDUID; the proof is what was interrupted.
TEST_F(UnclearTest, WhatIsBoundAndCannotBeProvedWaitsAlone) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("one", "TEXT"));
  faults.at("target.open", 2, Fault::killed_before);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  ASSERT_EQ(copies(), 5u);
  target.quirks.refused = UidSet{4, 5};
  expect_others_go_on(5);
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
}

TEST_F(UnclearTest, OfASourceMailboxThatIsGoneTheRestIsClearedOut) {
  source.create("Work");
  source.append("Work", mail("one"));
  source.append("Work", mail("one", "TEXT"));
  sync();
  source.append("Work", mail("two"));
  source.append("Work", mail("two", "TEXT"));
  faults.at("target.append", 1, Fault::cut_after);
  sync();
  faults.clear();
  target.quirks.refused = UidSet{3, 4};
  source.remove("Work");
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(sync().state, PassReport::State::attention);
    EXPECT_EQ(target.box("Work").messages.size(), 2u);
  }
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(sync().target->deleted, 2u) << "planned when it is known what they are";
  EXPECT_FALSE(target.has("Work"));
}

/// A target that says OK and stores nothing.
class SwallowedTest : public DoubtsTest, public ::testing::WithParamInterface<bool> {
 protected:
  SwallowedTest() {
    target.quirks.uidplus = GetParam();
    target.quirks.swallows = true;
    source.append("INBOX", mail("one"));
  }
  int sent() const { return faults.calls_of("target.append"); }
};

TEST_P(SwallowedTest, IsSentTwiceAndThenHeldBack) {
  const auto report = sync();
  EXPECT_EQ(sent(), 2);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(vault.quarantine.size(), 1u);
  sync();
  sync();
  EXPECT_EQ(sent(), 2);
}

TEST_P(SwallowedTest, TheCountOutlivesPassesThatAreKilledAndCut) {
  options.reconnects = 0;
  for (const Fault fault : {Fault::killed_before, Fault::killed_after, Fault::cut_before}) {
    for (std::uint64_t call = 1; call <= 80; ++call) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " at " + std::to_string(call));
      World world;
      world.options.reconnects = 0;
      world.target.quirks = target.quirks;
      world.source.append("INBOX", mail("one"));
      for (std::uint64_t i = 0; i < 6 && world.vault.quarantine.empty(); ++i) {
        world.faults.at(call, fault);
        world.sync_or_die();
      }
      world.faults.clear();
      for (int i = 0; i < 3; ++i) world.sync();
      EXPECT_EQ(world.vault.quarantine.size(), 1u);
      // What nobody saw the OK of may be sent again, once for each time.
      EXPECT_LE(world.faults.calls_of("target.append"), 8);
      const int before = world.faults.calls_of("target.append");
      world.sync();
      EXPECT_EQ(world.faults.calls_of("target.append"), before);
    }
  }
}

TEST_P(SwallowedTest, IsTriedAgainOnceEachTimeItIsDueAndEverLater) {
  sync();
  loop.advance(61min);
  sync();
  EXPECT_EQ(sent(), 3);
  EXPECT_EQ(vault.quarantine.begin()->second.attempts, 2u);
  loop.advance(61min);
  sync();
  EXPECT_EQ(sent(), 3) << "six hours now";
  loop.advance(6h);
  sync();
  EXPECT_EQ(sent(), 4);
}

TEST_P(SwallowedTest, WhatCameToLightIsBoundAndNotSentAgain) {
  sync();
  target.quirks.swallows = false;
  loop.advance(48h);
  target.append("INBOX", mail("one"), {"\\Answered"});
  restart_counts();
  const auto report = sync();
  EXPECT_EQ(sent(), 0);
  EXPECT_EQ(report.quarantined, 0u);
  EXPECT_TRUE(vault.quarantine.empty());
  EXPECT_EQ(copies(), 1u);
  EXPECT_EQ(target_flags("INBOX", 1), FlagSet{"\\Answered"}) << "no flag is taken away";
}

TEST_P(SwallowedTest, ATargetThatMendsItsWaysGetsTheMessage) {
  sync();
  target.quirks.swallows = false;
  loop.advance(61min);
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_TRUE(vault.quarantine.empty());
  expect_in_step();
  expect_quiet();
}

INSTANTIATE_TEST_SUITE_P(, SwallowedTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "WithUidplus" : "WithoutUidplus"; });

}  // namespace
}  // namespace postern::testing
