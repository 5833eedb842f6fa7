// The rules about files with secrets over plain values; on real files they are tested in secret_source_test.cc.
#include "core/config/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::config {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kUs = 10'001, kRoot = 0, kStranger = 4'000;
constexpr gid_t kOurGroup = 10'001, kExtraGroup = 2'000, kOtherGroup = 3'000;
const Identity kReader{kUs, {kOurGroup, kExtraGroup}};

std::string file(mode_t mode, uid_t owner, gid_t group, bool credential = false) {
  const auto checked = check_secret_file({S_IFREG | mode, owner, group}, kReader, credential);
  return checked ? "ok" : checked.error().to_string();
}

std::string folder(mode_t mode, uid_t owner, bool read_only_mount = false) {
  const auto checked = check_link_folder({S_IFDIR | mode, owner, kOurGroup, read_only_mount}, kReader);
  return checked ? "ok" : checked.error().to_string();
}

TEST(SecretFileTest, OursAndRootsClosedFilesAreAccepted) {
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    EXPECT_EQ(file(mode, kUs, kOtherGroup), "ok");
    EXPECT_EQ(file(mode, kRoot, kOtherGroup), "ok");
    EXPECT_THAT(file(mode, kStranger, kOurGroup),
                HasSubstr("belongs to another user (uid 4000); chown it to the user"));
  }
}

TEST(SecretFileTest, AGroupReadsOnlyWhatIsRootsAndOnlyWhenWeAreInIt) {
  EXPECT_EQ(file(0440, kRoot, kOurGroup), "ok");
  EXPECT_EQ(file(0640, kRoot, kExtraGroup), "ok");
  EXPECT_THAT(file(0440, kRoot, kOtherGroup),
              HasSubstr("can be read by group 3000, in which postern is not; chmod 0600"));
  EXPECT_THAT(file(0440, kUs, kOurGroup), HasSubstr("can be read by its group; chmod 0600 it"));
  EXPECT_THAT(file(0440, kStranger, kOurGroup), HasSubstr("belongs to another user"));
}

TEST(SecretFileTest, NobodyElseMayWriteOrExecuteAndOthersMayNothing) {
  for (const mode_t mode : {0660U, 0620U, 0610U, 0650U, 0604U, 0602U, 0601U, 0444U, 0777U}) {
    for (const uid_t owner : {kUs, kRoot}) {
      for (const bool credential : {false, true}) {
        EXPECT_THAT(file(mode, owner, kOurGroup, credential), HasSubstr("can be read or changed by other users; chmod"))
            << std::oct << mode;
      }
    }
  }
}

TEST(SecretFileTest, ACredentialIsReadableByAnyGroup) {
  EXPECT_EQ(file(0440, kRoot, kOtherGroup, true), "ok");
  EXPECT_EQ(file(0440, kUs, kOtherGroup, true), "ok");
}

TEST(SecretFileTest, OnlyRegularFilesAreRead) {
  for (const int type : {S_IFDIR, S_IFIFO, S_IFCHR, S_IFSOCK, S_IFBLK}) {
    const auto checked = check_secret_file({static_cast<mode_t>(type | 0600), kUs, kOurGroup}, kReader, false);
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().to_string(), HasSubstr("is no regular file"));
  }
}

TEST(SecretFileTest, ALinkCountsOnlyInAFolderThatNobodyElseChanges) {
  for (const mode_t mode : {0755U, 0700U, 0555U, 02755U}) {
    EXPECT_EQ(folder(mode, kUs), "ok");
    EXPECT_EQ(folder(mode, kRoot), "ok");
    EXPECT_THAT(folder(mode, kStranger),
                HasSubstr("in a folder of another user (uid 4000); name the file that it leads"));
  }
  for (const mode_t mode : {0775U, 0757U, 0777U, 01777U, 03777U, 0720U}) {
    EXPECT_THAT(folder(mode, kRoot), HasSubstr("in a folder that other users can change; name the file"))
        << std::oct << mode;
  }
}

TEST(SecretFileTest, AFolderThatIsMountedReadOnlyCannotBeChanged) {
  EXPECT_EQ(folder(01777, kRoot, true), "ok");
  EXPECT_EQ(folder(03777, kRoot, true), "ok");
}

TEST(SecretFileTest, WeAreInTheGroupsThatTheKernelSays) {
  const Identity own = Identity::own();
  EXPECT_EQ(own.user, ::geteuid());
  EXPECT_THAT(own.groups, ::testing::Contains(::getegid()));
}

}  // namespace
}  // namespace postern::config
