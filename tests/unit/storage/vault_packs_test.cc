// Small pieces of messages lie together in packs.

#include <gmock/gmock.h>

#include "storage/pack_cache.h"
#include "storage/pack_order.h"
#include "tests/support/mail/generator.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using ::testing::ElementsAre;

class VaultPacksTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    inbox = mailbox();
  }
  /// As the daemon does with what arrives together.
  std::vector<Digest> append_together(std::uint32_t first_uid, const std::vector<Bytes>& bodies) {
    Changes all = changes(inbox);
    std::vector<Digest> digests;
    auto sealed = vault->seal(bodies).value();
    for (SealedBody& body : sealed) {
      digests.push_back(body.digest);
      all.appended.push_back({Uid(first_uid++), {}, {}, ModSeq(), std::move(body)});
    }
    commit(std::move(all));
    return digests;
  }
  std::uint64_t packs() { return vault->check({}).value().packs; }
  std::uint64_t chunks() { return vault->check({}).value().chunks; }
  void expect_readable(const std::vector<Digest>& digests, const std::vector<Bytes>& bodies) {
    ASSERT_EQ(digests.size(), bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_EQ(read(digests[i]), bodies[i]) << i;
  }

  MailboxId inbox;
};

TEST_F(VaultPacksTest, WhatArrivesTogetherLiesTogether) {
  testing::MailGenerator generator(11);
  std::vector<Bytes> bodies;
  for (const testing::MailKind kind : testing::kAllMailKinds) bodies.push_back(generator.make(kind).octets);
  const auto digests = append_together(1, bodies);
  EXPECT_EQ(packs(), 2u);  // headers, and text
  expect_readable(digests, bodies);
  reopen();
  expect_readable(digests, bodies);
  expect_sound();
}

TEST_F(VaultPacksTest, APackThatIsFullIsFollowedByAnother) {
  std::vector<Bytes> bodies;
  for (unsigned i = 0; i < 12; ++i) bodies.push_back("Subject: x\r\n\r\n" + noise(60'000, i));
  const auto digests = append_together(1, bodies);
  EXPECT_EQ(packs(), 1u + 3u);
  expect_readable(digests, bodies);
  expect_sound();
}

TEST_F(VaultPacksTest, ABodyThatThePackHoldsIsNotStoredAgain) {
  // The same text: within a batch, in a later one, and after the vault was opened again.
  auto digests = append_together(1, {message(1), message(2)});
  EXPECT_EQ(packs(), 2u);
  digests.push_back(append(inbox, 3, message(3)));
  EXPECT_EQ(packs(), 3u);  // a header
  reopen();
  digests.push_back(append(inbox, 4, message(4)));
  EXPECT_EQ(packs(), 4u);
  EXPECT_EQ(chunks(), 1u);
  expect_readable(digests, {message(1), message(2), message(3), message(4)});
  expect_sound();
}

TEST_F(VaultPacksTest, OneMessageTwiceInABatch) {
  const auto digests = append_together(1, {message(1), message(1), message(1)});
  EXPECT_EQ(digests[0], digests[2]);
  EXPECT_EQ(vault->check({}).value().objects, 1u);
  EXPECT_EQ(read(digests[1]), message(1));
  expect_sound();
}

TEST_F(VaultPacksTest, APackTravelsWithWhicheverOfItsBodiesIsCommitted) {
  auto sealed = vault->seal({message(1), message(20), message(300)}).value();
  const std::vector<Digest> digests = {sealed[2].digest, sealed[0].digest};
  for (const std::size_t i : {2u, 0u}) {
    Changes one = changes(inbox);
    one.appended.push_back({Uid(static_cast<std::uint32_t>(i + 1)), {}, {}, ModSeq(), std::move(sealed[i])});
    commit(std::move(one));
    expect_sound();
  }
  expect_readable(digests, {message(300), message(1)});
}

TEST_F(VaultPacksTest, ABodyThatIsNeverCommittedLeavesNothing) {
  ASSERT_TRUE(vault->seal({message(1), message(20)}));
  EXPECT_EQ(packs(), 0u);
  const Digest digest = append(inbox, 1, message(1));
  EXPECT_EQ(read(digest), message(1));
  expect_sound();
}

TEST_F(VaultPacksTest, AStreamedMessageSharesTextThatLiesInAPack) {
  const Bytes text = message(5, 50'000) + "\r\n";
  const auto with = [&](const Bytes& more) {
    return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + text + "--b\r\n\r\n" + more +
           "\r\n--b--\r\n";
  };
  const Bytes small = with("small");
  const Digest whole = append(inbox, 1, small);
  const Bytes large = with(message(6, 2u << 20));
  const auto sealer = vault->sealer();
  ASSERT_TRUE(sealer->add(large));
  Changes one = changes(inbox);
  one.appended.push_back({Uid(2), {}, {}, ModSeq(), sealer->finish().value()});
  const Digest streamed = one.appended.front().body.digest;
  commit(std::move(one));
  expect_readable({whole, streamed}, {small, large});
  expect_sound();
}

TEST_F(VaultPacksTest, AReaderReadsPacks) {
  const auto digests = append_together(1, {message(1), message(20)});
  VaultOptions reading = options();
  reading.mode = VaultOptions::Mode::read_only;
  const auto reader = Vault::open(reading).value();
  EXPECT_EQ(reader->object_prefix(digests[1], 100'000).value(), message(20));
}

std::shared_ptr<const Bytes> octets(std::size_t size) { return std::make_shared<const Bytes>(size, 'x'); }

TEST(PackCache, DropsWhatWasUsedLongestAgo) {
  PackCache cache(30);
  cache.add(1, octets(10));
  cache.add(2, octets(10));
  cache.add(3, octets(10));
  EXPECT_TRUE(cache.find(1));
  cache.add(4, octets(10));
  EXPECT_FALSE(cache.find(2));
  EXPECT_TRUE(cache.find(1));
  cache.add(5, octets(100));  // what is read is kept, however large
  EXPECT_TRUE(cache.find(5));
  EXPECT_FALSE(cache.find(4));
}

TEST(PackOrder, RowsComeInThePacksOrderAndInAsManyRoundsAsTheRoomNeeds) {
  const std::vector<std::uint64_t> rows = {5, 1, 9, 3, 5, 2, 1, 8, 3};
  PackOrder order(3 * (PackOrder::kRow + 1));
  std::vector<std::uint64_t> seen;
  int rounds = 0;
  for (std::uint64_t from = 0; from != PackOrder::kEnd; from = order.next(), ++rounds) {
    order.begin(from);
    for (const std::uint64_t pack : rows) order.add(pack, Family::object, Digest(), "x");
    for (const auto& [pack, item] : order.take()) seen.push_back(pack);
  }
  EXPECT_THAT(seen, ElementsAre(1, 1, 2, 3, 3, 5, 5, 8, 9));
  EXPECT_GE(rounds, 3);
}

TEST(PackOrder, OnePackIsTakenWhateverItHolds) {
  PackOrder order(1);
  order.begin(0);
  for (int i = 0; i < 5; ++i) order.add(7, Family::object, Digest(), "x");
  EXPECT_EQ(order.take().size(), 5u);
  EXPECT_EQ(order.next(), PackOrder::kEnd);
}

}  // namespace
}  // namespace postern::storage
