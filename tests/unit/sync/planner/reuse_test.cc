#include "core/sync/planner/reuse.h"

#include <gtest/gtest.h>

#include <random>

namespace postern::sync {
namespace {

Digest digest(std::uint8_t first) {
  std::array<std::uint8_t, Digest::kOctets> octets{};
  octets[0] = first;
  return Digest(octets);
}
Entry entry(std::uint32_t mailbox, std::uint32_t uid, std::uint64_t size, std::int64_t at) {
  Entry one;
  one.place = {MailboxId(mailbox), UidValidity(7), Uid(uid)};
  one.size = size;
  one.internaldate.unix_seconds = at;
  return one;
}
MailboxStatus stated(std::uint32_t validity, std::uint32_t uidnext, std::uint32_t messages) {
  return {UidValidity(validity), uidnext, messages, ModSeq(), {}};
}
SourceCursor cursor(std::uint32_t validity, std::uint32_t uidnext, std::uint32_t messages) {
  SourceCursor one;
  one.uidvalidity = UidValidity(validity);
  one.uidnext = uidnext;
  one.messages = messages;
  return one;
}

TEST(Reuse, FewerMessagesThanUidnextExplainsHaveBeenLost) {
  const SourceCursor before = cursor(1, 10, 9);
  EXPECT_FALSE(has_lost_messages(before, stated(1, 10, 9)));
  EXPECT_FALSE(has_lost_messages(before, stated(1, 12, 11)));
  EXPECT_TRUE(has_lost_messages(before, stated(1, 10, 8)));
  EXPECT_TRUE(has_lost_messages(before, stated(1, 12, 10)));
  EXPECT_TRUE(has_lost_messages(before, stated(1, 9, 8)));
  EXPECT_FALSE(has_lost_messages(before, stated(2, 1, 0))) << "another generation";
  EXPECT_FALSE(has_lost_messages(before, MailboxStatus{})) << "silence";
  EXPECT_FALSE(has_lost_messages(std::nullopt, stated(1, 10, 0)));
}

TEST(Reuse, AsManyAreNewAsUidnextHasGrown) {
  MailboxRecord mailbox;
  EXPECT_EQ(expected_messages(mailbox, stated(1, 100, 40)), 40u);
  mailbox.cursor = cursor(1, 90, 35);
  EXPECT_EQ(expected_messages(mailbox, stated(1, 100, 40)), 10u);
  EXPECT_EQ(expected_messages(mailbox, stated(1, 100, 4)), 4u);
  EXPECT_EQ(expected_messages(mailbox, stated(1, 90, 4)), 0u);
  EXPECT_EQ(expected_messages(mailbox, stated(2, 100, 40)), 40u);
  EXPECT_EQ(expected_messages(mailbox, MailboxStatus{}), 0u);
}

TEST(Reuse, ItIsAskedWhereSomethingSpeaksForIt) {
  EXPECT_FALSE(asks_before_fetching({}, 1'000));
  EXPECT_FALSE(asks_before_fetching({.email_ids = true}, 99));
  EXPECT_TRUE(asks_before_fetching({.email_ids = true}, 100));
  EXPECT_TRUE(asks_before_fetching({.email_ids = true, .labels = true}, 1));
  EXPECT_TRUE(asks_before_fetching({.new_generation = true}, 1));
  EXPECT_TRUE(asks_before_fetching({.others_lost = true}, 1));
  EXPECT_FALSE(asks_before_fetching({.others_lost = true}, 0));
  EXPECT_TRUE(asks_before_fetching({.first_pull = true, .any_mailbox_gone = true}, 1));
  EXPECT_FALSE(asks_before_fetching({.any_mailbox_gone = true}, 1));
}

TEST(ReuseCandidates, AreFoundBySizeAndInstant) {
  ReuseCandidates candidates;
  EXPECT_TRUE(candidates.empty());
  candidates.add(entry(1, 5, 100, 1'000));
  candidates.add(entry(2, 6, 100, 1'000));
  candidates.add(entry(2, 7, 100, 1'001));
  const InternalDate elsewhere{1'000, 120};
  EXPECT_EQ(candidates.find(100, elsewhere).size(), 2u);
  EXPECT_EQ(candidates.find(101, elsewhere).size(), 0u);
  candidates.add(entry(1, 5, 100, 1'000));  // a second time
  candidates.add(entry(3, 1, 101, 1'000));
  EXPECT_EQ(candidates.find(100, elsewhere).size(), 2u);
  ASSERT_EQ(candidates.find(101, elsewhere).size(), 1u);
  EXPECT_EQ(candidates.find(101, elsewhere).front(), entry(3, 1, 0, 0).place);
}

TEST(ReuseCandidates, ManyOfOneSizeAndInstantTellNothing) {
  ReuseCandidates candidates;
  for (std::uint32_t uid = 1; uid <= ReuseCandidates::kMostFits; ++uid) candidates.add(entry(1, uid, 9, 9));
  EXPECT_EQ(candidates.find(9, {9, 0}).size(), ReuseCandidates::kMostFits);
  candidates.add(entry(1, 99, 9, 9));
  EXPECT_TRUE(candidates.find(9, {9, 0}).empty());
}

TEST(ReuseCandidates, AMillionAreTheMost) {
  ReuseCandidates candidates;
  for (std::uint32_t uid = 1; uid <= ReuseCandidates::kMost + 5; ++uid) candidates.add(entry(1, uid, uid, uid));
  EXPECT_TRUE(candidates.full());
  EXPECT_EQ(candidates.find(ReuseCandidates::kMost, {ReuseCandidates::kMost, 0}).size(), 1u);
  EXPECT_TRUE(candidates.find(ReuseCandidates::kMost + 1, {ReuseCandidates::kMost + 1, 0}).empty());
}

class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    match.message.stated_size = 50;
    match.message.header = digest(100);
    held = {{digest(1), {digest(100), 50}},
            {digest(2), {digest(101), 50}},
            {digest(3), {digest(100), 50}},
            {digest(4), {digest(100), 51}}};
  }
  std::string judged(std::vector<Digest> digests, bool by_email_id = false, bool exact = true) {
    match.digests = std::move(digests);
    match.by_email_id = by_email_id;
    const ReuseVerdict verdict = judge(match, held, exact);
    switch (verdict.kind) {
      case ReuseVerdict::Kind::proven:
        return "proven " + std::to_string(static_cast<unsigned char>(verdict.digest.octets().front()));
      case ReuseVerdict::Kind::doubtful:
        return "doubtful";
      case ReuseVerdict::Kind::unknown:
        break;
    }
    return "unknown";
  }
  ReuseMatch match;
  std::map<Digest, Identity> held;
};

TEST_F(JudgeTest, TheOneWhoseHeaderIsTheSame) {
  EXPECT_EQ(judged({digest(1)}), "proven 1");
  EXPECT_EQ(judged({digest(1), digest(2)}), "proven 1");
  EXPECT_EQ(judged({digest(2)}), "unknown");
  EXPECT_EQ(judged({}), "unknown");
}
TEST_F(JudgeTest, TwoThatFitTellNothing) { EXPECT_EQ(judged({digest(1), digest(3)}), "unknown"); }
TEST_F(JudgeTest, ADamagedOneIsLikeNone) {
  held[digest(1)] = Identity();
  EXPECT_EQ(judged({digest(1)}), "unknown");
}
TEST_F(JudgeTest, WithoutItsHeaderNothingIsProved) {
  match.message.header.reset();
  EXPECT_EQ(judged({digest(1)}), "unknown");
  EXPECT_EQ(judged({digest(1)}, true), "doubtful");
}
TEST_F(JudgeTest, ANameIsDoubtedWhereHeaderOrSizeDiffer) {
  EXPECT_EQ(judged({digest(1)}, true), "proven 1");
  EXPECT_EQ(judged({digest(2)}, true), "doubtful");
  EXPECT_EQ(judged({digest(4)}, true), "doubtful");
}
TEST_F(JudgeTest, WithoutExactSizesANameAndItsHeaderDo) {
  EXPECT_EQ(judged({digest(4)}, true, false), "proven 4");
  EXPECT_EQ(judged({digest(2)}, true, false), "doubtful");
}

std::vector<std::pair<Uid, Digest>> some(std::size_t count) {
  std::mt19937_64 random(count);
  std::vector<std::pair<Uid, Digest>> all;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<std::uint8_t, Digest::kOctets> octets{};
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(random());
    all.emplace_back(Uid(static_cast<std::uint32_t>(i + 1)), Digest(octets));
  }
  return all;
}

TEST(ReuseSamples, OneInAHundredAndAtLeastOneOfMoreThanAHandful) {
  EXPECT_EQ(choose_samples(some(6)).size(), 1u);
  EXPECT_EQ(choose_samples(some(100)).size(), 1u);
  EXPECT_EQ(choose_samples(some(5'000)).size(), 50u);
  EXPECT_TRUE(choose_samples({}).empty());
}

TEST(ReuseSamples, AreTheSameOfTheSame) {
  auto all = some(700);
  const auto chosen = choose_samples(all);
  EXPECT_EQ(choose_samples(all), chosen);
  EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
  std::swap(all.front().second, all.back().second);
  std::swap(all.front().first, all.back().first);
  std::swap(all.front(), all.back());
  EXPECT_EQ(choose_samples(all), chosen);
}

TEST(ReuseSamples, OfSingleMessagesOneInAHundredToo) {
  std::size_t chosen = 0;
  for (const auto& one : some(20'000)) chosen += choose_samples({one}).size();
  EXPECT_GT(chosen, 150u);
  EXPECT_LT(chosen, 250u);
}

}  // namespace
}  // namespace postern::sync
