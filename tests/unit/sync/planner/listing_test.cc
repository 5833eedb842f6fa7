#include "core/sync/planner/listing.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

MailboxRecord held(std::uint32_t id, const char* name) {
  MailboxRecord record;
  record.id = MailboxId(id);
  record.name = MailboxName::from_wire(name, '/');
  record.attributes = {"\\HasNoChildren", "\\Sent"};
  return record;
}
ListedMailbox listed(const char* name) {
  ListedMailbox one;
  one.name = MailboxName::from_wire(name, '/');
  one.attributes = {"\\sent", "\\HasChildren"};
  return one;
}

TEST(Listing, NothingNewChangesNothing) {
  EXPECT_TRUE(plan_listing({held(1, "INBOX"), held(2, "A")}, {listed("A"), listed("inbox"), listed("A")}).put.empty());
}

TEST(Listing, NewChangedAndMissingOnesArePut) {
  ListedMailbox subscribed = listed("A");
  subscribed.subscribed = true;
  const auto plan =
      plan_listing({held(1, "INBOX"), held(2, "A"), held(3, "Gone")}, {listed("INBOX"), subscribed, listed("B")});
  ASSERT_EQ(plan.put.size(), 3u);
  EXPECT_EQ(plan.put[0].id, MailboxId(2));
  EXPECT_TRUE(plan.put[0].subscribed);
  EXPECT_EQ(plan.put[1].id, MailboxId(0));
  EXPECT_EQ(plan.put[1].name.display(), "B");
  EXPECT_EQ(plan.put[2].id, MailboxId(3));
  EXPECT_FALSE(plan.put[2].present);
}

TEST(Listing, AnEmptyOneSaysNothing) { EXPECT_TRUE(plan_listing({held(1, "INBOX")}, {}).put.empty()); }

}  // namespace
}  // namespace postern::sync
