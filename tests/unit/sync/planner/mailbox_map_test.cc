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

TEST_F(MailboxMapTest, ASourceNamespaceIsNoPartOfTheTree) {
  const MailboxId sent = source("INBOX.Work.Plans", {}, '.');
  EXPECT_EQ(mapped(sent), "Work/Plans");
}

}  // namespace
}  // namespace postern::sync
