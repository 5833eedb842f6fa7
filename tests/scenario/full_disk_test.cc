#include <sys/mount.h>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

/// A file system of a few megabytes below the vault's folder; needs the right to mount.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path at) : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=6m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  void enlarge() { ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV, "size=200m"); }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

TEST(FullDiskTest, APassSaysThatTheVaultIsFullAndGoesOnWhenThereIsRoom) {
  Scenario s(ServerKind::fake);
  SmallDisk disk(s.postern.vault());
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount a small file system";
  MailGenerator generator(61);
  for (int i = 0; i < 60; ++i) s.source.fake()->append("INBOX", generator.with_attachments(300'000));
  const SyncReport full = s.sync();
  EXPECT_NE(full.exit_code, 0) << full;
  EXPECT_NE(full.state, "ok") << full;
  EXPECT_EQ(s.source.contents().at("INBOX").size(), 60u);
  disk.enlarge();
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
  EXPECT_EQ(s.postern.problems(), 0u);
}

}  // namespace
}  // namespace postern::testing
