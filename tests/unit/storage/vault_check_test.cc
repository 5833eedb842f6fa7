// Each broken invariant is found: rows are changed behind the vault's back.

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/stable_header.h"
#include "storage/chunk_codec.h"
#include "storage/families.h"
#include "storage/keys.h"
#include "storage/object_codec.h"
#include "storage/records_codec.h"
#include "storage/target_codec.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultCheckTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    inbox = mailbox();
    digest = append(inbox, 1, message(1));
    append(inbox, 2, message(20));
  }

  /// The chunk that a message's body is.
  static Bytes body_chunk(const Bytes& octets) {
    return Bytes(Digest(crypto::sha256(ByteView(octets).substr(mime::header_block_size(octets)))).octets());
  }

  /// Of message(1), the first one: its text, behind the pack of its header.
  static Bytes text_pack() { return pack_key(2); }

  /// Writes (or with nullopt deletes) a row of the closed vault, then opens it again.
  void tamper(Family family, const Bytes& key, const std::optional<Bytes>& value) {
    vault.reset();
    put(family, key, value);
    open();
  }
  void put(Family family, const Bytes& key, const std::optional<Bytes>& value) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string_view name : kFamilyNames)
      families.emplace_back(std::string(name), rocksdb::ColumnFamilyOptions());
    families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto opened = rocksdb::DB::Open({}, options().path.string(), families, &handles, &db);
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    auto* handle = handles[static_cast<std::size_t>(family)];
    const auto done = value ? db->Put({}, handle, key, *value) : db->Delete({}, handle, key);
    EXPECT_TRUE(done.ok()) << done.ToString();
    for (auto* each : handles) db->DestroyColumnFamilyHandle(each);
    delete db;
  }
  std::vector<std::string> kinds(bool read_data = false) {
    CheckOptions check;
    check.read_data = read_data;
    std::vector<std::string> found;
    const auto report = vault->check(check);
    for (const CheckProblem& problem : report.value().problems) found.push_back(problem.kind);
    return found;
  }
  Bytes place(std::uint32_t uid) const { return entry_key(account, {inbox, kGeneration, Uid(uid)}); }

  MailboxId inbox;
  Digest digest;
};

TEST_F(VaultCheckTest, ASoundVaultHasNoProblems) {
  const CheckReport report = vault->check({}).value();
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(report.objects, 2u);
  EXPECT_EQ(report.chunks, 2u);
  EXPECT_EQ(report.entries, 2u);
}

TEST_F(VaultCheckTest, AMissingObjectIsFoundByEntryAndByHistory) {
  tamper(Family::object, Bytes(digest.octets()), std::nullopt);
  EXPECT_THAT(kinds(), testing::ElementsAre("object_missing", "object_missing"));
}

TEST_F(VaultCheckTest, AMissingPackIsNamedWithItsMessages) {
  tamper(Family::pack, text_pack(), std::nullopt);
  const CheckReport report = vault->check({}).value();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].kind, "chunk_missing");
  EXPECT_EQ(report.problems[0].digest, digest.to_hex());
  EXPECT_THAT(report.problems[0].detail, testing::HasSubstr("alice: INBOX: UIDVALIDITY 7 UID 1"));
}

TEST_F(VaultCheckTest, ASwappedChunkIsFoundWhenDataIsRead) {
  const Digest large = append(inbox, 3, "\r\n" + noise(100'000, 3));
  tamper(Family::chunk, Bytes(Digest(crypto::sha256(noise(100'000, 3))).octets()), encode_chunk(noise(100'000, 4)));
  EXPECT_THAT(kinds(), testing::IsEmpty());
  EXPECT_THAT(kinds(true), testing::ElementsAre("chunk_damaged"));
  EXPECT_EQ(vault->object_prefix(large, 1'000).error().kind(), ErrorKind::store);
}

TEST_F(VaultCheckTest, OtherOctetsInAPackAreFoundWhenDataIsRead) {
  const std::size_t size = message(1).size() - mime::header_block_size(message(1));
  tamper(Family::pack, text_pack(), encode_chunk(Bytes(size, 'x')));
  EXPECT_THAT(kinds(), testing::IsEmpty());
  // The message, and the row by which the next message would share its text.
  EXPECT_THAT(kinds(true), testing::UnorderedElementsAre("object_damaged", "chunk_damaged"));
}

TEST_F(VaultCheckTest, APackThatCannotBeReadIsNamedWithEachMessageInIt) {
  Changes two = changes(inbox);
  auto sealed = vault->seal({message(31), message(32)}).value();
  const Digest first = sealed[0].digest, second = sealed[1].digest;
  two.appended.push_back({Uid(3), {}, {}, ModSeq(3), std::move(sealed[0])});
  two.appended.push_back({Uid(4), {}, {}, ModSeq(4), std::move(sealed[1])});
  commit(std::move(two));
  for (const Bytes& value : {Bytes("\x01\x00\x03"
                                   "abc",
                                   6),
                             Bytes("\x01", 1), Bytes("\x01\x01\x81\x20no zstd frame", 17)}) {
    tamper(Family::pack, pack_key(5), value);
    CheckOptions data;
    data.read_data = true;
    std::vector<std::string> named;
    const CheckReport report = vault->check(data).value();
    for (const CheckProblem& problem : report.problems) {
      EXPECT_EQ(problem.kind, "chunk_damaged");
      EXPECT_THAT(problem.detail, testing::HasSubstr("pack 5"));
      EXPECT_THAT(problem.detail, testing::HasSubstr(problem.digest == first.to_hex() ? "UID 3" : "UID 4"));
      named.push_back(problem.digest);
    }
    EXPECT_THAT(named, testing::UnorderedElementsAre(first.to_hex(), second.to_hex()));
  }
}

TEST_F(VaultCheckTest, TextUnderADamagedRowIsStoredAnewWithTheNextMessageThatHasIt) {
  int number = 2;
  for (const Bytes& row : {encode_slice({2, 0, 5}), Bytes("\x01")}) {
    tamper(Family::chunk, body_chunk(message(1)), row);
    const Bytes next = message(number);
    EXPECT_EQ(read(append(inbox, static_cast<std::uint32_t>(++number), next)), next);
    expect_sound();
  }
}

TEST_F(VaultCheckTest, APackWithoutASuccessorIsNoGroundToCountFromTheBeginning) {
  vault.reset();
  put(Family::pack, pack_key(UINT64_MAX), encode_chunk("x"));
  EXPECT_EQ(Vault::open(options()).error().kind(), ErrorKind::store);
  VaultOptions reading = options();
  reading.mode = VaultOptions::Mode::read_only;
  EXPECT_TRUE(Vault::open(reading).value()->check({}));
}

TEST_F(VaultCheckTest, AMissingPieceOfALargeMessageIsNamedAndTheOthersAreNot) {
  const Bytes large = "\r\n" + noise((2u << 20) + 5, 9);
  const auto sealer = vault->sealer();
  ASSERT_TRUE(sealer->add(large));
  Changes one = changes(inbox);
  one.appended.push_back({Uid(3), {}, {}, ModSeq(3), sealer->finish().value()});
  const Digest whole = one.appended.front().body.digest;
  commit(std::move(one));
  EXPECT_THAT(kinds(true), testing::IsEmpty());
  const Digest second(crypto::sha256(ByteView(large).substr(2 + (1u << 20), 1u << 20)));
  tamper(Family::chunk, Bytes(second.octets()), std::nullopt);
  for (const bool read_data : {false, true}) {
    CheckOptions check;
    check.read_data = read_data;
    const CheckReport report = vault->check(check).value();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(report.problems[0].kind, "chunk_missing");
    EXPECT_EQ(report.problems[0].digest, whole.to_hex());
    EXPECT_THAT(report.problems[0].detail, testing::HasSubstr(second.to_hex()));
    EXPECT_THAT(report.problems[0].detail, testing::HasSubstr("UID 3"));
  }
}

TEST_F(VaultCheckTest, PiecesThatMakeAnotherMessageAreFoundWhenDataIsRead) {
  const Bytes octets = message(1);
  const std::size_t header = mime::header_block_size(octets);
  const auto body = Digest::from_octets(body_chunk(octets)).value();
  // Another header of the same size: only hashing tells.
  tamper(Family::object, Bytes(digest.octets()),
         encode_recipe(digest, {octets.size(),
                                {{{}, header, encode_chunk(Bytes(header, 'x'))}, {body, octets.size() - header}}}));
  EXPECT_THAT(kinds(true), testing::ElementsAre("object_damaged"));
}

TEST_F(VaultCheckTest, ARecipeThatCannotBeReadIsFoundWithItsMessage) {
  tamper(Family::object, Bytes(digest.octets()), Bytes("\x01\xe7", 2));
  const CheckReport report = vault->check({}).value();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].kind, "object_damaged");
  EXPECT_EQ(report.problems[0].digest, digest.to_hex());
  EXPECT_THAT(report.problems[0].detail, testing::HasSubstr("alice: INBOX: UIDVALIDITY 7 UID 1"));
  EXPECT_EQ(vault->open_object(digest).error().kind(), ErrorKind::store);
}

TEST_F(VaultCheckTest, EntriesOfAMailboxThatIsNotThereAreFound) {
  tamper(Family::mailbox, mailbox_key(account, inbox), std::nullopt);
  EXPECT_THAT(kinds(), testing::ElementsAre("mailbox_missing", "mailbox_missing"));
}

TEST_F(VaultCheckTest, AnEntryThatStatesAnotherSizeIsFound) {
  Entry entry = entries(inbox).at(1);
  ++entry.size;
  tamper(Family::entry, place(2), encode_entry(entry));
  EXPECT_THAT(kinds(), testing::ElementsAre("entry_size", "totals"));
}

TEST_F(VaultCheckTest, ASnapshotPastTheHistoryIsFound) {
  SnapshotRecord record = vault->snapshot(account).value().value();
  EXPECT_THAT(kinds(), testing::IsEmpty());
  record.seq = HistorySeq(record.seq.value() + 1);
  tamper(Family::snapshot, snapshot_key(account, record.at), encode_snapshot(record));
  EXPECT_THAT(kinds(), testing::ElementsAre("snapshot"));
}

TEST_F(VaultCheckTest, RowsThatContradictEachOtherAreFound) {
  tamper(Family::history, history_key(account, HistorySeq(3)), std::nullopt);
  EXPECT_THAT(kinds(), testing::ElementsAre("history_gap", "entry_history"));
}

TEST_F(VaultCheckTest, AnEmailIdOfAMessageThatIsNotThereIsFoundAndNotBelieved) {
  tamper(Family::identity, identity_key(account, "M1"), encode_identity({Digest(crypto::sha256("gone")), 4}));
  EXPECT_THAT(kinds(), testing::ElementsAre("identity"));
  EXPECT_FALSE(vault->held_by_email_id(account, {"M1"}).value().at(0));
}

TEST_F(VaultCheckTest, AnEmailIdThatStatesAnotherSizeIsFound) {
  tamper(Family::identity, identity_key(account, "M1"), encode_identity({digest, message(1).size() + 1}));
  EXPECT_THAT(kinds(), testing::ElementsAre("identity"));
}

TEST_F(VaultCheckTest, AnEmailIdThatCannotBeReadIsFoundAndNotBelieved) {
  tamper(Family::identity, identity_key(account, "M1"), Bytes("\x01", 1));
  EXPECT_THAT(kinds(), testing::ElementsAre("record"));
  EXPECT_FALSE(vault->held_by_email_id(account, {"M1"}).value().at(0));
}

TEST_F(VaultCheckTest, HeldDeletionsAndStoreIntentsOfNobodyAreFound) {
  GuardHold hold;
  hold.uids = {1};
  tamper(Family::guard, guard_key(account, TargetId(1), inbox), encode_guard_hold(hold));
  EXPECT_THAT(kinds(), testing::ElementsAre("guard")) << "no such target";
  ASSERT_EQ(vault->target_id(account, "new").value(), TargetId(1));
  EXPECT_THAT(kinds(), testing::IsEmpty());
  const StoreIntent intent{{}, MailboxId(9), {}, {}, {1}, {}};
  tamper(Family::store_intent, intent_key(account, TargetId(1), IntentId(1)), encode_store_intent(intent));
  EXPECT_THAT(kinds(), testing::ElementsAre("store_intent")) << "no such mailbox";
}

TEST_F(VaultCheckTest, ADoubtWithoutItsEntryIsFound) {
  const TargetId target = vault->target_id(account, "new").value();
  TargetChanges changes;
  changes.doubt = {{{inbox, kGeneration, Uid(2)}, Digest(), UidValidity(9), 12, {}, 1, 0, {}}};
  ASSERT_TRUE(vault->commit_target(account, target, std::move(changes)));
  EXPECT_THAT(kinds(), testing::IsEmpty());
  const Doubt nobodys{{}, Digest(), UidValidity(9), 12, {}, 1, 0, {}};
  tamper(Family::binding, doubt_key(account, target, {inbox, kGeneration, Uid(999)}), encode_doubt(nobodys));
  EXPECT_THAT(kinds(), testing::ElementsAre("doubt"));
  tamper(Family::binding, doubt_key(account, target, {inbox, kGeneration, Uid(999)}), "garbage");
  EXPECT_THAT(kinds(), testing::ElementsAre("record"));
}

TEST_F(VaultCheckTest, AMissingAuditRowIsFound) {
  ASSERT_TRUE(vault->put_audit(account, {AuditRecord(), AuditRecord(), AuditRecord()}));
  EXPECT_THAT(kinds(), testing::IsEmpty());
  tamper(Family::audit, audit_key(account, 2), std::nullopt);
  EXPECT_THAT(kinds(), testing::ElementsAre("audit_gap"));
}

TEST_F(VaultCheckTest, TotalsEntriesAndBindingsAreCompared) {
  const Binding binding{{inbox, kGeneration, Uid(2)}, UidValidity(1), Uid(1), {}};
  const TargetId target = vault->target_id(account, "new").value();
  ASSERT_TRUE(vault->commit_target(account, target, {{binding}, {}, {}}));
  ASSERT_TRUE(vault->set_target_cursor(account, target, HistorySeq(99)));
  tamper(Family::entry, place(2), std::nullopt);
  EXPECT_THAT(kinds(), testing::UnorderedElementsAre("binding", "cursor", "totals"));
}

TEST_F(VaultCheckTest, ARowThatCannotBeReadIsNamedByItsKey) {
  tamper(Family::entry, place(2), "garbage");
  const CheckReport report = vault->check({}).value();
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_EQ(report.problems[0].kind, "record");
  EXPECT_THAT(report.problems[0].detail, testing::HasSubstr(to_hex(place(2))));
  EXPECT_EQ(report.problems[1].kind, "totals");
}

TEST_F(VaultCheckTest, ProgressMayStopIt) {
  CheckOptions check;
  check.progress = [](std::uint64_t, std::uint64_t) { return false; };
  EXPECT_EQ(vault->check(check).error().kind(), ErrorKind::cancelled);
}

TEST_F(VaultCheckTest, F45AVaultOfANewerFormatIsRefusedAndLeftAlone) {
  vault.reset();
  Bytes version;
  put_be32(version, kFormatVersion + 1);
  put(Family::meta, Bytes(kFormatMetaKey), version);
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::vault_format);
  EXPECT_FALSE(opened.error().remedy().empty());
  Bytes current;
  put_be32(current, kFormatVersion);
  put(Family::meta, Bytes(kFormatMetaKey), current);
  open();
  expect_sound();
}

}  // namespace
}  // namespace postern::storage
