#include "daemon/vault_options.h"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(VaultOptionsTest, AreThoseOfTheConfiguration) {
  config::Config config;
  config.vault_path = "/v";
  config.compression = {19, false};
  const storage::VaultOptions options = vault_options(config);
  EXPECT_EQ(options.path, "/v");
  EXPECT_EQ(options.compression.level, 19);
  EXPECT_FALSE(options.compression.dictionary);
  const storage::CompressionOptions usual = vault_options(config::Config{}).compression;
  EXPECT_EQ(usual.level, storage::CompressionOptions{}.level) << "the reference page states one default";
  EXPECT_EQ(usual.dictionary, storage::CompressionOptions{}.dictionary);
}

}  // namespace
}  // namespace postern::daemon
