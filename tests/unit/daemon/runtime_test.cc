#include "daemon/runtime.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "tests/support/process/temp_dir.h"

namespace postern::daemon {
namespace {

TEST(RuntimeTest, WorkOfPassesThatWereCutOffEndsBeforeTheVaultIsClosed) {
  const testing::TempDir folder;
  config::Config config;
  config.vault_path = folder.path() / "vault";
  auto runtime = Runtime::start(config, "a test");
  ASSERT_TRUE(runtime) << runtime.error().to_string();
  storage::Vault& vault = (*runtime)->vault();

  // Far more than there are threads: most of it has not begun when close() is called.
  constexpr int kBodies = 64;
  std::atomic<int> sealed = 0;
  for (int i = 0; i < kBodies; ++i) {
    (*runtime)->workers().submit(
        [&vault, &sealed, i] {
          if (vault.seal(std::string(storage::Vault::kMaxWhole, static_cast<char>('0' + i)))) ++sealed;
        },
        [] {});
  }
  EXPECT_TRUE((*runtime)->close());
  EXPECT_EQ(sealed, kBodies);
}

}  // namespace
}  // namespace postern::daemon
