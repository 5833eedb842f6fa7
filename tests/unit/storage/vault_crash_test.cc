// A writer is killed at random instants; what it said was durable must be there.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultCrashTest : public VaultTest {
 protected:
  /// Runs a writer until it has acknowledged `count` commits, kills it, and gives the last UID it acknowledged.
  std::uint32_t run_and_kill(std::uint32_t first, std::uint32_t count) const {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const std::string path = options().path.string();
    const std::string uid_text = std::to_string(first);
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execl(POSTERN_CRASH_WRITER, POSTERN_CRASH_WRITER, path.c_str(), uid_text.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::uint32_t last = 0;
    std::uint32_t uid = 0;
    for (std::uint32_t seen = 1; ::read(ends[0], &uid, sizeof uid) == sizeof uid; ++seen) {
      EXPECT_GT(uid, last);
      last = uid;
      if (seen == count) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    return last;
  }
};

TEST_F(VaultCrashTest, F01ToF06WhatWasAcknowledgedIsThereAfterAnyKill) {
  const MailboxId inbox = mailbox();
  std::mt19937 random(20'261);
  std::uint32_t next = 1;
  for (int round = 0; round < 6; ++round) {
    vault.reset();
    const std::uint32_t last = run_and_kill(next, 1 + static_cast<std::uint32_t>(random() % 40));
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
