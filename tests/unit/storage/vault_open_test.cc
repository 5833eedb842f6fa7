#include <gmock/gmock.h>

#include <fstream>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using testing::HasSubstr;

class VaultOpenTest : public VaultTest {
 protected:
  VaultOptions reading() const {
    VaultOptions read = options();
    read.mode = VaultOptions::Mode::read_only;
    return read;
  }
};

TEST_F(VaultOpenTest, ASecondWriterIsToldWhoHoldsTheVault) {
  vault.reset();
  VaultOptions first = options();
  first.holder = "postern run";
  open(first);
  const auto second = Vault::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::vault_in_use);
  EXPECT_THAT(second.error().what(), HasSubstr("process " + std::to_string(getpid())));
  EXPECT_THAT(second.error().what(), HasSubstr("(postern run)"));
  EXPECT_FALSE(second.error().remedy().empty());
  vault.reset();
  EXPECT_TRUE(Vault::open(options()));
}

TEST_F(VaultOpenTest, AReaderWorksBesideAWriterAndCatchesUp) {
  const MailboxId inbox = mailbox();
  const Digest small = append(inbox, 1, message(1));
  const Digest large = append(inbox, 2, noise(50'000, 1));
  const auto reader = Vault::open(reading());
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ((*reader)->id(), vault->id());
  EXPECT_EQ((*reader)->entries(account, inbox, kGeneration, {1, 10}, 10).value().size(), 2u);
  EXPECT_EQ((*reader)->object_prefix(small, 1'000'000).value(), message(1));
  EXPECT_EQ((*reader)->object_prefix(large, 1'000'000).value(), noise(50'000, 1));
  append(inbox, 3, message(3));
  EXPECT_EQ((*reader)->entries(account, inbox, kGeneration, {1, 10}, 10).value().size(), 2u);
  ASSERT_TRUE((*reader)->refresh());
  EXPECT_EQ((*reader)->entries(account, inbox, kGeneration, {1, 10}, 10).value().size(), 3u);
  EXPECT_TRUE((*reader)->check({}).value().problems.empty());
}

TEST_F(VaultOpenTest, AReaderSurvivesTheWritersFlushesAndCompactions) {
  const MailboxId inbox = mailbox();
  VaultOptions small_buffers = options();
  small_buffers.write_buffer_octets = 256u << 10;
  vault.reset();
  open(small_buffers);
  append(inbox, 1, noise(60'000, 1));
  const auto reader = Vault::open(reading());
  ASSERT_TRUE(reader);
  for (std::uint32_t uid = 2; uid < 100; ++uid) append(inbox, uid, noise(60'000, uid));
  const Digest first = entries(inbox).at(0).digest;
  EXPECT_EQ((*reader)->object_prefix(first, 1'000'000).value(), noise(60'000, 1));
  ASSERT_TRUE((*reader)->refresh());
  const auto seen = (*reader)->entries(account, inbox, kGeneration, {1, 1'000}, 1'000).value();
  ASSERT_EQ(seen.size(), 99u);
  for (const Entry& entry : seen) EXPECT_TRUE((*reader)->object_prefix(entry.digest, 10));
}

TEST_F(VaultOpenTest, AReaderCannotWrite) {
  const auto reader = Vault::open(reading());
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->account_id("bob").error().kind(), ErrorKind::usage);
  EXPECT_EQ((*reader)->commit(account, {}).error().kind(), ErrorKind::usage);
}

TEST_F(VaultOpenTest, NothingThereIsNotFoundUnlessItMayBeMade) {
  VaultOptions elsewhere = options();
  elsewhere.path = folder.path() / "deep" / "er" / "vault";
  elsewhere.create = false;
  EXPECT_EQ(Vault::open(elsewhere).error().kind(), ErrorKind::not_found);
  VaultOptions read = elsewhere;
  read.mode = VaultOptions::Mode::read_only;
  EXPECT_EQ(Vault::open(read).error().kind(), ErrorKind::not_found);
  elsewhere.create = true;
  EXPECT_TRUE(Vault::open(elsewhere));
}

TEST_F(VaultOpenTest, AFolderWithOtherFilesIsNotTakenOver) {
  VaultOptions elsewhere = options();
  elsewhere.path = folder.path() / "photos";
  std::filesystem::create_directory(elsewhere.path);
  std::ofstream(elsewhere.path / "cat.jpg") << "meow";
  EXPECT_EQ(Vault::open(elsewhere).error().kind(), ErrorKind::config);
}

TEST_F(VaultOpenTest, AVaultWithoutCurrentIsNotMadeAnew) {
  mailbox();
  vault.reset();
  std::filesystem::remove(options().path / "CURRENT");
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
  EXPECT_THAT(opened.error().what(), HasSubstr("CURRENT"));
}

TEST_F(VaultOpenTest, AccountsKeepTheirIds) {
  const AccountId bob = vault->account_id("bob").value();
  EXPECT_NE(bob, account);
  reopen();
  EXPECT_EQ(vault->account_id("bob").value(), bob);
  EXPECT_EQ(vault->find_account("bob").value(), bob);
  EXPECT_FALSE(vault->find_account("carol").value());
  EXPECT_EQ(vault->accounts().value().size(), 2u);
  EXPECT_EQ(vault->account_id("").error().kind(), ErrorKind::usage);
}

TEST_F(VaultOpenTest, ThePassSummaryIsKept) {
  EXPECT_FALSE(vault->pass_summary(account).value());
  PassSummary summary;
  summary.state = PassSummary::State::attention;
  summary.ended = WallTime(std::chrono::milliseconds(1'234));
  summary.error = "a message is quarantined";
  ASSERT_TRUE(vault->put_pass_summary(account, summary));
  reopen();
  EXPECT_EQ(vault->pass_summary(account).value(), summary);
}

TEST_F(VaultOpenTest, ClosingTwiceIsHarmless) {
  EXPECT_TRUE(vault->close());
  EXPECT_TRUE(vault->close());
}

}  // namespace
}  // namespace postern::storage
