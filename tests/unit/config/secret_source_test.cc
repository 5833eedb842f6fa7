#include "core/config/secret_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
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
  for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0777U}) {
    EXPECT_THAT(refusal(file(write("hunter2", mode))),
                HasSubstr("can be read or changed by other users; chmod 0600 it"));
  }
}

TEST_F(SecretSourceTest, RefusesAnotherUsersFile) {
  const std::string path = write("hunter2");
  if (::chown(path.c_str(), 65'534, static_cast<gid_t>(-1)) != 0) GTEST_SKIP() << "needs the right to chown";
  EXPECT_THAT(refusal(file(path)), HasSubstr("belongs to another user (uid 65534); chown it to"));
}

TEST_F(SecretSourceTest, RefusesLinksFoldersPipesAndWhatIsNotThere) {
  const std::string link = folder_ + "/link";
  std::filesystem::create_symlink(write("hunter2"), link);
  EXPECT_THAT(refusal(file(link)), HasSubstr("is a symbolic link; name the file that it leads to"));
  EXPECT_THAT(refusal(file(folder_)), HasSubstr("is no regular file"));
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal(file(pipe)), HasSubstr("is no regular file"));
  EXPECT_THAT(refusal(file(folder_ + "/none")),
              HasSubstr("password_file " + folder_ + "/none: cannot be opened: No such file or directory; write the"));
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
