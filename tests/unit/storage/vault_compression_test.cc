#include "core/protocol/mime/stable_header.h"
#include "storage/dictionary_trainer.h"
#include "tests/support/mail/generator.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultCompressionTest : public VaultTest {
 protected:
  /// Enough mail to train both dictionaries on.
  void fill(MailboxId box) {
    std::size_t headers = 0;
    std::size_t text = 0;
    while (headers < DictionaryTrainer::kEnoughHeaders || text < DictionaryTrainer::kEnoughText) {
      mail_.push_back(generator_.everyday(2'000).octets);
      headers += mime::header_block_size(mail_.back());
      text += mail_.back().size() - mime::header_block_size(mail_.back());
    }
    Changes all = changes(box);
    for (std::size_t i = 0; i < mail_.size(); ++i) {
      SealedBody body = vault->seal(mail_[i]).value();
      digests_.push_back(body.digest);
      all.appended.push_back({Uid(static_cast<std::uint32_t>(i + 1)), {}, {}, ModSeq(), std::move(body)});
    }
    commit(std::move(all));
  }
  void expect_all_there() {
    for (std::size_t i = 0; i < mail_.size(); ++i) ASSERT_EQ(read(digests_[i]), mail_[i]) << i;
  }

  testing::MailGenerator generator_{8};
  std::vector<Bytes> mail_;
  std::vector<Digest> digests_;
};

TEST_F(VaultCompressionTest, DictionariesAreTrainedOnWhatTheVaultHolds) {
  const MailboxId inbox = mailbox();
  fill(inbox);
  reopen();
  EXPECT_EQ(vault->dictionaries(), 2u);
  // Written with none, with one and with both.
  expect_all_there();
  const auto one = generator_.everyday(4'000).octets;
  append(inbox, 100'000, one);
  reopen();
  EXPECT_EQ(vault->dictionaries(), 2u);
  expect_all_there();
  expect_sound();
}

TEST(DictionaryTrainer, CrumbsTeachNothing) {
  std::vector<Bytes> trained;
  {
    DictionaryTrainer trainer({DictionaryUse::text},
                              [&](const DictionaryRecord& record) { trained.push_back(record.octets); });
    for (std::size_t i = 0; i < DictionaryTrainer::kEnoughText; ++i) trainer.add(DictionaryUse::text, "x");
    for (int i = 0; i < 2'000; ++i) trainer.add(DictionaryUse::text, message(i, 1'000));
  }
  ASSERT_EQ(trained.size(), 1u);
  EXPECT_NE(trained[0].find("The quick brown fox"), Bytes::npos);
}

TEST_F(VaultCompressionTest, WhoDoesNotWantDictionariesGetsNone) {
  vault.reset();
  VaultOptions plain = options();
  plain.compression.dictionary = false;
  vault = Vault::open(plain).value();
  fill(mailbox());
  vault.reset();
  vault = Vault::open(plain).value();
  EXPECT_EQ(vault->dictionaries(), 0u);
  expect_all_there();
}

TEST_F(VaultCompressionTest, AReaderHasTheDictionariesOfItsMoment) {
  const MailboxId inbox = mailbox();
  fill(inbox);
  reopen();
  const Bytes octets = generator_.everyday(3'000).octets;
  const Digest digest = append(inbox, 100'000, octets);
  VaultOptions reading = options();
  reading.mode = VaultOptions::Mode::read_only;
  const auto reader = Vault::open(reading).value();
  EXPECT_EQ(reader->dictionaries(), 2u);
  EXPECT_EQ(reader->object_prefix(digest, 10'000).value(), octets);
}

}  // namespace
}  // namespace postern::storage
