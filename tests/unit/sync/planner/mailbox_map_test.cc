#include "core/sync/planner/mailbox_map.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

class MailboxMapTest : public ::testing::Test {
 protected:
  MailboxId source(const char* name, std::vector<std::string> attributes = {}, char delimiter = '/') {
    MailboxRecord record;
    record.id = MailboxId(static_cast<std::uint32_t>(facts.sources.size() + 1));
    record.name = MailboxName::from_wire(name, delimiter);
    record.attributes = std::move(attributes);
    facts.sources.push_back(record);
    facts.source_tree.push_back(record.name);
    return record.id;
  }
  void target(const char* name, std::vector<std::string> attributes = {}) {
    ListedMailbox listed;
    listed.name = MailboxName::from_wire(name, facts.tree.delimiter);
    listed.attributes = std::move(attributes);
    facts.listed.push_back(listed);
  }
  void recorded(MailboxId id, const char* name) {
    facts.recorded.push_back({id, MailboxName::from_wire(name, facts.tree.delimiter), UidValidity(1), true});
  }
  std::string mapped(MailboxId id) {
    const MailboxMap map = map_mailboxes(facts);
    const auto found = map.mailboxes.find(id);
    return found == map.mailboxes.end() ? "(none)" : found->second.name.display();
  }

  MapFacts facts;
};

TEST_F(MailboxMapTest, NamesAreCarriedOver) {
  const MailboxId inbox = source("INBOX"), plans = source("Work/Plans");
  target("INBOX");
  EXPECT_EQ(mapped(inbox), "INBOX");
  EXPECT_EQ(mapped(plans), "Work/Plans");
  const MailboxMap map = map_mailboxes(facts);
  EXPECT_TRUE(map.mailboxes.at(inbox).exists);
  EXPECT_FALSE(map.mailboxes.at(plans).exists);
}

TEST_F(MailboxMapTest, SpecialUseFindsItsLike) {
  const MailboxId sent = source("Gesendet", {"\\sent"});
  target("Sent Items", {"\\Sent"});
  EXPECT_EQ(mapped(sent), "Sent Items");
}

TEST_F(MailboxMapTest, SpecialUseYieldsToAnExistingNameOfItsOwn) {
  const MailboxId sent = source("Gesendet", {"\\Sent"});
  target("Sent Items", {"\\Sent"});
  target("Gesendet");
  EXPECT_EQ(mapped(sent), "Gesendet");
}

TEST_F(MailboxMapTest, SpecialUseYieldsToAnotherSourceOfThatName) {
  const MailboxId sent = source("Gesendet", {"\\Sent"}), other = source("Sent Items");
  target("Sent Items", {"\\Sent"});
  EXPECT_EQ(mapped(sent), "Gesendet");
  EXPECT_EQ(mapped(other), "Sent Items");
}

TEST_F(MailboxMapTest, ANameDecidedOnceStays) {
  const MailboxId sent = source("Gesendet", {"\\Sent"});
  target("Sent Items", {"\\Sent"});
  recorded(sent, "Gesendet");
  EXPECT_EQ(mapped(sent), "Gesendet");
}

TEST_F(MailboxMapTest, TheOldNameOfARenamedSourceIsNotFreeForAnother) {
  const MailboxId renamed = source("Archive 2024"), fresh = source("Old/Archive"), other = source("Archive");
  target("Archive");
  target("Archive (2)");
  recorded(renamed, "Archive");
  EXPECT_EQ(mapped(renamed), "Archive");
  EXPECT_EQ(mapped(fresh), "Old/Archive");
  EXPECT_EQ(mapped(other), "Archive (3)");
  EXPECT_TRUE(map_mailboxes(facts).collisions.empty());
  recorded(other, "Archive (3)");
  EXPECT_EQ(mapped(other), "Archive (3)");
}

TEST_F(MailboxMapTest, ASpecialUseIsKnownByItsNameOnEitherSide) {
  const MailboxId sent = source("Gesendet"), trash = source("Papierkorb", {"\\Trash"}), junk = source("Spamverdacht");
  target("Éléments envoyés");
  target("Corbeille");
  target("Indésirables", {"\\Junk"});
  facts.listed[0].name = *MailboxName::from_utf8("Éléments envoyés", '/');
  facts.listed[2].name = *MailboxName::from_utf8("Indésirables", '/');
  EXPECT_EQ(mapped(sent), "Éléments envoyés");
  EXPECT_EQ(mapped(trash), "Corbeille");
  EXPECT_EQ(mapped(junk), "Indésirables");
}

TEST_F(MailboxMapTest, ASpecialUseByNameBelowTheTargetsPrefix) {
  facts.tree = {'.', "INBOX."};
  const MailboxId trash = source("Papierkorb"), own = source("Work/Trash");
  target("INBOX.Trash");
  EXPECT_EQ(mapped(trash), "INBOX.Trash");
  EXPECT_EQ(mapped(own), "INBOX.Work.Trash");
}

TEST_F(MailboxMapTest, AFoldersOwnNameIsNoUseWhenItLiesDeeperOrIsOneOfTwo) {
  const MailboxId deep = source("Projects/Sent"), one = source("Gesendet"), two = source("Sent Items");
  target("Sent", {"\\Sent"});
  EXPECT_EQ(mapped(deep), "Projects/Sent");
  EXPECT_EQ(mapped(one), "Gesendet");
  EXPECT_EQ(mapped(two), "Sent Items");
}

TEST_F(MailboxMapTest, OfTwoSourcesWithOneUseTheSecondKeepsItsName) {
  const MailboxId one = source("Gesendet", {"\\Sent"}), two = source("Envoyes", {"\\Sent"});
  target("Sent Items", {"\\Sent"});
  EXPECT_EQ(mapped(one), "Sent Items");
  EXPECT_EQ(mapped(two), "Envoyes");
  EXPECT_TRUE(map_mailboxes(facts).collisions.empty());
  recorded(two, "Sent Items");
  EXPECT_EQ(mapped(one), "Gesendet") << "what was decided stays";
}

TEST_F(MailboxMapTest, TheConfigurationsNameGoesBeforeAllOthersButRecordedOnes) {
  const MailboxId sent = source("Gesendet", {"\\Sent"}), old = source("Old/2020"), kept = source("Kept");
  target("Sent Items", {"\\Sent"});
  recorded(kept, "Kept");
  facts.ruled = {{sent, "Mine/Gesendet"}, {old, "Attic/a.b"}, {kept, "Other"}};
  EXPECT_EQ(mapped(sent), "Mine/Gesendet");
  EXPECT_EQ(mapped(old), "Attic/a.b");
  EXPECT_EQ(mapped(kept), "Kept");
  facts.tree = {'.', "INBOX."};
  EXPECT_EQ(mapped(old), "INBOX.Attic.a=2Eb");
}

TEST_F(MailboxMapTest, TwoSourcesThatTheConfigurationCallsAlikeCollide) {
  const MailboxId one = source("A"), two = source("B"), inbox = source("INBOX"), third = source("C");
  facts.ruled = {{one, "X"}, {two, "X"}, {third, "inbox"}};
  EXPECT_EQ(mapped(one), "X");
  EXPECT_EQ(mapped(two), "(none)");
  EXPECT_EQ(mapped(inbox), "INBOX");
  EXPECT_EQ(mapped(third), "(none)");
  EXPECT_EQ(map_mailboxes(facts).collisions.size(), 2u);
}

TEST_F(MailboxMapTest, ANameThatCannotBeOneIsTold) {
  const MailboxId one = source("A");
  facts.ruled = {{one, ""}};
  EXPECT_EQ(mapped(one), "(none)");
  ASSERT_EQ(map_mailboxes(facts).unnamed.size(), 1u);
  EXPECT_EQ(map_mailboxes(facts).unnamed.front().error.to_string(), "mailbox_map: a mailbox name cannot be empty");
}

TEST_F(MailboxMapTest, AStricterNameIsAtHandForWhatTheTargetMayRefuse) {
  const MailboxId dotted = source("v1.2"), plain = source("Plain"), blank = source("a  b"), there = source("x?");
  target("x?");
  const MailboxMap map = map_mailboxes(facts);
  EXPECT_EQ(map.mailboxes.at(dotted).strict_name.display(), "v1=2E2");
  EXPECT_EQ(map.mailboxes.at(plain).strict_name.display(), "");
  EXPECT_EQ(map.mailboxes.at(blank).strict_name.display(), "a =20b");
  EXPECT_TRUE(map.mailboxes.at(blank).blanks_at_risk);
  EXPECT_FALSE(map.mailboxes.at(plain).blanks_at_risk);
  EXPECT_EQ(map.mailboxes.at(there).strict_name.display(), "");
}

TEST_F(MailboxMapTest, ThousandsOfMailboxesAreMappedAtOnce) {
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "Box " + std::to_string(i);
    recorded(source(name.c_str()), name.c_str());
    target(name.c_str());
  }
  EXPECT_EQ(map_mailboxes(facts).mailboxes.size(), 20'000u);
}

TEST_F(MailboxMapTest, TwoSourcesNeverShareAMailbox) {
  facts.tree = {'.', "INBOX."};
  const MailboxId child = source("INBOX/x"), own = source("x");
  EXPECT_EQ(mapped(child), "INBOX.x");
  EXPECT_EQ(mapped(own), "(none)");
  ASSERT_EQ(map_mailboxes(facts).collisions.size(), 1u);
  EXPECT_EQ(map_mailboxes(facts).collisions.front().mailbox, own);
  EXPECT_EQ(map_mailboxes(facts).collisions.front().other, child);
  recorded(own, "INBOX.x");
  EXPECT_EQ(mapped(own), "INBOX.x") << "the recorded one wins";
  EXPECT_EQ(mapped(child), "(none)");
}

TEST_F(MailboxMapTest, WhatIsGoneAtTheSourceYieldsItsName) {
  const MailboxId gone = source("B"), renamed = source("B");
  facts.sources[0].present = false;
  recorded(gone, "B");
  recorded(renamed, "B");
  facts.left_over = {gone};
  EXPECT_EQ(mapped(gone), "(none)");
  EXPECT_EQ(mapped(renamed), "B");
}

TEST_F(MailboxMapTest, WhatIsGoneIsLookedForUnderNoOtherName) {
  const MailboxId gone = source("Lists/a"), kept = source("Lists/b");
  facts.sources[0].present = false;
  recorded(gone, "Lists");
  recorded(kept, "Lists");
  facts.left_over = {gone};
  EXPECT_EQ(mapped(gone), "(none)");
  EXPECT_EQ(mapped(kept), "Lists");
  EXPECT_EQ(map_mailboxes(facts).collisions.size(), 1u);
}

TEST_F(MailboxMapTest, ASourceNamespaceIsNoPartOfTheTree) {
  const MailboxId sent = source("INBOX.Work.Plans", {}, '.');
  EXPECT_EQ(mapped(sent), "Work/Plans");
}

TEST_F(MailboxMapTest, MailboxesShareANameWhenAllButOneMay) {
  const MailboxId a = source("a"), b = source("b"), lists = source("Lists"), c = source("c");
  for (const MailboxId one : {a, b, c}) facts.ruled[one] = "Lists";
  facts.merging = {a, b};
  EXPECT_EQ(mapped(a), "Lists");
  EXPECT_EQ(mapped(b), "Lists");
  EXPECT_EQ(mapped(lists), "Lists") << "the one that need not have been asked";
  EXPECT_EQ(mapped(c), "(none)") << "another one that was not";
  recorded(c, "Lists");
  EXPECT_EQ(mapped(c), "Lists") << "who was there first";
  EXPECT_EQ(mapped(lists), "(none)");
  facts.merging = {};
  EXPECT_EQ(mapped(a), "(none)");
}

TEST_F(MailboxMapTest, WhatIsSharedIsNotRenamed) {
  const MailboxId a = source("New a"), b = source("b"), alone = source("New alone");
  facts.ruled[b] = "Lists";
  facts.merging = {b};
  recorded(a, "Lists");
  recorded(b, "Lists");
  recorded(alone, "alone");
  facts.recorded[0].source_name = "a";
  facts.recorded[1].source_name = "b";
  facts.recorded[2].source_name = "alone";
  const auto names = renamed_names(facts);
  EXPECT_EQ(names.at(a).display(), "Lists");
  EXPECT_FALSE(names.contains(b));
  EXPECT_EQ(names.at(alone).display(), "New alone");
}

TEST_F(MailboxMapTest, MailboxesThatShareANameAlreadyGoOn) {
  const MailboxId a = source("a"), b = source("b"), c = source("c"), d = source("Own");
  recorded(a, "Lists");
  recorded(b, "Lists");
  recorded(c, "Lists");
  facts.recorded.back().uidvalidity = UidValidity(9);
  facts.ruled[d] = "Lists";
  for (const MailboxId one : {a, b, c}) facts.ruled[one] = "Lists";
  EXPECT_EQ(mapped(a), "Lists");
  EXPECT_EQ(mapped(b), "Lists");
  EXPECT_EQ(mapped(c), "(none)") << "what it had there was another mailbox";
  EXPECT_EQ(mapped(d), "(none)");
  facts.merging = {d};
  EXPECT_EQ(mapped(d), "Lists");
}

TEST_F(MailboxMapTest, WhatIsSharedWithOneThatIsNotReplayedIsNotRenamed) {
  const MailboxId a = source("New a"), excluded(77);
  recorded(a, "Lists");
  recorded(excluded, "Lists");
  facts.recorded[0].source_name = "a";
  EXPECT_EQ(renamed_names(facts).at(a).display(), "Lists");
  facts.recorded[1].uidvalidity = UidValidity(9);
  EXPECT_EQ(renamed_names(facts).at(a).display(), "New a") << "it had another mailbox there";
}

TEST_F(MailboxMapTest, WhatIsSharedAndWasTakenAlongFindsItsWayBack) {
  const MailboxId a = source("a"), b = source("b");
  for (const MailboxId one : {a, b}) facts.ruled[one] = "Top/All";
  facts.merging = {a, b};
  recorded(a, "Work/All");
  recorded(b, "Work/All");
  recorded(MailboxId(77), "Work/All");
  for (TargetMailboxRecord& one : facts.recorded) one.source_name = "Work/All";
  EXPECT_EQ(renamed_names(facts).at(a).display(), "Top/All");
  EXPECT_EQ(renamed_names(facts).at(b).display(), "Top/All");
  facts.ruled[b] = "Elsewhere";
  EXPECT_EQ(renamed_names(facts).at(a).display(), "Work/All") << "they do not agree";
}

}  // namespace
}  // namespace postern::sync
