// What is held back can be made due at once, and stays held.

#include <gmock/gmock.h>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using Stage = QuarantineRecord::Stage;

class VaultQuarantineTest : public VaultTest {
 protected:
  QuarantineRecord hold(AccountId of, std::uint32_t uid, Stage stage, WallTime next_try) {
    const QuarantineRecord record{{MailboxId(1), kGeneration, Uid(uid)}, stage, {}, "NO not now", 3, start, next_try};
    EXPECT_TRUE(vault->put_quarantine(of, record));
    return record;
  }
  const WallTime start{std::chrono::seconds(1'700'000'000)};
};

TEST_F(VaultQuarantineTest, ARetryMakesAllOfAnAccountDueAndForgetsNothing) {
  const AccountId bob = vault->account_id("bob").value();
  const WallTime later = start + std::chrono::hours(24), before = start - std::chrono::hours(1);
  hold(account, 1, Stage::fetch, later);
  hold(account, 2, Stage::append, later);
  hold(account, 3, Stage::fetch, before);
  hold(bob, 1, Stage::fetch, later);

  EXPECT_EQ(vault->retry_quarantine(account).value(), 3u);

  reopen();
  const auto held = vault->quarantine(account).value();
  ASSERT_EQ(held.size(), 3u);
  for (const QuarantineRecord& record : held) {
    EXPECT_LE(record.next_try, clock.at);
    EXPECT_EQ(record.attempts, 3u);
    EXPECT_EQ(record.first, start);
    EXPECT_EQ(record.reason, "NO not now");
  }
  EXPECT_EQ(held[2].next_try, before) << "it was due already";
  EXPECT_EQ(vault->quarantine(bob).value().at(0).next_try, later) << "another account's";
}

TEST_F(VaultQuarantineTest, NothingHeldIsNothingToRetry) { EXPECT_EQ(vault->retry_quarantine(account).value(), 0u); }

}  // namespace
}  // namespace postern::storage
