// Entries of messages that the vault has already: by digest, and found by EMAILID.

#include <gmock/gmock.h>

#include <future>

#include "core/crypto/sha256.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using testing::HasSubstr;

Digest digest_of(const Bytes& octets) { return Digest(crypto::sha256(octets)); }

class VaultHeldTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    inbox = mailbox("INBOX");
    archive = mailbox("Archive");
  }
  NewEntry held(std::uint32_t uid, const Digest& digest) {
    return {Uid(uid), {"\\Seen"}, {1'000'000 + uid, 60}, ModSeq(uid), {}, {}, digest};
  }
  NewEntry with_id(NewEntry entry, std::string email_id) {
    entry.email_id = std::move(email_id);
    return entry;
  }
  Result<Committed> try_commit(MailboxId mailbox, std::vector<NewEntry> entries,
                               std::shared_ptr<CommitLine> line = nullptr) {
    Changes all = changes(mailbox);
    all.appended = std::move(entries);
    all.line = std::move(line);
    return vault->commit(account, std::move(all));
  }
  std::optional<HeldBody> known_as(const std::string& email_id) {
    return vault->held_by_email_id(account, {email_id}).value().at(0);
  }

  MailboxId inbox, archive;
};

template <typename... Entries>
std::vector<NewEntry> list(Entries... entries) {
  std::vector<NewEntry> all;
  (all.push_back(std::move(entries)), ...);
  return all;
}

TEST_F(VaultHeldTest, AMovedMessageIsEnteredWithoutItsBody) {
  const Digest digest = append(inbox, 1, message(1));
  const auto done = try_commit(archive, list(held(7, digest)));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->bodies_reused, 1u);
  EXPECT_EQ(done->messages, 0u);
  EXPECT_EQ(done->octets, 0u);
  ASSERT_EQ(entries(archive).size(), 1u);
  const Entry moved = entries(archive)[0];
  EXPECT_EQ(moved.digest, digest);
  EXPECT_EQ(moved.size, message(1).size());
  EXPECT_EQ(moved.flags, FlagSet({"\\Seen"}));
  EXPECT_EQ(vault->totals(account).value().octets, 2 * message(1).size());
  EXPECT_EQ(vault->history(account, HistorySeq(5), 1).value().at(0).digest, digest);
  expect_sound();
}

TEST_F(VaultHeldTest, ABodyOfTheSameCommitOrOfOneThatWaitsBeforeItWillDo) {
  const Bytes body = message(1);
  const Digest digest = digest_of(body);
  const auto one = try_commit(inbox, list(entry(1, body), held(2, digest)));
  ASSERT_TRUE(one) << one.error().to_string();
  EXPECT_EQ(one->messages, 1u);
  EXPECT_EQ(one->bodies_reused, 1u);
  EXPECT_EQ(entries(inbox).at(1).size, body.size());

  const Bytes other = message(2);
  std::promise<Result<Committed>> first, second;
  Changes with_body = changes(inbox), without = changes(archive);
  with_body.appended.push_back(entry(3, other));
  without.appended.push_back(held(1, digest_of(other)));
  vault->commit(account, std::move(with_body), [&](Result<Committed> done) { first.set_value(std::move(done)); });
  vault->commit(account, std::move(without), [&](Result<Committed> done) { second.set_value(std::move(done)); });
  EXPECT_TRUE(first.get_future().get());
  const auto done = second.get_future().get();
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(entries(archive).at(0).size, other.size());
  expect_sound();
}

TEST_F(VaultHeldTest, AMessageThatIsNotThereFailsItsCommitAndTheLineBehindIt) {
  const Digest nowhere = digest_of("never stored");
  const HistorySeq before = vault->history_end(account).value();
  const auto line = std::make_shared<CommitLine>();
  auto good = with_id(entry(1, message(1)), "M1");
  const auto failed = try_commit(inbox, list(std::move(good), held(2, nowhere)), line);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind(), ErrorKind::not_found);
  EXPECT_EQ(failed.error().scope(), Scope::message);
  EXPECT_THAT(failed.error().what(), HasSubstr(nowhere.to_hex()));
  EXPECT_FALSE(failed.error().remedy().empty());
  EXPECT_THAT(entries(inbox), testing::IsEmpty());
  EXPECT_EQ(vault->history_end(account).value(), before);
  EXPECT_FALSE(known_as("M1"));

  EXPECT_FALSE(try_commit(inbox, list(entry(3, message(3))), line));
  EXPECT_EQ(vault->health().state, Health::State::ok);
  EXPECT_TRUE(try_commit(inbox, list(entry(3, message(3))), std::make_shared<CommitLine>()));
  EXPECT_EQ(vault->totals(account).value().entries, 1u);
  expect_sound();
}

TEST_F(VaultHeldTest, AnEmailIdFindsWhatWasLastEnteredWithIt) {
  ASSERT_TRUE(try_commit(
      inbox, list(with_id(entry(1, message(1)), "M1"), with_id(entry(2, message(2)), "gm:12"), entry(3, message(3)))));
  EXPECT_EQ(known_as("M1"), (HeldBody{digest_of(message(1)), message(1).size()}));
  EXPECT_EQ(known_as("gm:12"), (HeldBody{digest_of(message(2)), message(2).size()}));
  EXPECT_FALSE(known_as("M"));
  EXPECT_FALSE(known_as(""));
  ASSERT_TRUE(try_commit(archive, list(with_id(held(1, digest_of(message(3))), "M1"))));
  EXPECT_EQ(known_as("M1")->digest, digest_of(message(3)));
  reopen();
  EXPECT_EQ(known_as("M1")->digest, digest_of(message(3)));
  const auto several = vault->held_by_email_id(account, {"x", "gm:12", "M1", "gm:12"}).value();
  ASSERT_EQ(several.size(), 4u);
  EXPECT_FALSE(several[0]);
  EXPECT_EQ(several[1], several[3]);
  EXPECT_EQ(several[2]->digest, digest_of(message(3)));
  expect_sound();
}

TEST_F(VaultHeldTest, EmailIdsAreTheAccountsOwn) {
  ASSERT_TRUE(try_commit(inbox, list(with_id(entry(1, message(1)), "M1"))));
  const AccountId bob = vault->account_id("bob").value();
  EXPECT_FALSE(vault->held_by_email_id(bob, {"M1"}).value().at(0));
}

TEST_F(VaultHeldTest, AnEntryThatWasThereGetsItsEmailIdOnce) {
  const Digest digest = append(inbox, 1, message(1));
  const HistorySeq before = vault->history_end(account).value();
  auto again = held(1, digest);
  again.flags = {};
  ASSERT_TRUE(try_commit(inbox, list(with_id(std::move(again), "M1"))));
  EXPECT_EQ(known_as("M1")->digest, digest);
  EXPECT_EQ(vault->history_end(account).value(), before);
  EXPECT_EQ(vault->totals(account).value().entries, 1u);
}

TEST_F(VaultHeldTest, AnEmailIdLongerThanTheProtocolAllowsIsNotKept) {
  const std::string longest(255, 'x');
  ASSERT_TRUE(
      try_commit(inbox, list(with_id(entry(1, message(1)), longest), with_id(entry(2, message(2)), longest + "y"))));
  EXPECT_TRUE(known_as(longest));
  EXPECT_FALSE(known_as(longest + "y"));
  expect_sound();
}

TEST_F(VaultHeldTest, ALargeMessageIsHeldByDigestToo) {
  const Bytes large = noise((1u << 20) + 9, 3);
  const auto sealer = vault->sealer();
  ASSERT_TRUE(sealer->add(large));
  ASSERT_TRUE(try_commit(inbox, list(NewEntry{Uid(1), {}, {}, ModSeq(1), sealer->finish().value(), "M9"})));
  ASSERT_TRUE(try_commit(archive, list(held(1, known_as("M9")->digest))));
  EXPECT_EQ(entries(archive).at(0).size, large.size());
  EXPECT_TRUE(read(known_as("M9")->digest) == large);
}

}  // namespace
}  // namespace postern::storage
