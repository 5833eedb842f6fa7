// A writer is killed at random instants; what it said was durable must be there.

#include <random>

#include "tests/unit/storage/vault_fixture.h"
#include "tests/unit/storage/writer_process.h"

namespace postern::storage {
namespace {

class VaultCrashTest : public VaultTest {
 protected:
  /// Lets a writer write and kills it, some times, and looks at what each left behind.
  void kill_writers(int rounds, std::size_t large, bool settling) {
    const MailboxId inbox = mailbox();
    std::mt19937 random(20'261);
    std::uint32_t next = 1;
    for (int round = 0; round < rounds; ++round) {
      vault.reset();
      const std::uint32_t last = WriterProcess(options().path, next, large, settling)
                                     .kill_after(1 + static_cast<std::uint32_t>(random() % 40));
      ASSERT_GE(last, next);
      open();
      const auto all = entries(inbox);
      ASSERT_GE(all.size(), last);
      for (std::uint32_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].place.uid, Uid(i + 1)) << "a hole";
      // I2: the cursor stands for exactly what is there.
      EXPECT_EQ(vault->mailboxes(account).value().at(0).cursor->messages, all.size());
      expect_sound();
      next = static_cast<std::uint32_t>(all.size()) + 1;
    }
  }
};

TEST_F(VaultCrashTest, F01ToF06WhatWasAcknowledgedIsThereAfterAnyKill) { kill_writers(6, 1u << 20, false); }

TEST_F(VaultCrashTest, F01ToF06SoItIsAfterAKillWhileTheVaultSettles) { kill_writers(12, 900'000, true); }

}  // namespace
}  // namespace postern::storage
