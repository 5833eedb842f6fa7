#include <rocksdb/perf_context.h>

#include "core/base/base64.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultObjectsTest : public VaultTest {
 protected:
  SealedBody stream(const Bytes& body, std::size_t step) {
    const auto sealer = vault->sealer();
    for (std::size_t at = 0; at < body.size(); at += step) {
      EXPECT_TRUE(sealer->add(ByteView(body).substr(at, step)));
    }
    auto sealed = sealer->finish();
    EXPECT_TRUE(sealed) << sealed.error().to_string();
    return sealed.value_or(SealedBody{});
  }
  /// A multipart with a text, and a file in base64.
  static Bytes with_file(std::uint32_t number, const Bytes& file, std::size_t line, const Bytes& before = "") {
    const Bytes boundary = "b" + std::to_string(number);
    Bytes out = "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary +
                "\r\n\r\nThis is text number " + std::to_string(number) + ".\r\n" + before + "\r\n--" + boundary +
                "\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                "Content-Disposition: attachment; filename=\"file of message.bin\"\r\n\r\n";
    const Bytes characters = base64_encode(file);
    for (std::size_t at = 0; at < characters.size(); at += line) out += characters.substr(at, line) + "\r\n";
    return out + "--" + boundary + "--\r\n";
  }
  Digest append_sealed(MailboxId box, std::uint32_t uid, SealedBody body) {
    const Digest digest = body.digest;
    Changes one = changes(box);
    one.appended.push_back({Uid(uid), {}, {}, ModSeq(), std::move(body)});
    commit(std::move(one));
    return digest;
  }
};

TEST_F(VaultObjectsTest, LargeBodiesAreStreamedInChunksAndReadBack) {
  const MailboxId inbox = mailbox();
  const Bytes body = "\r\n" + noise((5u << 20) + 1'700, 1);
  const Digest digest = append_sealed(inbox, 1, stream(body, 100'000));
  EXPECT_EQ(read(digest), body);
  reopen();
  EXPECT_EQ(read(digest), body);
  EXPECT_EQ(vault->check({}).value().chunks, 6u);
  expect_sound();
}

/// Nearly every message that comes is new, and is looked for before it is stored.
TEST_F(VaultObjectsTest, WhetherAMessageIsHeldIsAnsweredByFiltersAndReadsNothing) {
  constexpr std::uint32_t kHeld = 3'000, kNew = 1'000;
  const auto of_its_own = [](std::uint32_t number) { return "Subject: hello\r\n\r\n" + noise(600, number); };
  const MailboxId inbox = mailbox();
  Changes all = changes(inbox);
  for (std::uint32_t uid = 1; uid <= kHeld; ++uid) all.appended.push_back(entry(uid, of_its_own(uid)));
  commit(std::move(all));
  reopen();  // all of it is in tables
  rocksdb::SetPerfLevel(rocksdb::kEnableCount);
  rocksdb::PerfContext& counts = *rocksdb::get_perf_context();
  const auto blocks_of = [&](std::uint32_t first, std::uint32_t last) {
    counts.Reset();
    for (std::uint32_t i = first; i <= last; ++i) {
      const auto sealed = vault->seal(of_its_own(i));
      EXPECT_EQ(sealed.value().reused, i <= kHeld) << i;
    }
    const auto filters_and_indexes = counts.block_cache_filter_hit_count + counts.filter_block_read_count +
                                     counts.block_cache_index_hit_count + counts.index_block_read_count;
    return counts.block_cache_hit_count + counts.block_read_count - filters_and_indexes;
  };
  EXPECT_GE(blocks_of(1, 100), 100u) << "of what is held a block is read";
  EXPECT_LE(blocks_of(kHeld + 1, kHeld + kNew), kNew / 20) << "a filter errs once in a hundred";
  EXPECT_GE(counts.bloom_sst_miss_count, kNew - kNew / 20);
  rocksdb::SetPerfLevel(rocksdb::kDisable);
}

TEST_F(VaultObjectsTest, HowABodyArrivesDoesNotMatter) {
  const MailboxId inbox = mailbox();
  const Bytes body = message(1, 400'000);
  const Digest whole = append(inbox, 1, body);
  EXPECT_EQ(stream(body, 1'000).digest, whole);
  EXPECT_TRUE(stream(body, body.size()).reused);
  const Bytes exact = noise(1u << 20, 2);
  EXPECT_EQ(append_sealed(inbox, 2, stream(exact, 4096)), append(inbox, 3, exact));
  EXPECT_EQ(append_sealed(inbox, 4, stream("", 1)), append(inbox, 5, ""));
  expect_sound();
}

TEST_F(VaultObjectsTest, ChunksAreSharedBetweenObjects) {
  const MailboxId inbox = mailbox();
  const Bytes shared = "\r\n" + noise(2u << 20, 3);
  append_sealed(inbox, 1, stream(shared + Bytes(1'000, '1'), 1u << 20));
  append_sealed(inbox, 2, stream(shared + Bytes(1'000, '2'), 1u << 20));
  EXPECT_EQ(vault->check({}).value().chunks, 4u);
  expect_sound();
}

TEST_F(VaultObjectsTest, AnAbandonedBodyLeavesNoObject) {
  {
    const auto sealer = vault->sealer();
    ASSERT_TRUE(sealer->add(noise(3u << 20, 4)));
  }
  reopen();
  const auto report = vault->check({}).value();
  EXPECT_EQ(report.objects, 0u);
  EXPECT_TRUE(report.problems.empty());
}

TEST_F(VaultObjectsTest, AnUnknownDigestIsNotFound) {
  EXPECT_EQ(vault->open_object(Digest()).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(vault->object_prefix(Digest(), 10).error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(vault->object_size(Digest()).value());
}

TEST_F(VaultObjectsTest, APrefixIsTheBeginning) {
  const MailboxId inbox = mailbox();
  const Bytes body = noise(2u << 20, 5);
  const Digest digest = append_sealed(inbox, 1, stream(body, 1u << 20));
  EXPECT_EQ(vault->object_prefix(digest, 1'000).value(), body.substr(0, 1'000));
  EXPECT_EQ(vault->object_prefix(digest, 9u << 20).value(), body.substr(0, 1u << 20));
}

TEST_F(VaultObjectsTest, ABodyTooLargeToBeHeldWholeIsRefusedWhole) {
  EXPECT_EQ(vault->seal(Bytes(Vault::kMaxWhole + 1, 'x')).error().kind(), ErrorKind::internal);
}

TEST_F(VaultObjectsTest, OneFileInManyMessagesIsStoredOnce) {
  const MailboxId inbox = mailbox();
  const Bytes file = noise(300'000, 6);
  for (const std::uint32_t uid : {1u, 2u, 3u}) {
    const Bytes octets = with_file(uid, file, 60 + 4 * uid);
    const Digest digest = uid == 2 ? append_sealed(inbox, uid, stream(octets, 5'000)) : append(inbox, uid, octets);
    EXPECT_EQ(read(digest), octets);
    EXPECT_EQ(vault->object_prefix(digest, 100'000).value(), octets.substr(0, 100'000));
  }
  reopen();
  // The file, and what stands before it in the message that was streamed.
  EXPECT_EQ(vault->check({}).value().chunks, 1u + 1u);
  expect_sound();
}

TEST_F(VaultObjectsTest, OneBodyUnderManyHeadersIsStoredOnce) {
  const MailboxId inbox = mailbox();
  for (const std::uint32_t uid : {1u, 2u, 3u}) append(inbox, uid, message(static_cast<int>(uid)));
  EXPECT_EQ(vault->check({}).value().chunks, 1u);
  expect_sound();
}

TEST_F(VaultObjectsTest, ALargeFileIsCutFromItsOwnBeginning) {
  const MailboxId inbox = mailbox();
  const Bytes file = noise(3u << 20, 7);
  for (const std::uint32_t uid : {1u, 2u}) {
    const Bytes octets = with_file(uid, file, 76, Bytes(uid * 300'000, 'x'));
    EXPECT_EQ(read(append_sealed(inbox, uid, stream(octets, 65'536))), octets);
  }
  EXPECT_EQ(vault->check({}).value().chunks, 3u + 2u);
  expect_sound();
}

}  // namespace
}  // namespace postern::storage
