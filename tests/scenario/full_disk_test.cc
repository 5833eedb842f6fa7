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

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest() {
    MailGenerator generator(61);
    for (int i = 0; i < 60; ++i) s.source.fake()->append("INBOX", generator.with_attachments(300'000));
  }
  /// A pass says what is full and what to do, and touches nothing else.
  void expect_full_pass() {
    const SyncReport full = s.sync();
    EXPECT_EQ(full.exit_code, 1) << full;
    EXPECT_THAT(full.error + full.log,
                ::testing::AllOf(::testing::HasSubstr("alice"), ::testing::HasSubstr("No space left on device"),
                                 ::testing::HasSubstr("make room on the vault's disk"),
                                 ::testing::HasSubstr("nothing that was stored is lost")));
    EXPECT_EQ(s.source.contents().at("INBOX").size(), 60u);
  }
  void expect_good_pass() {
    EXPECT_CLEAN(s.sync());
    EXPECT_EQ(s.differences(), "");
    EXPECT_EQ(s.postern.problems(), 0u);
  }

  Scenario s{ServerKind::fake};
};

TEST_F(FullDiskTest, APassSaysThatTheVaultIsFullAndGoesOnWhenThereIsRoom) {
  SmallDisk disk(s.postern.vault());
  if (!disk.mounted()) GTEST_SKIP() << "no right to mount; the next story needs none";
  expect_full_pass();
  disk.enlarge();
  expect_good_pass();
}

// The same for everybody who may not mount: the process is told that the disk is full.
TEST_F(FullDiskTest, WhateverIsWrittenWhenItIsFullTheNextPassCompletes) {
  for (const int room : {300'000, 3'000'000, 9'000'000}) {
    s.postern.env = {{"LD_PRELOAD", POSTERN_FULL_DISK},
                     {"FULL_DISK_FOLDER", s.postern.vault().string()},
                     {"FULL_DISK_ROOM", std::to_string(room)}};
    expect_full_pass();
  }
  s.postern.env.clear();
  expect_good_pass();
}

}  // namespace
}  // namespace postern::testing
