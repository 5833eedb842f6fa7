// What a vault leaves on the disk once nothing is being written.

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultSettleTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    inbox = mailbox();
  }
  void append_two_mebibytes() {
    for (std::uint32_t uid = 1; uid <= 40; ++uid) append(inbox, uid, noise(50'000, uid));
  }
  std::uintmax_t octets(std::string_view extension) const {
    std::uintmax_t sum = 0;
    std::error_code gone;  // a writer removes files
    for (const auto& file : std::filesystem::directory_iterator(options().path)) {
      const std::uintmax_t size = file.path().extension() == extension ? file.file_size(gone) : 0;
      if (!gone) sum += size;
    }
    return sum;
  }

  MailboxId inbox;
};

TEST_F(VaultSettleTest, AClosedVaultHoldsItsContentOnce) {
  append_two_mebibytes();
  EXPECT_GT(octets(".log"), 2'000'000u);
  ASSERT_TRUE(vault->close());
  EXPECT_EQ(octets(".log"), 0u);
  EXPECT_LT(octets(".sst") + octets(".blob"), 2'200'000u);
  open();
  expect_sound();
  EXPECT_EQ(entries(inbox).size(), 40u);
}

TEST_F(VaultSettleTest, LittleIsLeftInTheLog) {
  append(inbox, 1, message(1));
  const std::uintmax_t tables = octets(".sst"), log = octets(".log");
  ASSERT_TRUE(vault->close());
  EXPECT_EQ(octets(".sst"), tables);
  EXPECT_EQ(octets(".log"), log);
}

TEST_F(VaultSettleTest, AVaultThatIsLeftAloneSettlesByItself) {
  vault.reset();
  VaultOptions soon = options();
  soon.settle_after = std::chrono::milliseconds(1);
  open(soon);
  append_two_mebibytes();
  // What came after it began may stay: less than is worth it.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (octets(".log") > 1'200'000 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_LE(octets(".log"), 1'200'000u);
  append(inbox, 41, message(41));
  EXPECT_EQ(entries(inbox).size(), 41u);
  expect_sound();
}

}  // namespace
}  // namespace postern::storage
