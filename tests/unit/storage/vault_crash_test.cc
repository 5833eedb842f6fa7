// A writer is killed at random instants; what it said was durable must be there.

#include <random>

#include "tests/unit/storage/vault_fixture.h"
#include "tests/unit/storage/writer_process.h"

namespace postern::storage {
namespace {

using VaultCrashTest = VaultTest;

TEST_F(VaultCrashTest, F01ToF06WhatWasAcknowledgedIsThereAfterAnyKill) {
  const MailboxId inbox = mailbox();
  std::mt19937 random(20'261);
  std::uint32_t next = 1;
  for (int round = 0; round < 6; ++round) {
    vault.reset();
    const std::uint32_t last =
        WriterProcess(options().path, next, 1u << 20).kill_after(1 + static_cast<std::uint32_t>(random() % 40));
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

}  // namespace
}  // namespace postern::storage
