#include "core/config/secret_source.h"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace postern::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecretSourceTest : public ::testing::Test {
 protected:
  SecretSourceTest() {
    std::string pattern = ::testing::TempDir() + "postern-secret-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SecretSourceTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& octets, mode_t mode = 0600) {
    const std::string path = folder_ + "/secret";
    std::ofstream(path, std::ios::binary) << octets;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  static Result<Secret> file(const std::string& path) { return load_secret({SecretSource::Kind::file, path, {}}); }
  static Result<Secret> command(std::vector<std::string> argv,
                                std::chrono::milliseconds time = std::chrono::seconds(10)) {
    return load_secret({SecretSource::Kind::command, "", std::move(argv)}, {time});
  }
  static std::string refusal(const Result<Secret>& secret) {
    EXPECT_FALSE(secret.has_value());
    if (secret) return "";
    EXPECT_EQ(secret.error().kind(), ErrorKind::config);
    EXPECT_FALSE(secret.error().remedy().empty());
    EXPECT_THAT(secret.error().to_string(), Not(HasSubstr("hunter2")));
    return secret.error().to_string();
  }

  std::string folder_;
};

TEST_F(SecretSourceTest, ReadsAFileAndDropsOneLineBreak) {
  EXPECT_EQ(file(write("hunter2")).value().reveal(), "hunter2");
  EXPECT_EQ(file(write("hunter2\n")).value().reveal(), "hunter2");
  EXPECT_EQ(file(write("hunter2\r\n")).value().reveal(), "hunter2");
  EXPECT_EQ(file(write(" spaces stay \n", 0400)).value().reveal(), " spaces stay ");
}

TEST_F(SecretSourceTest, RefusesEveryModeThatLetsOthersIn) {
  for (const mode_t mode : {0660U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0777U}) {
    EXPECT_THAT(refusal(file(write("hunter2", mode))),
                HasSubstr("can be read or changed by other users; chmod 0600 it"));
  }
}

TEST_F(SecretSourceTest, RefusesAnotherUsersFile) {
  const std::string path = write("hunter2");
  if (::chown(path.c_str(), 65'533, static_cast<gid_t>(-1)) != 0) GTEST_SKIP() << "needs the right to chown";
  EXPECT_THAT(refusal(file(path)), HasSubstr("belongs to another user (uid 65533); chown it to"));
}

TEST_F(SecretSourceTest, RefusesFoldersPipesAndWhatIsNotThere) {
  write("hunter2");
  EXPECT_THAT(refusal(file(folder_)), HasSubstr("is no regular file"));
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal(file(pipe)), HasSubstr("is no regular file"));
  EXPECT_THAT(refusal(file(folder_ + "/none")),
              HasSubstr("password_file " + folder_ + "/none: cannot be opened: No such file or directory; write the"));
}

TEST_F(SecretSourceTest, ReadsBehindLinksAsASecretOfKubernetesIsMounted) {
  std::filesystem::create_directory(folder_ + "/..2026_01_01");
  std::filesystem::rename(write("hunter2", 0400), folder_ + "/..2026_01_01/alice");
  std::filesystem::create_symlink("..2026_01_01", folder_ + "/..data");
  std::filesystem::create_symlink("..data/alice", folder_ + "/alice");
  EXPECT_EQ(file(folder_ + "/alice").value().reveal(), "hunter2");
  // What the link leads to is judged, not the link.
  ASSERT_EQ(::chmod((folder_ + "/..data/alice").c_str(), 0444), 0);
  EXPECT_THAT(refusal(file(folder_ + "/alice")), HasSubstr("can be read or changed by other users; chmod 0600 it"));
}

TEST_F(SecretSourceTest, RefusesALinkThatOthersCanExchange) {
  const std::string link = folder_ + "/link";
  std::filesystem::create_symlink(write("hunter2"), link);
  EXPECT_EQ(file(link).value().reveal(), "hunter2");
  for (const mode_t mode : {0777U, 01777U, 0770U}) {
    ASSERT_EQ(::chmod(folder_.c_str(), mode), 0);
    EXPECT_THAT(refusal(file(link)), HasSubstr("is a symbolic link in a folder that other users can change; name the"));
    EXPECT_EQ(file(folder_ + "/secret").value().reveal(), "hunter2") << "the file itself cannot be exchanged unnoticed";
  }
}

TEST_F(SecretSourceTest, RefusesALinkToNowhereAndALinkToAFolder) {
  std::filesystem::create_symlink("none", folder_ + "/dangling");
  EXPECT_THAT(refusal(file(folder_ + "/dangling")), HasSubstr("cannot be opened: No such file or directory"));
  std::filesystem::create_symlink(".", folder_ + "/round");
  EXPECT_THAT(refusal(file(folder_ + "/round")), HasSubstr("is no regular file"));
  std::filesystem::create_symlink("self", folder_ + "/self");
  EXPECT_THAT(refusal(file(folder_ + "/self")), HasSubstr("cannot be opened: Too many levels of symbolic links"));
}

// As a pod reads it: the process of another user, root's file of mode 0440 with the pod's group, a folder that
// everybody could write to but for the mount being read-only.
TEST_F(SecretSourceTest, ReadsTheMountedSecretOfAPodAsItsUser) {
  constexpr gid_t kPodGroup = 10'001;
  if (::geteuid() != 0) GTEST_SKIP() << "needs root; the rules themselves are tested in secret_file_test.cc";
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  const std::string mount = folder_ + "/mount";
  std::filesystem::create_directory(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "mode=3777,size=64k") != 0) GTEST_SKIP() << "no right to mount";
  std::filesystem::create_directory(mount + "/..2026_01_01");
  std::filesystem::rename(write("hunter2", 0440), folder_ + "/moved");
  std::filesystem::copy_file(folder_ + "/moved", mount + "/..2026_01_01/alice");
  EXPECT_EQ(::chown((mount + "/..2026_01_01/alice").c_str(), 0, kPodGroup), 0);
  EXPECT_EQ(::chmod((mount + "/..2026_01_01/alice").c_str(), 0440), 0);
  EXPECT_EQ(::chmod((mount + "/..2026_01_01").c_str(), 02755), 0);
  std::filesystem::create_symlink("..2026_01_01", mount + "/..data");
  std::filesystem::create_symlink("..data/alice", mount + "/alice");

  const auto as_pod = [&](gid_t group, const std::string& expected) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool dropped = ::setgroups(1, &group) == 0 && ::setgid(20'000) == 0 && ::setuid(20'000) == 0;
      const auto secret = file(mount + "/alice");
      const std::string said = secret ? std::string(secret->reveal()) : secret.error().to_string();
      std::_Exit(dropped && said.find(expected) != std::string::npos ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && status == 0;
  };
  EXPECT_TRUE(as_pod(kPodGroup, "in a folder that other users can change")) << "still mounted for writing";
  EXPECT_EQ(::mount("tmpfs", mount.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
  EXPECT_TRUE(as_pod(kPodGroup, "hunter2"));
  EXPECT_TRUE(as_pod(10'002, "cannot be opened: Permission denied"));
  EXPECT_EQ(::umount2(mount.c_str(), MNT_DETACH), 0);
}

TEST_F(SecretSourceTest, RefusesWhatCannotBeAPassword) {
  EXPECT_THAT(refusal(file(write(""))), HasSubstr("the secret is empty"));
  EXPECT_THAT(refusal(file(write("\n"))), HasSubstr("the secret is empty"));
  EXPECT_THAT(refusal(file(write("hunter2\nmore\n"))), HasSubstr("holds a line break"));
  EXPECT_THAT(refusal(file(write(std::string("hunter2\0x", 9)))), HasSubstr("or a NUL"));
  EXPECT_EQ(file(write(std::string(8'192, 'x'))).value().reveal().size(), 8'192U);
  EXPECT_THAT(refusal(file(write(std::string(8'193, 'x')))), HasSubstr("longer than 8 KiB"));
}

TEST_F(SecretSourceTest, ReadsACredentialOfSystemdWithItsAccessList) {
  write("hunter2", 0440);
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1), 0);
  EXPECT_EQ(file("$CREDENTIALS_DIRECTORY/secret").value().reveal(), "hunter2");
  write("hunter2", 0444);
  EXPECT_THAT(refusal(file("$CREDENTIALS_DIRECTORY/secret")), HasSubstr("can be read or changed by other users"));
  ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
  EXPECT_THAT(refusal(file("$CREDENTIALS_DIRECTORY/secret")), HasSubstr("CREDENTIALS_DIRECTORY is not set"));
}

TEST_F(SecretSourceTest, ReadsAVariable) {
  ASSERT_EQ(::setenv("POSTERN_TEST_SECRET", "hunter2", 1), 0);
  EXPECT_EQ(load_secret({SecretSource::Kind::environment, "POSTERN_TEST_SECRET", {}}).value().reveal(), "hunter2");
  ASSERT_EQ(::unsetenv("POSTERN_TEST_SECRET"), 0);
  EXPECT_THAT(refusal(load_secret({SecretSource::Kind::environment, "POSTERN_TEST_SECRET", {}})),
              HasSubstr("password_env POSTERN_TEST_SECRET: the variable is not set"));
}

TEST_F(SecretSourceTest, RunsACommandWithoutAShell) {
  EXPECT_EQ(command({"printf", "%s\\n", "$HOME;`x`"}).value().reveal(), "$HOME;`x`");
  EXPECT_EQ(command({"sh", "-c", "echo noise >&2; echo hunter2"}).value().reveal(), "hunter2");
}

TEST_F(SecretSourceTest, RefusesACommandThatFails) {
  EXPECT_THAT(refusal(command({"sh", "-c", "echo hunter2; exit 3"})),
              HasSubstr("password_command sh: ended with status 3; run it by hand"));
  EXPECT_THAT(refusal(command({"/nonexistent/command"})), HasSubstr("cannot be started: No such file or directory"));
  EXPECT_THAT(refusal(command({"sh", "-c", "kill -9 $$"})), HasSubstr("was killed by signal 9"));
  EXPECT_THAT(refusal(command({"sh", "-c", "head -c 9000 /dev/zero; exec sleep 60"})), HasSubstr("longer than 8 KiB"));
}

TEST_F(SecretSourceTest, KillsACommandThatTakesTooLongWithItsChildren) {
  const auto brief = std::chrono::milliseconds(100);
  EXPECT_THAT(refusal(command({"sh", "-c", "echo hunter2; sleep 60; true"}, brief)),
              HasSubstr("did not end within 100 ms"));
  // Output closed, yet the process stays.
  EXPECT_THAT(refusal(command({"sh", "-c", "exec >/dev/null; sleep 60; true"}, brief)),
              HasSubstr("did not end within 100 ms"));
}

}  // namespace
}  // namespace postern::config
