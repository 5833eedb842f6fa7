// Readers beside a writer, after one, and after many.

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <map>

#include "tests/unit/storage/vault_fixture.h"
#include "tests/unit/storage/writer_process.h"

namespace postern::storage {
namespace {

class VaultReaderTest : public VaultTest {
 protected:
  /// As the program does at its start (daemon/hardening.h): the vault beside a busy writer has hundreds of files.
  static void SetUpTestSuite() {
    rlimit files{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  }
  VaultOptions reading() const {
    VaultOptions read = options();
    read.mode = VaultOptions::Mode::read_only;
    return read;
  }
  std::unique_ptr<Vault> reader() const {
    auto opened = Vault::open(reading());
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? *std::move(opened) : nullptr;
  }
  /// Reads every octet, and compares everything with everything.
  static void expect_sound(const Vault& vault) {
    CheckOptions check;
    check.read_data = true;
    const auto report = vault.check(check);
    ASSERT_TRUE(report) << report.error().to_string();
    for (const CheckProblem& problem : report->problems) {
      ADD_FAILURE() << problem.kind << " " << problem.digest << " " << problem.detail;
    }
  }
  /// Name to size and time of last change, of everything in the vault's folder and of the folder itself.
  using Listing = std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>>;
  Listing listing() const {
    Listing files;
    const auto path = options().path;
    files["."] = {0, std::filesystem::last_write_time(path)};
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      files[file.path().filename().string()] = {file.file_size(), file.last_write_time()};
    }
    return files;
  }
};

TEST_F(VaultReaderTest, EverythingCanBeReadAfterSeveralWriters) {
  MailboxId inbox = mailbox();
  std::map<std::uint32_t, Digest> digests;
  for (std::uint32_t uid = 1; uid <= 40; ++uid) {
    digests[uid] = append(inbox, uid, noise(20'000 + uid, uid));
    if (uid % 10 == 0) reopen();  // flushes what the log holds: chunks then lie in blob files
  }
  vault.reset();
  const auto read = reader();
  ASSERT_TRUE(read);
  expect_sound(*read);
  for (const auto& [uid, digest] : digests) {
    EXPECT_EQ(read->object_prefix(digest, 1'000'000).value(), noise(20'000 + uid, uid));
  }
}

TEST_F(VaultReaderTest, ItWritesNothingIntoTheVault) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, noise(20'000, 1));
  reopen();
  append(inbox, 2, noise(20'000, 2));
  vault.reset();
  // Nothing but RocksDB's files and the data: an IDENTITY that is missing is not made again either.
  std::filesystem::remove(options().path / "IDENTITY");
  const Listing before = listing();
  auto read = reader();
  ASSERT_TRUE(read);
  expect_sound(*read);
  ASSERT_TRUE(read->refresh());
  expect_sound(*read);
  read.reset();
  EXPECT_EQ(listing(), before);
}

TEST_F(VaultReaderTest, BesideABusyWriterEveryViewIsWhole) {
  mailbox();
  vault.reset();
  WriterProcess writer(options().path, 1, 20'000);
  ASSERT_GT(writer.wait_for(50), 0u);
  std::size_t seen = 0;
  for (int round = 0; round < 12; ++round) {
    const std::uint32_t durable = writer.wait_for(static_cast<std::uint32_t>(seen) + 500);
    const auto read = reader();
    ASSERT_TRUE(read);
    const auto all = read->entries(AccountId(1), MailboxId(1), kGeneration, {1, UINT32_MAX}, 1'000'000).value();
    // What was acknowledged before the reader opened is in its view, without a hole.
    ASSERT_GE(all.size(), durable);
    for (std::uint32_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].place.uid, Uid(i + 1)) << "a hole";
    EXPECT_EQ(read->mailboxes(AccountId(1)).value().at(0).cursor->messages, all.size());
    if (round % 4 == 0) expect_sound(*read);
    ASSERT_GE(all.size(), seen);
    seen = all.size();
  }
  EXPECT_TRUE(writer.running());
}

TEST_F(VaultReaderTest, AViewStandsStillWhileTheWriterGoesOn) {
  mailbox();
  vault.reset();
  WriterProcess writer(options().path, 1, 20'000);
  const std::uint32_t durable = writer.wait_for(300);
  const auto read = reader();
  ASSERT_TRUE(read);
  const auto count = [&] {
    return read->entries(AccountId(1), MailboxId(1), kGeneration, {1, UINT32_MAX}, 1'000'000).value().size();
  };
  const std::size_t then = count();
  ASSERT_GE(then, durable);
  writer.wait_for(durable + 3'000);  // dozens of flushes and compactions
  EXPECT_EQ(count(), then);
  expect_sound(*read);
  ASSERT_TRUE(read->refresh());
  EXPECT_GE(count(), durable + 3'000);
  expect_sound(*read);
}

TEST_F(VaultReaderTest, AfterADeadWriterTheTornEndIsNoObstacle) {
  mailbox();
  vault.reset();
  std::uint32_t last = 0;
  {
    WriterProcess writer(options().path, 1, 20'000);
    last = writer.kill_after(200);
  }
  const auto read = reader();
  ASSERT_TRUE(read);
  EXPECT_GE(read->entries(AccountId(1), MailboxId(1), kGeneration, {1, UINT32_MAX}, 1'000'000).value().size(), last);
  expect_sound(*read);
}

TEST_F(VaultReaderTest, AFileThatIsMissingWithoutAWriterIsAnErrorAtOnce) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, noise(20'000, 1));
  reopen();
  vault.reset();
  for (const auto& file : std::filesystem::directory_iterator(options().path)) {
    if (file.path().extension() == ".sst") std::filesystem::remove(file.path());
  }
  const auto opened = Vault::open(reading());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
}

}  // namespace
}  // namespace postern::storage
