#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

class ReplayTest : public PassTest {};

TEST_F(ReplayTest, MailReachesTheTargetOnceAndANextPassHasNothingToDo) {
  source.append("INBOX", mail("one"), {"\\Seen", "$Work"});
  source.create("Work/Plans").subscribed = false;
  source.append("Work/Plans", mail("two"));
  source.create("Empty");
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  ASSERT_TRUE(report.target);
  EXPECT_EQ(report.target->appended, 2u);
  EXPECT_FALSE(target.box("Work/Plans").subscribed);
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, BatchesAreSentAsOneMultiappend) {
  for (int i = 0; i < 130; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  EXPECT_EQ(faults.calls_of("target.append"), 3);
  expect_in_step();
}

TEST_F(ReplayTest, WithoutMultiappendOrUidplusEveryMessageStillArrivesOnce) {
  target.quirks.multiappend = target.quirks.uidplus = false;
  for (int i = 0; i < 100; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  EXPECT_EQ(sync().target->appended, 100u);
  EXPECT_EQ(faults.calls_of("target.append"), 100);
  EXPECT_EQ(faults.calls_of("target.messages"), 2) << "one look for a batch";
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, AnAppenduidOfAnotherMailboxIsNotBelieved) {
  target.quirks.wrong_appenduid = true;
  source.append("INBOX", mail("one"));
  sync();
  const auto& bindings = vault.targets.begin()->second.bindings;
  ASSERT_EQ(bindings.size(), 1u);
  EXPECT_EQ(bindings.begin()->second.target_uidvalidity, target.box("INBOX").uidvalidity);
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  sync();
  expect_in_step();
}

TEST_F(ReplayTest, AnAppenduidGivenTwiceIsNotBelieved) {
  target.quirks.multiappend = false;
  target.quirks.same_appenduid = true;
  source.append("INBOX", mail("one"));
  source.append("INBOX", mail("two"));
  sync();
  source.box("INBOX").store(Uid(2), {"\\Seen"});
  sync();
  expect_in_step();
}

TEST_F(ReplayTest, FlagChangesReachTheTargetOnceAndGrouped) {
  for (int i = 0; i < 10; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  restart_counts();
  for (std::uint32_t uid = 1; uid <= 8; ++uid) source.box("INBOX").store(Uid(uid), {"\\Seen"});
  source.box("INBOX").store(Uid(9), {"\\Flagged"});
  const auto report = sync();
  EXPECT_EQ(report.target->flag_updates, 9u);
  EXPECT_EQ(faults.calls_of("target.store"), 2);
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, AChangeMadeOnTheTargetStays) {
  source.append("INBOX", mail("one"), {"\\Seen"});
  sync();
  target.box("INBOX").store(Uid(1), {"\\Seen", "\\Flagged"});
  source.box("INBOX").store(Uid(1), {"\\Answered"});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Answered", "\\Flagged"}));
}

TEST_F(ReplayTest, VanishedMessagesStayOnTheTarget) {
  source.append("INBOX", mail("one"));
  sync();
  source.box("INBOX").expunge(Uid(1));
  EXPECT_EQ(sync().target->deleted, 0u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 1u);
  expect_quiet();
}

TEST_F(ReplayTest, DeletedMessagesAreNotReplayedUntilTheyAreUndeleted) {
  source.append("INBOX", mail("one"), {"\\Deleted"});
  sync();
  EXPECT_TRUE(target.box("INBOX").messages.empty());
  source.box("INBOX").store(Uid(1), {"\\Seen"});
  sync();
  expect_in_step();
}

TEST_F(ReplayTest, ATargetFilledByAnotherToolIsAdoptedNotDoubled) {
  for (const bool dates_kept : {true, false}) {
    SCOPED_TRACE(dates_kept ? "with its dates" : "with dates of its own");
    const std::string name = dates_kept ? "Dated" : "Undated";
    source.create(name);
    target.create(name);
    for (int i = 0; i < 5; ++i) source.append(name, mail("m" + std::to_string(i)), {"\\Seen"});
    for (int i = 4; i >= 1; --i) {
      auto date = source.box(name).messages.at(Uid(static_cast<std::uint32_t>(i) + 1)).date;
      if (!dates_kept) date.unix_seconds += 86'400;
      target.box(name).append(mail("m" + std::to_string(i)), {"\\Flagged"}, date);
    }
    target.append(name, mail("only on the target"));
    restart_counts();
    const auto report = sync();
    EXPECT_EQ(report.target->adopted, 4u);
    EXPECT_EQ(report.target->appended, 1u);
    EXPECT_EQ(target.box(name).messages.size(), 6u);
    EXPECT_EQ(target_flags(name, 1), (FlagSet{"\\Seen", "\\Flagged"})) << "added to, nothing taken away";
    EXPECT_EQ(faults.calls_of("target.digests"), dates_kept ? 0 : 1);
    expect_quiet();
  }
}

TEST_F(ReplayTest, ADraftLikeOneOnTheTargetReachesItAllTheSame) {
  source.create("Drafts");
  target.create("Drafts");
  source.append("Drafts", mail("", "monday "));
  target.box("Drafts").append(mail("", "tuesday"), {}, {1'700'000'000, 0});
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 0u);
  EXPECT_EQ(report.target->appended, 1u);
  ASSERT_EQ(target.box("Drafts").messages.size(), 2u);
  EXPECT_EQ(target.box("Drafts").messages.at(Uid(2)).octets, mail("", "monday "));
  expect_quiet();
}

TEST_F(ReplayTest, MessagesAlikeInHeaderAndSizeAreToldApartByDigest) {
  source.append("INBOX", mail("self", "aaaa"));
  source.append("INBOX", mail("self", "bbbb"));
  target.append("INBOX", mail("self", "bbbb"));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 1u);
  EXPECT_EQ(report.target->appended, 1u);
  ASSERT_EQ(target.box("INBOX").messages.size(), 2u);
  EXPECT_EQ(target.box("INBOX").messages.at(Uid(2)).octets, mail("self", "aaaa"));
}

TEST_F(ReplayTest, IdenticalCopiesAreAllKept) {
  for (int i = 0; i < 3; ++i) source.append("INBOX", mail("same"));
  target.append("INBOX", mail("same"));
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 3u);
  expect_quiet();
}

TEST_F(ReplayTest, ARefusedMessageIsQuarantinedAndTheBatchGoesOn) {
  for (int i = 0; i < 20; ++i) source.append("INBOX", mail("m" + std::to_string(i), i == 11 ? "NUL" : "fine"));
  target.quirks.refuses_text = "NUL";
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(report.target->appended, 19u);
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("illegal content"));
  restart_counts();
  sync();
  EXPECT_EQ(faults.calls_of("target.connect"), 0) << "not due yet, and the cursor has passed it";
  target.quirks.refuses_text.clear();
  loop.advance(std::chrono::minutes(61));
  EXPECT_EQ(sync().quarantined, 0u);
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, WithoutMultiappendARefusedMessageDoesNotStopTheBatch) {
  target.quirks.multiappend = false;
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i), i == 2 ? "NUL" : "fine"));
  target.quirks.refuses_text = "NUL";
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(report.target->appended, 4u);
}

TEST_F(ReplayTest, ADamagedObjectIsQuarantinedAndTheRestGoesOn) {
  for (const bool multiappend : {true, false}) {
    target.quirks.multiappend = multiappend;
    options.replay = false;
    const Bytes damaged = mail(multiappend ? "damaged together" : "damaged alone");
    for (int i = 0; i < 9; ++i) source.append("INBOX", i == 4 ? damaged : mail("m" + std::to_string(i)));
    sync();
    options.replay = true;
    vault.damaged = {digest_of(damaged)};
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    EXPECT_EQ(report.quarantined, 1u);
    EXPECT_EQ(report.target->appended, 8u);
    EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("damaged"));
    vault.damaged.clear();
    loop.advance(std::chrono::minutes(61));
    EXPECT_EQ(sync().quarantined, 0u);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(ReplayTest, MessagesAboveAppendlimitAreNotEvenSent) {
  target.quirks.append_limit = 500;
  source.append("INBOX", mail("big", std::string(1'000, 'x')));
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(faults.calls_of("target.append"), 0);
}

TEST_F(ReplayTest, AFullTargetIsHeldAndFollowsWhenThereIsRoom) {
  source.append("INBOX", mail("one"));
  target.quirks.over_quota = true;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("OVERQUOTA"));
  EXPECT_EQ(report.quarantined, 0u);
  target.quirks.over_quota = false;
  sync();
  expect_in_step();
  expect_quiet();
}

struct Loss {
  const char* name;
  Fault fault;
};
class LostAnswer : public ReplayTest, public ::testing::WithParamInterface<Loss> {};

TEST_P(LostAnswer, LeavesOneCopyOfEachMessage) {
  for (int i = 0; i < 10; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  faults.at("target.append", 1, GetParam().fault);
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->appended, 10u);
  expect_in_step();
  expect_quiet();
}

TEST_P(LostAnswer, LeavesOneCopyWithoutMultiappendAndUidplus) {
  target.quirks.multiappend = target.quirks.uidplus = false;
  for (int i = 0; i < 10; ++i) source.append("INBOX", mail("m" + std::to_string(i % 4)));
  faults.at("target.append", 5, GetParam().fault);
  sync();
  expect_in_step();
  expect_quiet();
}

INSTANTIATE_TEST_SUITE_P(Fates, LostAnswer,
                         ::testing::Values(Loss{"NotSent", Fault::cut_before}, Loss{"Stored", Fault::cut_after},
                                           Loss{"NeverStored", Fault::cut_undone}, Loss{"StoredLate", Fault::cut_late}),
                         [](const auto& info) { return info.param.name; });

TEST_F(ReplayTest, ATwinStoredAfterTheSettleTimeIsReportedAndNotDeleted) {
  source.append("INBOX", mail("one"));
  faults.choose([this, sent = 0](std::string_view call) mutable {
    if (call != "target.append") return Fault::none;
    if (++sent == 1) return Fault::cut_undone;
    target.append("INBOX", mail("one"));  // the first connection commits just before the message is sent again
    return Fault::none;
  });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("second copies"));
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 2u);
}

TEST_F(ReplayTest, TheSettleTimeCountsFromTheIntentNotFromTheRestart) {
  source.append("INBOX", mail("one"));
  faults.at("target.append", 1, Fault::killed_before);
  ASSERT_FALSE(sync_or_die());
  faults.clear();
  loop.advance(std::chrono::minutes(5));
  const auto before = loop.now();
  sync();
  EXPECT_LT(loop.now() - before, std::chrono::seconds(1));
  expect_in_step();
}

TEST_F(ReplayTest, ANewUidValidityAtTheSourceDoublesNothingOnTheTarget) {
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i % 3)));
  sync();
  source.renumber("INBOX");
  source.append("INBOX", mail("new"));
  const auto report = sync();
  EXPECT_EQ(report.target->appended, 1u);
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, ANewUidValidityOnTheTargetIsAdoptedAnew) {
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  target.renumber("INBOX");
  source.append("INBOX", mail("new"));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 5u);
  EXPECT_EQ(report.target->appended, 1u);
  expect_in_step();
}

TEST_F(ReplayTest, ATargetMailboxMadeAnewWhileALostAnswerIsAwaitedDoublesNothing) {
  for (int i = 0; i < 3; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  source.append("INBOX", mail("new"));
  faults.choose([this, opened = 0](std::string_view call) mutable {
    if (call == "target.append" && opened == 1) return Fault::cut_undone;
    if (call == "target.open" && ++opened == 3) target.renumber("INBOX");
    return Fault::none;
  });
  sync();
  EXPECT_EQ(target.box("INBOX").messages.size(), 4u);
  faults.clear();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, ATargetMailboxThatWasDeletedIsFilledAgain) {
  source.create("Work");
  source.append("Work", mail("one"));
  sync();
  target.remove("Work");
  source.append("Work", mail("two"));
  sync();
  expect_in_step();
}

TEST_F(ReplayTest, AMessageThatTookAnothersUidReachesTheTargetBesideTheOlderOne) {
  source.append("INBOX", mail("one"));
  sync();
  ModelMailbox& inbox = source.box("INBOX");
  inbox.expunge(Uid(1));
  sync();
  inbox.messages[Uid(1)] = ModelMessage{mail("another"), {}, {}, {}};
  inbox.messages[Uid(1)].modseq = inbox.highestmodseq = ModSeq(inbox.highestmodseq.value() + 1);
  inbox.expunged.clear();
  EXPECT_EQ(sync().target->appended, 1u);
  EXPECT_EQ(target.box("INBOX").messages.size(), 2u);
  expect_quiet();
}

TEST_F(ReplayTest, FlagsThatTheTargetDoesNotKeepAreListedOnce) {
  target.quirks.permanent_flags = FlagSet{"\\Seen"};
  source.append("INBOX", mail("one"), {"\\Seen", "$Work", "\\Flagged"});
  source.append("INBOX", mail("two"), {"\\Seen"});
  const auto first = sync();
  EXPECT_EQ(first.state, PassReport::State::attention);
  ASSERT_EQ(first.problems.size(), 1u);
  EXPECT_THAT(first.problems.front().to_string(), HasSubstr("1 messages have: $Work \\Flagged"));
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Seen"}));
  source.append("INBOX", mail("three"), {"$Work"});
  EXPECT_EQ(sync().state, PassReport::State::ok) << "known since the first copy";
  expect_quiet();
}

TEST_F(ReplayTest, AMailboxThatGoesWhileItIsFilledIsCreatedAgainInTheSamePass) {
  for (const bool multiappend : {true, false}) {
    const std::string name = multiappend ? "Work" : "Play";
    target.quirks.multiappend = multiappend;
    source.create(name);
    for (int i = 0; i < 100; ++i) source.append(name, mail(name + std::to_string(i)));
    restart_counts();
    faults.choose([&, appends = 0](std::string_view call) mutable {
      if (call == "target.append" && ++appends == 2) target.remove(name);
      return Fault::none;
    });
    const auto report = sync();
    faults.clear();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_EQ(report.quarantined, 0u);
    EXPECT_EQ(faults.calls_of("target.create"), 2);
    EXPECT_EQ(faults.calls_of("target.connect"), 1);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(ReplayTest, AMailboxThatIsListedAndGoneIsCreatedAgain) {
  source.create("Work");
  source.append("Work", mail("one"));
  sync();
  source.append("Work", mail("two"));
  restart_counts();
  faults.choose([this, opened = false](std::string_view call) mutable {
    if (call == "target.open" && !std::exchange(opened, true)) target.remove("Work");
    return Fault::none;
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("target.create"), 1);
  expect_in_step();
}

TEST_F(ReplayTest, SpecialUseMailboxesFindTheirLikes) {
  source.create("Gesendet", {"\\Sent"});
  source.append("Gesendet", mail("one"));
  target.create("Sent Items", {"\\Sent"});
  sync();
  EXPECT_EQ(target.box("Sent Items").messages.size(), 1u);
  EXPECT_FALSE(target.has("Gesendet"));
  expect_quiet();
}

TEST_F(ReplayTest, TwoSourcesToOneTargetMailboxAreAnError) {
  target.quirks.delimiter = '.';
  target.quirks.prefix = "INBOX.";
  source.create("INBOX/x");
  source.append("INBOX/x", mail("child of INBOX"));
  source.create("x");
  source.append("x", mail("of its own"));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("mailboxes.exclude"));
  EXPECT_EQ(report.target->appended, 1u);
}

TEST_F(ReplayTest, ARefusedNameIsEscapedStrictly) {
  source.create("R&D; notes");
  source.append("R&D; notes", mail("one"));
  target.quirks.refuses_name = ";";
  sync();
  EXPECT_TRUE(target.has("R=26D=3B notes"));
  expect_quiet();
}

TEST_F(ReplayTest, AMailboxSelectedLaterIsReplayedInFull) {
  source.create("Spam");
  source.append("Spam", mail("one"));
  options.selects = [](const MailboxName& name) { return name.display() != "Spam"; };
  sync();
  options.selects = nullptr;
  sync();
  expect_in_step();
  options.selects = [](const MailboxName& name) { return name.display() != "Spam"; };
  source.append("Spam", mail("two"));
  sync();
  options.selects = nullptr;
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(ReplayTest, ReplayOnlyDoesNotTouchTheSource) {
  source.append("INBOX", mail("one"));
  options.replay = false;
  EXPECT_EQ(sync().target, std::nullopt);
  restart_counts();
  options.pull = false;
  options.replay = true;
  sync();
  EXPECT_EQ(faults.calls_of("source.connect"), 0);
  expect_in_step();
}

TEST_F(ReplayTest, ProgressEndsWhereItShould) {
  for (int i = 0; i < 7; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  sync();
  EXPECT_EQ(progress.phase, sync::Progress::Phase::done);
  EXPECT_EQ(progress.messages_done, 7u);
  EXPECT_EQ(progress.messages_total, 7u);
  EXPECT_EQ(progress.replay_done, 7u);
  EXPECT_EQ(progress.replay_total, 7u);
  EXPECT_EQ(progress.mailboxes_done, progress.mailboxes_total);
}

TEST_F(ReplayTest, AMailboxOfWhichTheUidsMeanNothingIsReportedAndSentNothing) {
  source.append("INBOX", mail("one"));
  target.create("INBOX");
  target.box("INBOX").uidvalidity = UidValidity();
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0].to_string(), ::testing::HasSubstr("states no UIDVALIDITY"));
  EXPECT_EQ(target.box("INBOX").messages.size(), 0u);
}

}  // namespace
}  // namespace postern::testing
