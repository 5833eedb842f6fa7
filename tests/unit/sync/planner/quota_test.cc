#include "core/sync/planner/quota.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using Resource = QuotaLimit::Resource;

QuotaLimit storage(std::uint64_t used, std::uint64_t limit) { return {"User", Resource::storage, used, limit}; }
QuotaLimit messages(std::uint64_t used, std::uint64_t limit) { return {"User", Resource::messages, used, limit}; }

TEST(Quotas, OnlyWhatFitsInNoWayExceeds) {
  Quotas quotas;
  const auto roots = quotas.learn({storage(3, 10)});
  // In use are at least 2049 octets, and the limit is below 11 * 1024.
  const std::uint64_t most = 11 * 1024 - 1 - 2049;
  EXPECT_FALSE(quotas.exceeded(roots, most));
  ASSERT_TRUE(quotas.exceeded(roots, most + 1));
  EXPECT_EQ(quotas.exceeded(roots, most + 1)->used, 3U);
}

TEST(Quotas, WhatWasSentTakesRoom) {
  Quotas quotas;
  const auto roots = quotas.learn({storage(0, 1), messages(3, 5)});
  EXPECT_FALSE(quotas.is_estimate(roots));
  quotas.sent(roots, 1'000);
  EXPECT_TRUE(quotas.is_estimate(roots));
  EXPECT_FALSE(quotas.exceeded(roots, 1'047));
  EXPECT_TRUE(quotas.exceeded(roots, 1'048));
  quotas.sent(roots, 1);
  ASSERT_TRUE(quotas.exceeded(roots, 1)) << "five messages";
  EXPECT_EQ(quotas.exceeded(roots, 1)->resource, Resource::messages);
  EXPECT_EQ(quotas.learn({storage(1, 100), messages(5, 50)}), roots);
  EXPECT_FALSE(quotas.is_estimate(roots));
  EXPECT_FALSE(quotas.exceeded(roots, 90'000));
}

TEST(Quotas, RootsAreSharedAndEachCounts) {
  Quotas quotas;
  const auto both = quotas.learn({{"User", Resource::storage, 0, 100}, {"Shared", Resource::storage, 0, 2}});
  const auto user = quotas.learn({{"User", Resource::storage, 0, 100}});
  EXPECT_EQ(quotas.exceeded(both, 5'000)->root, "Shared");
  EXPECT_FALSE(quotas.exceeded(user, 5'000));
  quotas.sent(user, 100'000);
  EXPECT_EQ(quotas.exceeded(both, 5'000)->root, "User");
}

TEST(Quotas, WithoutAnyLimitEverythingFits) {
  Quotas quotas;
  EXPECT_FALSE(quotas.exceeded({}, UINT64_MAX));
  const auto roots = quotas.learn({storage(7, 0), messages(9, 0), storage(1, UINT64_MAX), storage(1, INT64_MAX)});
  EXPECT_FALSE(quotas.exceeded(roots, UINT64_MAX));
}

/// What a server states without end is not remembered: it has the last word anyhow.
TEST(Quotas, ManyRootsAndManyLimitsOfOneAreNotRemembered) {
  Quotas quotas;
  const auto full = [](std::string root) { return QuotaLimit{std::move(root), Resource::messages, 1, 1}; };
  const auto first = quotas.learn({full("root 0")});
  for (int i = 1; i < 1'000; ++i) EXPECT_TRUE(quotas.exceeded(quotas.learn({full("root " + std::to_string(i))}), 1));
  const auto further = quotas.learn({full("one more")});
  EXPECT_TRUE(further.empty());
  EXPECT_FALSE(quotas.exceeded(further, 1));
  EXPECT_TRUE(quotas.exceeded(first, 1));
  EXPECT_EQ(quotas.learn({full("root 7")}).size(), 1U) << "a known one is stated anew";
  std::vector<QuotaLimit> many(100, QuotaLimit{"root 7", Resource::messages, 0, 9});
  many.push_back(full("root 7"));
  EXPECT_FALSE(quotas.exceeded(quotas.learn(many), 1));
}

TEST(Quotas, NoNumberOverflows) {
  Quotas quotas;
  auto roots = quotas.learn({storage(UINT64_MAX, (std::uint64_t{1} << 50) - 1)});
  EXPECT_TRUE(quotas.exceeded(roots, UINT64_MAX));
  for (int i = 0; i < 3; ++i) quotas.sent(roots, UINT64_MAX / 4);
  EXPECT_TRUE(quotas.exceeded(roots, 4'096));
  roots = quotas.learn({messages(UINT64_MAX, 5)});
  EXPECT_TRUE(quotas.exceeded(roots, 1));
}

TEST(OverQuota, IsToldInWords) {
  OverQuota over{.limit = storage(9, 10)};
  over.add(5'000);
  EXPECT_EQ(over_quota_error(over).to_string(),
            Error(ErrorKind::quota,
                  "1 message of 5000 octets does not fit and waits: its quota root \"User\" has 9 of "
                  "10 KiB in use")
                .remedy(std::string(kQuotaRemedy))
                .to_string());
  OverQuota more;
  more.add(over);
  over.add(4'000);
  more.add(over);
  EXPECT_EQ(more.messages, 3U);
  EXPECT_NE(over_quota_error(more).to_string().find("3 messages of 14000 octets do not fit and wait"),
            std::string::npos);
  EXPECT_NE(over_quota_error(more).to_string().find("the smallest needs 4000 octets"), std::string::npos);
}

}  // namespace
}  // namespace postern::sync
