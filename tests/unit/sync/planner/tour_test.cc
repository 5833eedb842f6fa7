#include "core/sync/planner/tour.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

SourceCursor cursor(std::uint32_t uidnext, std::uint32_t messages, std::uint64_t modseq) {
  SourceCursor cursor;
  cursor.uidvalidity = UidValidity(7);
  cursor.uidnext = uidnext;
  cursor.messages = messages;
  cursor.highestmodseq = ModSeq(modseq);
  return cursor;
}

MailboxStatus status(std::uint32_t uidnext, std::uint32_t messages, std::uint64_t modseq) {
  return {UidValidity(7), uidnext, messages, ModSeq(modseq)};
}

/// Never pulled, with three messages.
TourFacts never_pulled() {
  TourFacts facts;
  facts.stated = status(4, 3, 20);
  facts.condstore = facts.qresync = true;
  return facts;
}

/// 1:5 held, one of them gone since, and 6:7 new.
TourFacts pulled_before() {
  TourFacts facts;
  facts.generation = UidValidity(7);
  facts.cursor = cursor(6, 5, 10);
  facts.stated = status(8, 6, 20);
  facts.held = {1, 2, 3, 4, 5};
  facts.condstore = facts.qresync = true;
  return facts;
}

TourFacts with_condstore() {
  TourFacts facts = pulled_before();
  facts.qresync = false;
  return facts;
}

TourFacts plain() {
  TourFacts facts = pulled_before();
  facts.qresync = facts.condstore = false;
  facts.cursor->highestmodseq = facts.stated.highestmodseq = ModSeq(0);
  return facts;
}

// ---------------------------------------------------------------------------------------------------------- planning

TEST(PlanTour, AMailboxNeverPulledIsAskedForEveryBody) {
  const auto plan = plan_tour(never_pulled());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kind, TourKind::first);
  EXPECT_EQ(plan->bodies.to_string(), "1:3");
  EXPECT_EQ(plan->expected, 3U);
  EXPECT_FALSE(plan->list);
  EXPECT_TRUE(plan->flags.empty());
}

TEST(PlanTour, AGenerationThatWasOnlyStartedIsPulledForTheFirstTime) {
  TourFacts facts = never_pulled();
  facts.generation = UidValidity(7);
  EXPECT_EQ(plan_tour(facts)->kind, TourKind::first);
  facts.entries_above = true;
  EXPECT_FALSE(plan_tour(facts)) << "what a broken pass left has to be compared";
}

TEST(PlanTour, AnEmptyMailboxIsOnlyOpened) {
  TourFacts facts = never_pulled();
  facts.stated = status(90, 0, 20);
  EXPECT_TRUE(plan_tour(facts)->bodies.empty());
}

TEST(PlanTour, WithQresyncTheNewBodiesAreAskedForOnTop) {
  const auto plan = plan_tour(pulled_before());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kind, TourKind::qresync);
  EXPECT_EQ(plan->bodies.to_string(), "6:7");
  EXPECT_TRUE(plan->flags.empty());
}

TEST(PlanTour, WithCondstoreEveryUidIsListedWhenTheCountsMoved) {
  const auto plan = plan_tour(with_condstore());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kind, TourKind::condstore);
  EXPECT_TRUE(plan->list);
  EXPECT_EQ(plan->flags.to_string(), "1:5");
  EXPECT_EQ(plan->bodies.to_string(), "6:7");
  TourFacts quiet = with_condstore();
  quiet.stated = status(6, 5, 20);
  EXPECT_FALSE(plan_tour(quiet)->list);
  EXPECT_TRUE(plan_tour(quiet)->bodies.empty());
}

TEST(PlanTour, WithoutModSequencesTheFlagsOfAllAreSwept) {
  const auto plan = plan_tour(plain());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kind, TourKind::sweep);
  EXPECT_EQ(plan->flags.to_string(), "1:5");
}

TEST(PlanTour, UntilASweepIsDueOnlyUidsMatter) {
  TourFacts facts = plain();
  facts.sweep_due = false;
  EXPECT_EQ(plan_tour(facts)->kind, TourKind::list);
  EXPECT_TRUE(plan_tour(facts)->list);
  EXPECT_TRUE(plan_tour(facts)->flags.empty());
  facts.stated.messages = 7;
  EXPECT_EQ(plan_tour(facts)->kind, TourKind::arrivals);
  EXPECT_FALSE(plan_tour(facts)->list);
}

TEST(PlanTour, AsideIsNotAskedFor) {
  TourFacts facts = pulled_before();
  facts.aside = {6};
  EXPECT_EQ(plan_tour(facts)->bodies.to_string(), "7");
}

TEST(PlanTour, WhatCannotBeProvedOrIsLargeIsPulledByItself) {
  const auto stays = [](TourFacts facts, auto change) {
    change(facts);
    return !plan_tour(facts);
  };
  EXPECT_TRUE(stays(never_pulled(), [](TourFacts& f) { f.stated.uidvalidity = UidValidity(0); }));
  EXPECT_TRUE(stays(never_pulled(), [](TourFacts& f) { f.stated.uidnext = 0; }));
  EXPECT_TRUE(stays(never_pulled(), [](TourFacts& f) { f.stated.messages.reset(); }));
  EXPECT_TRUE(stays(never_pulled(), [](TourFacts& f) { f.stated = status(3'000, 2'001, 9); }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.due = true; }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.aside = {3}; }));  // it came after all
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.entries_above = true; }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.stated.uidvalidity = UidValidity(8); }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.stated.uidnext = 5; }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.stated.highestmodseq = ModSeq(9); }));
  EXPECT_TRUE(stays(pulled_before(), [](TourFacts& f) { f.stated = status(9'000, 8'000, 20); }));
  EXPECT_TRUE(stays(plain(), [](TourFacts& f) { f.stated = status(8, 5'001, 0); }));
}

TEST(PlanTour, SparseUidsAreNoLargeMailbox) {
  TourFacts facts = never_pulled();
  facts.stated = status(4'000'000'000, 3, 20);
  EXPECT_EQ(plan_tour(facts)->expected, 3U);
}

// ------------------------------------------------------------------------------------------------------------ proving

TourEvidence answered(std::uint32_t uidnext, std::uint32_t exists, UidSet arrived) {
  TourEvidence evidence;
  evidence.opened = status(uidnext, exists, 20);
  evidence.arrived = std::move(arrived);
  return evidence;
}

std::optional<TourProof> prove(const TourFacts& facts, const TourEvidence& evidence) {
  return prove_tour(facts, *plan_tour(facts), evidence);
}

TEST(ProveTour, AFirstPullIsProvedByTheirNumber) {
  const auto proof = prove(never_pulled(), answered(4, 3, {1, 2, 3}));
  ASSERT_TRUE(proof);
  EXPECT_TRUE(proof->vanished.empty());
  EXPECT_TRUE(proof->swept);
  EXPECT_FALSE(prove(never_pulled(), answered(4, 3, {1, 3}))) << "one was left out";
  EXPECT_FALSE(prove(never_pulled(), answered(5, 4, {1, 2, 3}))) << "one came meanwhile";
  EXPECT_FALSE(prove(never_pulled(), answered(4, 2, {1, 2, 3}))) << "more than there are";
}

TEST(ProveTour, AnotherUidValidityProvesNothing) {
  TourEvidence evidence = answered(4, 3, {1, 2, 3});
  evidence.opened.uidvalidity = UidValidity(8);
  EXPECT_FALSE(prove(never_pulled(), evidence));
  evidence.opened.uidvalidity = UidValidity(0);
  EXPECT_FALSE(prove(never_pulled(), evidence));
  evidence = answered(3, 3, {1, 2, 3});
  EXPECT_FALSE(prove(never_pulled(), evidence)) << "UIDNEXT went back";
  evidence = answered(4, 3, {1, 2, 3});
  evidence.uid_not_sticky = true;
  EXPECT_FALSE(prove(never_pulled(), evidence));
}

TEST(ProveTour, QresyncNamesWhatVanishedAndWhatIsNew) {
  TourEvidence evidence = answered(8, 6, {6, 7});
  evidence.has_changes = true;
  evidence.vanished = {2};
  evidence.reported = {1, 6, 7};
  ASSERT_TRUE(prove(pulled_before(), evidence));
  EXPECT_EQ(prove(pulled_before(), evidence)->vanished.to_string(), "2");
  evidence.arrived = {6};
  EXPECT_FALSE(prove(pulled_before(), evidence)) << "a body is missing";
  evidence.arrived = {6, 7};
  evidence.opened.messages = 7;
  EXPECT_FALSE(prove(pulled_before(), evidence)) << "the count contradicts";
  evidence.opened.messages = 6;
  evidence.opened.highestmodseq = ModSeq(9);
  EXPECT_FALSE(prove(pulled_before(), evidence)) << "HIGHESTMODSEQ went back";
  evidence.opened.highestmodseq = ModSeq(20);
  evidence.has_changes = false;
  EXPECT_FALSE(prove(pulled_before(), evidence)) << "answered as a plain EXAMINE";
}

TEST(ProveTour, CondstoreTakesDeletionsFromTheListAlone) {
  TourEvidence evidence = answered(8, 6, {6, 7});
  EXPECT_FALSE(prove(with_condstore(), evidence)) << "not listed";
  evidence.listed = UidSet{1, 3, 4, 5, 6, 7};
  ASSERT_TRUE(prove(with_condstore(), evidence));
  EXPECT_EQ(prove(with_condstore(), evidence)->vanished.to_string(), "2");
  evidence.listed = UidSet{1, 3, 4, 5, 6};
  EXPECT_FALSE(prove(with_condstore(), evidence)) << "a list cut short";
  // One left out and one deleted: the numbers alone would agree.
  evidence = answered(8, 6, {6});
  evidence.listed = UidSet{1, 3, 4, 5, 6, 7};
  EXPECT_FALSE(prove(with_condstore(), evidence));
}

TEST(ProveTour, CondstoreWithUnmovedCountsIsProvedByThem) {
  TourFacts facts = with_condstore();
  facts.stated = status(6, 5, 20);
  TourEvidence evidence = answered(6, 5, {});
  evidence.reported = {2};
  EXPECT_TRUE(prove(facts, evidence));
  evidence.opened.messages = 4;
  EXPECT_FALSE(prove(facts, evidence)) << "one has gone since";
}

TEST(ProveTour, ASweepListsEveryUid) {
  TourEvidence evidence = answered(8, 6, {6, 7});
  evidence.opened.highestmodseq = ModSeq(0);
  evidence.reported = {1, 3, 4, 5};
  const auto proof = prove(plain(), evidence);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->vanished.to_string(), "2");
  EXPECT_TRUE(proof->swept);
  evidence.reported = {1, 3, 4};
  EXPECT_FALSE(prove(plain(), evidence));
}

TEST(ProveTour, ArrivalsAloneAreProvedByTheCounts) {
  TourFacts facts = plain();
  facts.sweep_due = false;
  facts.stated.messages = 7;
  TourEvidence evidence = answered(8, 7, {6, 7});
  evidence.opened.highestmodseq = ModSeq(0);
  ASSERT_TRUE(prove(facts, evidence));
  EXPECT_FALSE(prove(facts, evidence)->swept);
  evidence.arrived = {7};
  EXPECT_FALSE(prove(facts, evidence)) << "a body is missing";
  evidence.opened.messages = 6;
  EXPECT_FALSE(prove(facts, evidence)) << "and another has gone: the numbers alone would agree";
}

TEST(ProveTour, AListWithoutFlags) {
  TourFacts facts = plain();
  facts.sweep_due = false;
  TourEvidence evidence = answered(8, 6, {6, 7});
  evidence.opened.highestmodseq = ModSeq(0);
  EXPECT_FALSE(prove(facts, evidence)) << "not listed";
  evidence.listed = UidSet{1, 3, 4, 5, 6, 7};
  ASSERT_TRUE(prove(facts, evidence));
  EXPECT_EQ(prove(facts, evidence)->vanished.to_string(), "2");
  evidence.opened.highestmodseq = ModSeq(20);
  EXPECT_FALSE(prove(facts, evidence)) << "mod-sequences have come: every flag is to be compared";
}

TEST(ProveTour, AQuarantinedMessageThatIsGoneIsLeftToAPullOfItsOwn) {
  TourFacts facts = plain();
  facts.aside = {6};
  TourEvidence evidence = answered(8, 6, {7});
  evidence.reported = {1, 2, 3, 4, 5};
  EXPECT_FALSE(prove(facts, evidence));
}

TEST(ProveTour, WhatMayBeAPartAloneIsPulledByItself) {
  TourFacts facts = pulled_before();
  facts.message_limit = 7;
  EXPECT_TRUE(plan_tour(facts));
  facts.message_limit = 6;
  EXPECT_FALSE(plan_tour(facts)) << "an answer would be cut short";
  facts.message_limit.reset();
  facts.view_limit = 6;
  EXPECT_FALSE(plan_tour(facts)) << "what lies below the newest six is not in view";
}

TEST(ProveTour, MuchThatVanishesAtOnceIsListedTwice) {
  TourFacts facts = pulled_before();
  facts.cursor = cursor(101, 100, 10);
  facts.stated = status(101, 50, 20);
  facts.held = UidSet::range(1, 100);
  const auto plan = plan_tour(facts);
  ASSERT_TRUE(plan);
  TourEvidence evidence;
  evidence.opened = facts.stated;
  evidence.has_changes = true;
  evidence.vanished = UidSet::range(1, 50);
  EXPECT_FALSE(prove_tour(facts, *plan, evidence));
  evidence.opened.messages = 95;
  evidence.vanished = UidSet::range(1, 5);
  const auto proof = prove_tour(facts, *plan, evidence);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->vanished, UidSet::range(1, 5));
}

}  // namespace
}  // namespace postern::sync
