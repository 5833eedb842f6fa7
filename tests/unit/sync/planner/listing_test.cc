#include "core/sync/planner/listing.h"

#include <gtest/gtest.h>

#include <ctime>
#include <sstream>

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

TEST(Listing, WhereSubscriptionsAreNotStatedTheyStayAsTheyWere) {
  ListedMailbox silent = listed("A");
  silent.subscription_stated = false;
  MailboxRecord subscribed = held(2, "A");
  subscribed.subscribed = true;
  EXPECT_TRUE(plan_listing({held(1, "INBOX"), subscribed}, {listed("INBOX"), silent}).put.empty());
  silent.subscription_stated = true;
  EXPECT_EQ(plan_listing({held(1, "INBOX"), subscribed}, {listed("INBOX"), silent}).put.size(), 1u);
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

// ------------------------------------------------------------------------------------------------- renames by
// MAILBOXID

/// "1 A m1 | 2 B m2 gone | 0 C m3": records by id, name and MAILBOXID, "-" for none.
std::string text(const std::vector<MailboxRecord>& records) {
  std::string out;
  for (const MailboxRecord& record : records) {
    out += (out.empty() ? "" : " | ") + std::to_string(record.id.value()) + " " + record.name.display() + " " +
           (record.mailbox_id.empty() ? "-" : record.mailbox_id) + (record.present ? "" : " gone");
  }
  return out;
}
std::vector<std::vector<std::string>> rows(const std::string& words) {
  std::vector<std::vector<std::string>> all(1);
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    if (word == "|") {
      all.emplace_back();
    } else {
      all.back().push_back(word == "-" ? "" : word);
    }
  }
  return all;
}

struct RenameCase {
  const char* name;
  const char* held;    // as text()
  const char* listed;  // "A m1 | B m2"
  const char* put;     // as text()
};

class RenameTest : public ::testing::TestWithParam<RenameCase> {};

TEST_P(RenameTest, IsPlanned) {
  std::vector<MailboxRecord> have;
  for (const auto& row : rows(GetParam().held)) {
    have.push_back(held(static_cast<std::uint32_t>(std::stoul(row.at(0))), row.at(1).c_str()));
    have.back().mailbox_id = row.at(2);
    have.back().present = row.size() < 4;
  }
  std::vector<ListedMailbox> there;
  for (const auto& row : rows(GetParam().listed)) {
    there.push_back(listed(row.at(0).c_str()));
    there.back().status.emplace().mailbox_id = row.at(1);
  }
  EXPECT_EQ(text(plan_listing(have, there).put), GetParam().put);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RenameTest,
    ::testing::Values(
        RenameCase{"NothingNew", "1 INBOX m1 | 2 A m2", "INBOX m1 | A m2", ""},
        RenameCase{"TheIdIsLearnt", "1 INBOX - | 2 A -", "INBOX m1 | A m2", "1 INBOX m1 | 2 A m2"},
        RenameCase{"AnIdNoLongerStatedChangesNothing", "1 INBOX m1 | 2 A m2", "INBOX - | A -", ""},
        RenameCase{"Renamed", "1 INBOX m1 | 2 A m2", "INBOX m1 | B m2", "2 B m2"},
        RenameCase{"RenamedAfterItWasMissed", "2 A m2 gone", "B m2", "2 B m2"},
        RenameCase{"WithoutIdsItIsAnother", "1 INBOX - | 2 A -", "INBOX - | B -", "0 B - | 2 A - gone"},
        RenameCase{"ATree", "2 A m2 | 3 A/x m3 | 4 A/y m4", "B m2 | B/x m3 | B/y m4", "2 B m2 | 3 B/x m3 | 4 B/y m4"},
        RenameCase{"TwoChangeNames", "2 A m2 | 3 B m3", "A m3 | B m2", "3 A m3 | 2 B m2"},
        RenameCase{"HalfOfThatIsWrittenAlready", "2 B m2 | 3 B m3", "A m3 | B m2", "3 A m3"},
        RenameCase{"AChain", "2 A m2 | 3 B m3", "B m2 | C m3", "2 B m2 | 3 C m3"},
        RenameCase{"AChainOntoANewOne", "2 A m2 | 3 B m3", "A m9 | B m2 | C m3", "2 B m2 | 3 C m3 | 0 A m9"},
        RenameCase{"TheNameGoesToANewMailbox", "2 A m2", "A m9 | B m2", "2 B m2 | 0 A m9"},
        RenameCase{"TheNameOfADeletedOne", "2 A m2 | 3 B m3", "B m2", "2 B m2 | 3 B m3 gone"},
        RenameCase{"TheNameOfOneDeletedEarlier", "2 A m2 | 3 B m3 gone", "B m2", "2 B m2"},
        RenameCase{"MadeAnew", "2 A m2", "A m9", "2 A m9"},
        RenameCase{"OfTwoOfANameThePresentOneCounts", "2 B m2 | 3 B m3 gone", "B m9", "2 B m9"},
        RenameCase{"OfTwoAbsentOnesTheLatestCounts", "2 B m2 gone | 3 B m3 gone", "B m9", "3 B m9"},
        RenameCase{"AnIdListedTwiceIsNotBelieved", "2 A m2", "B m2 | C m2", "0 B - | 0 C - | 2 A m2 gone"},
        RenameCase{"OneIdForAllIsNotBelieved", "1 INBOX - | 2 A -", "INBOX m | A m", ""},
        RenameCase{"AnIdHeldTwiceIsNotBelieved", "2 A m2 | 3 B m2", "C m2", "0 C m2 | 2 A m2 gone | 3 B m2 gone"},
        RenameCase{"OfThoseThatHadTheIdThePresentOneCounts", "2 A m2 gone | 3 B m2", "C m2", "3 C m2"},
        RenameCase{"TheOldNameIsThereAndSilent", "2 A m2", "A - | B m2", "0 B m2"},
        RenameCase{"InboxStays", "1 INBOX m1", "INBOX m9 | Old m1", "1 INBOX m9 | 0 Old m1"},
        RenameCase{"NothingBecomesInbox", "1 INBOX m1 | 2 A m2", "INBOX m2", "1 INBOX m2 | 2 A m2 gone"}),
    [](const auto& info) { return info.param.name; });

TEST(Listing, OfTwoOfANameThePresentOneIsFound) {
  std::vector<MailboxRecord> both{held(2, "A"), held(3, "A")};
  both[0].present = false;
  const PresentMailboxes present(both);
  EXPECT_EQ(present.find(MailboxName::from_wire("A", '/'))->id, MailboxId(3));
  EXPECT_EQ(present.find(MailboxName::from_wire("B", '/')), nullptr);
}

TEST(Listing, WhatWasPutReplacesItsRecordOrIsAdded) {
  std::vector<MailboxRecord> all{held(1, "INBOX"), held(2, "A")};
  carry_out(all, {held(2, "B"), held(9, "A")});
  EXPECT_EQ(text(all), "1 INBOX - | 2 B - | 9 A -");
}

TEST(Listing, ManyMailboxesAreNotGoneThroughForEachOfThem) {
  constexpr std::uint32_t kMany = 30'000;
  std::vector<MailboxRecord> all;
  for (std::uint32_t id = 1; id <= kMany; ++id) all.push_back(held(id, ("Box" + std::to_string(id)).c_str()));
  const std::clock_t start = std::clock();
  carry_out(all, all);
  const PresentMailboxes present(all);
  for (const MailboxRecord& record : all) EXPECT_EQ(present.find(record.name), &record);
  EXPECT_EQ(all.size(), kMany);
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC);
}

TEST(Listing, AnEmptyOneSaysNothing) { EXPECT_TRUE(plan_listing({held(1, "INBOX")}, {}).put.empty()); }

}  // namespace
}  // namespace postern::sync
