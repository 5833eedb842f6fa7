// What no real server does on request.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using What = AppendFault::What;

class FaultTest : public ::testing::Test {
 protected:
  Scenario s{ServerKind::fake};

  /// Passes until one is clean, at most `most`: a broken connection may end a pass, but not the account.
  void sync_until_clean(int most = 4) {
    SyncReport report;
    for (int i = 0; i < most; ++i) {
      report = s.sync();
      if (report.exit_code == 0) return;
    }
    ADD_FAILURE() << "no clean pass: " << report;
  }
  void expect_nothing_lost_or_doubled() {
    EXPECT_EQ(s.differences(), "");
    EXPECT_EQ(s.postern.problems(), 0u);
    EXPECT_THAT(s.source.fake()->violations(), ::testing::IsEmpty());
    EXPECT_THAT(s.target.fake()->violations(), ::testing::IsEmpty());
  }
};

TEST_F(FaultTest, ACutInTheMiddleOfAMessageIsResumed) {
  fill(s.source.user(), varied_account(51, 60));
  s.source.user().append("INBOX", mail("big") + std::string(3'000'000, 'x'));
  const std::uint32_t big = s.source.state().at("INBOX").messages.back().uid;
  s.source.fake()->lie([&](Lies& lies) { lies.cut_in_body = {.uid = big, .octets = 2'000'000}; });
  sync_until_clean();
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, CutsAnywhereAtTheSourceLoseNothing) {
  fill(s.source.user(), varied_account(52, 40));
  for (std::uint64_t octets = 150; octets < 400'000; octets = octets * 2 + 37) {
    s.source.fake()->next_connection({.cut_after_sent = octets});
  }
  sync_until_clean(14);
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AnAppendWhoseAnswerIsLostIsNotRepeated) {
  fill(s.source.user(), varied_account(53, 40));
  s.target.fake()->next_append({.what = What::cut_after_commit});
  sync_until_clean();
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, FlagsThatTheTargetDropsOnAppendAreSetByStore) {
  s.target.fake()->lie([](Lies& lies) { lies.append_drops = {"\\Flagged"}; });
  fill(s.source.user(), varied_account(58, 40));
  for (int i = 0; i < 5; ++i) s.source.user().append("INBOX", mail("starred"), {"\\Flagged", "\\Seen"});
  EXPECT_CLEAN(s.sync());
  EXPECT_GE(s.target_commands("UID STORE"), 1u);
  expect_nothing_lost_or_doubled();
  s.source.user().append("INBOX", mail("one more"), {"\\Flagged"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target_commands("APPEND"), 1u);
  EXPECT_EQ(s.target_commands("UID STORE"), 1u);
  expect_nothing_lost_or_doubled();
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.mutating_commands(), 0u);
}

// Bigger than what fits between the two, so that the client knows that it was not sent: no need to wait and see.
TEST_F(FaultTest, AnAppendCutInItsLiteralIsSentAgainAtOnce) {
  s.source.user().append("INBOX", mail("big") + std::string(12'000'000, 'x'));
  s.target.fake()->next_append({.what = What::cut_in_literal, .octets = 70'000});
  sync_until_clean();
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 1u);
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AnAppendCutBeforeItsLiteralIsSentAgainAtOnce) {
  fill(s.source.user(), varied_account(54, 20));
  s.target.fake()->withdraw({"LITERAL+"});
  s.target.fake()->next_append({.what = What::cut_before_literal});
  sync_until_clean();
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AnAppendWithoutAppenduidIsFoundAgain) {
  fill(s.source.user(), varied_account(55, 40));
  s.target.fake()->withdraw({"UIDPLUS"});
  sync_until_clean();
  expect_nothing_lost_or_doubled();
  s.source.user().store("INBOX", "1:3", "FLAGS", {"$Later"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "") << "flags must reach the message that the APPEND made";
}

TEST_F(FaultTest, AWrongAppenduidIsNotBelieved) {
  fill(s.source.user(), varied_account(56, 40));
  s.target.fake()->next_append({.what = What::wrong_uidvalidity});
  sync_until_clean();
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, OneRefusedMessageIsQuarantinedAndTheRestArrives) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 6; ++i) user.append("INBOX", mail(std::to_string(i)));
  s.target.fake()->withdraw({"MULTIAPPEND"});
  s.target.fake()->next_append({.what = What::refuse_late, .text = "NO [TOOBIG] Message too large"});
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_EQ(report.quarantined, 1u) << report;
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 5u);
}

TEST_F(FaultTest, AMessageTheSourceCannotGiveIsQuarantinedAndTheRestArrives) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 12; ++i) user.append("INBOX", mail(std::to_string(i)));
  s.source.fake()->lie([](Lies& lies) { lies.refuse_fetch[7] = "NO [SERVERBUG] Internal error"; });
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_EQ(report.quarantined, 1u) << report;
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 11u);
}

// From the fault to the good end, as a person sees it.
TEST_F(FaultTest, AQuarantinedMessageIsFetchedWhenAPersonAsksForIt) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 5; ++i) user.append("INBOX", mail(std::to_string(i)));
  s.source.fake()->lie([](Lies& lies) { lies.refuse_fetch[3] = "NO [SERVERBUG] Internal error"; });
  EXPECT_EQ(s.sync().quarantined, 1u);
  const Finished listed = s.postern.run({"quarantine", "alice"});
  EXPECT_EQ(listed.status.code, 4);
  EXPECT_THAT(listed.out, ::testing::HasSubstr("alice: INBOX: UID 3: fetch: "));
  EXPECT_THAT(listed.out, ::testing::HasSubstr("Internal error"));

  s.source.fake()->lie([](Lies& lies) { lies = {}; });
  EXPECT_EQ(s.sync().quarantined, 1u) << "not due yet";
  EXPECT_EQ(s.postern.ls().at("INBOX").messages.size(), 4u);

  const Finished retried = s.postern.run({"quarantine", "alice", "--retry"});
  EXPECT_EQ(retried.status.code, 0) << retried.err;
  EXPECT_EQ(retried.out, "alice: 1 message is tried again in the next pass: postern sync alice\n");
  EXPECT_EQ(s.postern.run({"quarantine", "--retry", "--json"}).out, "{\"account\":\"alice\",\"due\":1}\n");
  EXPECT_EQ(s.postern.run({"quarantine"}).status.code, 4) << "held until it has come";

  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.postern.run({"quarantine"}).out, "nothing is held back\n");
  EXPECT_EQ(s.postern.run({"quarantine", "--retry"}).out, "nothing is held back\n");
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AMailboxThatKeepsChangingItsUidValidityIsHeld) {
  fill(s.source.user(), varied_account(60, 20));
  EXPECT_CLEAN(s.sync());
  for (int change = 0; change < 2; ++change) {
    s.source.change_uidvalidity("INBOX", s.source.state().at("INBOX").uidvalidity + 1);
    EXPECT_CLEAN(s.sync());
  }
  s.source.change_uidvalidity("INBOX", s.source.state().at("INBOX").uidvalidity + 1);
  const SyncReport held = s.sync();
  EXPECT_EQ(held.exit_code, 4) << held;
  EXPECT_THAT(held.problems, ::testing::HasSubstr("UIDVALIDITY changed a third time within 24 hours"));
  EXPECT_THAT(held.problems, ::testing::HasSubstr("looked at again after 20"));
  EXPECT_EQ(held.source.at("messages_fetched"), 0u) << held;
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AShortenedSearchOrListIsNoReasonToForgetMail) {
  fill(s.source.user(), varied_account(57, 60));
  EXPECT_CLEAN(s.sync());
  const AccountContent before = s.target.contents();
  const ServerState held = s.postern.ls();
  s.source.fake()->lie([](Lies& lies) { lies.search_limit = 2, lies.list_limit = 3; });
  s.source.user().append("INBOX", mail("news"));
  s.sync();
  s.source.fake()->lie([](Lies& lies) { lies = {}; });
  sync_until_clean();
  for (const auto& [name, mailbox] : before) {
    EXPECT_GE(s.target.contents().at(name).size(), mailbox.size()) << name;
  }
  EXPECT_EQ(s.postern.ls().size(), held.size());
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AMessageLeftOutOfAFetchIsNotTakenForGone) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 8; ++i) user.append("INBOX", mail(std::to_string(i)));
  s.source.fake()->lie([](Lies& lies) { lies.omit_from_fetch = {4}; });
  const SyncReport first = s.sync();
  EXPECT_EQ(first.source.at("vanished"), 0u) << first;
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 7u);
  s.source.fake()->lie([](Lies& lies) { lies = {}; });
  s.sync();
  EXPECT_EQ(s.target.contents().at("INBOX").size(), s.postern.ls().at("INBOX").messages.size());
}

TEST_F(FaultTest, AMailboxThatCannotBeOpenedDoesNotHoldTheOthers) {
  fill(s.source.user(), varied_account(58, 40));
  AccountContent wanted = s.source.contents();
  s.source.fake()->rule({.command = "EXAMINE \"R&-D\"", .times = -1, .instead = "$TAG NO [NOPERM] Not for you\r\n"});
  s.source.fake()->rule({.command = "EXAMINE R&-D", .times = -1, .instead = "$TAG NO [NOPERM] Not for you\r\n"});
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  AccountContent there = s.target.contents();
  wanted.erase("R&D");
  there.erase("R&D");
  EXPECT_EQ(difference(wanted, there), "");
}

TEST_F(FaultTest, ARefusalOfTheMomentCostsNoMessage) {
  for (const char* code : {"[EXPUNGEISSUED] Some messages are gone", "[SERVERBUG] Internal error"}) {
    PlainImap user = s.source.user();
    for (int i = 0; i < 9; ++i) user.append("INBOX", mail(std::string(code) + std::to_string(i)));
    s.source.fake()->rule({.command = "UID FETCH", .instead = "$TAG NO " + std::string(code) + "\r\n"});
    EXPECT_CLEAN(s.sync());
    expect_nothing_lost_or_doubled();
  }
}

TEST_F(FaultTest, AMailboxInUseIsReportedAndTheOthersGoOn) {
  for (const char* code : {"[INUSE] Somebody compacts it", "[UNAVAILABLE] Backend is down"}) {
    s.source.user().append("INBOX", mail(code));
    s.source.user().create("Busy " + std::string(code + 1, 3));
    s.source.user().append("Busy " + std::string(code + 1, 3), mail("busy"));
    s.source.fake()->rule(
        {.command = "EXAMINE \"Busy", .times = -1, .instead = "$TAG NO " + std::string(code) + "\r\n"});
    const SyncReport report = s.sync();
    EXPECT_EQ(report.exit_code, 4) << report;
    EXPECT_THAT(report.problems, ::testing::HasSubstr("Busy"));
    s.source.fake()->clear_rules();
    EXPECT_EQ(s.target.contents().at("INBOX").size(), s.source.contents().at("INBOX").size());
    EXPECT_CLEAN(s.sync());
    expect_nothing_lost_or_doubled();
  }
}

TEST_F(FaultTest, AStoreThatIsRefusedHoldsNoOtherFlagsUp) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 4; ++i) user.append("INBOX", mail(std::to_string(i)));
  EXPECT_CLEAN(s.sync());
  user.store("INBOX", "1", "+FLAGS", {"$Odd", "\\Seen"});
  user.store("INBOX", "2:4", "+FLAGS", {"\\Flagged"});
  s.target.fake()->rule({.command = "UID STORE 1 ", .instead = "$TAG NO Invalid keyword\r\n"});
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_THAT(report.problems, ::testing::HasSubstr("refuses changes of flags of 1 messages: $Odd"));
  EXPECT_EQ(s.target_commands("SELECT"), 1u) << "no connection is left for it";
  const auto there = s.target.state().at("INBOX").messages;
  EXPECT_EQ(there.at(0).flags, (std::set<std::string>{"\\Seen"}));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(there.at(i).flags, (std::set<std::string>{"\\Flagged"}));
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.target_commands("UID STORE"), 0u) << "told again with the message's next change";
  user.store("INBOX", "1", "+FLAGS", {"\\Answered"});
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
}

TEST_F(FaultTest, ABadThatMeansPatienceIsWaitedOut) {
  s.source.user().append("INBOX", mail("one"));
  s.source.fake()->rule({.command = "UID FETCH",
                         .instead = "$TAG BAD Request is throttled. Suggested Backoff Time: 20 milliseconds\r\n"});
  EXPECT_CLEAN(s.sync());
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, OctetByOctetIsTheSameMail) {
  fill(s.source.user(), varied_account(59, 15));
  s.source.fake()->next_connection({.drip_octets = 7, .drip_every = std::chrono::milliseconds(0)});
  EXPECT_CLEAN(s.sync());
  expect_nothing_lost_or_doubled();
}

TEST_F(FaultTest, AVaultHasOneWriterAtATime) {
  s.source.fake()->next_connection({.silent = true});
  const auto first = s.postern.start({"sync"});
  while (s.source.fake()->connections() == 0 && first->running()) first->wait(std::chrono::milliseconds(2));
  ASSERT_TRUE(first->running()) << first->errors();
  const SyncReport second = s.sync();
  EXPECT_EQ(second.exit_code, 3) << second;
  EXPECT_THAT(second.log, ::testing::HasSubstr(std::to_string(first->pid())));
  const Finished retry = s.postern.run({"quarantine", "--retry"});
  EXPECT_EQ(retry.status.code, 3);
  EXPECT_THAT(retry.err, ::testing::HasSubstr(std::to_string(first->pid())));
  first->send_signal(SIGTERM);
  EXPECT_TRUE(first->wait(std::chrono::seconds(30)).has_value()) << "SIGTERM ends a pass";
  EXPECT_CLEAN(s.sync());
}

}  // namespace
}  // namespace postern::testing
