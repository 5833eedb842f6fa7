// The worked examples of storage/FORMAT.md: bytes that vaults in the world have.

#include <gtest/gtest.h>

#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/object_codec.h"
#include "storage/records_codec.h"
#include "storage/target_codec.h"

namespace postern::storage {
namespace {

constexpr std::string_view kDigestHex = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafa0a1a2a3a4a5a6a7a8a9aaabacadaeaf";
const WallTime kTime{std::chrono::milliseconds(1'700'000'000'000)};
const Place kPlace{MailboxId(1), UidValidity(1), Uid(7)};

Digest example_digest() { return Digest::from_hex(kDigestHex).value(); }

TEST(Format, Chunk) {
  EXPECT_EQ(to_hex(encode_chunk("hello\r\n")), "01000768656c6c6f0d0a");
  EXPECT_EQ(to_hex(encode_slice({300, 1'000, 7})), "010307ac02e807");
}

TEST(Format, Object) {
  EXPECT_EQ(to_hex(encode_recipe(example_digest(), {4711, {{example_digest(), 4711}}})), "01e72400");
  const Bytes header = encode_chunk("a: b\r\n\r\n");
  const Recipe cut{46, {{{}, 8, header}, {example_digest(), 27}}, {{8, 27, {36, true, true}}}};
  EXPECT_EQ(to_hex(encode_recipe(Digest(), cut)),
            "012e030b010008613a20620d0a0d0a01" + std::string(kDigestHex) + "1b02081b0309");
  EXPECT_EQ(to_hex(encode_recipe(Digest(), {907, {{{}, 900, {}, 300, 1'000}, {{}, 7, {}, 301, 0}}})),
            "018b0704ac02e807840704ad020007");
}

TEST(Format, Pack) { EXPECT_EQ(to_hex(pack_key(300)), "000000000000012c"); }

TEST(Format, Mailbox) {
  MailboxRecord mailbox;
  mailbox.name = *MailboxName::from_utf8("INBOX", '/');
  mailbox.attributes = {"\\HasNoChildren"};
  mailbox.subscribed = true;
  mailbox.uidvalidity = UidValidity(1);
  mailbox.cursor = SourceCursor{UidValidity(1), 8, 3, ModSeq(300), {}};
  EXPECT_EQ(to_hex(encode_mailbox(mailbox)), "010f05494e424f58002f010e5c4861734e6f4368696c6472656e01010803ac0200");
}

TEST(Format, MailboxWithAnId) {
  MailboxRecord mailbox;
  mailbox.name = *MailboxName::from_utf8("INBOX", '/');
  mailbox.mailbox_id = "F1";
  mailbox.uidvalidity = UidValidity(1);
  EXPECT_EQ(to_hex(encode_mailbox(mailbox)), "011605494e424f58002f0001024631");
}

TEST(Format, Identity) {
  EXPECT_EQ(to_hex(identity_key(AccountId(1), "M6d99")), "000000014d36643939");
  EXPECT_EQ(to_hex(encode_identity({example_digest(), 4711})), "01" + std::string(kDigestHex) + "e724");
}

TEST(Format, Entry) {
  EXPECT_EQ(to_hex(entry_key(AccountId(1), kPlace)), "00000001000000010000000100000007");
  const Entry entry{kPlace, example_digest(), 4711, {1'030'016'183, 60}, {"\\Seen", "$Work"}, ModSeq(300),
                    false,  HistorySeq(5)};
  EXPECT_EQ(to_hex(encode_entry(entry)), "0100" + std::string(kDigestHex) + "e724eeb2a6d60778ac020581010524576f726b");
}

TEST(Format, HistoryAndSnapshot) {
  HistoryRow row;
  row.record.kind = HistoryRecord::Kind::flags_changed;
  row.record.at = kTime;
  row.record.place = kPlace;
  row.record.flags = {"\\Seen"};
  EXPECT_EQ(to_hex(encode_history(row)), "010280a0abfef96201010701");
  EXPECT_EQ(to_hex(snapshot_key(AccountId(1), kTime)), "000000018000018bcfe56800");
  EXPECT_EQ(to_hex(encode_snapshot({kTime, HistorySeq(5), 1, 4711})), "010501e724");
}

TEST(Format, BindingAndIntent) {
  EXPECT_EQ(to_hex(binding_key(AccountId(1), TargetId(1), kPlace)), "000000010000000102000000010000000100000007");
  EXPECT_EQ(to_hex(encode_binding({kPlace, UidValidity(9), Uid(12), {"\\Seen"}})), "01090c01");
  const Intent intent{{}, MailboxId(1), UidValidity(9), 12, kTime, {{kPlace, example_digest(), 4711, {"\\Seen"}}}};
  EXPECT_EQ(to_hex(encode_intent(intent)), "0101090c80a0abfef96201010107" + std::string(kDigestHex) + "e72401");
}

TEST(Format, VerifiedBinding) {
  EXPECT_EQ(to_hex(encode_binding({kPlace, UidValidity(9), Uid(12), {"\\Seen"}, kTime})), "01090c0180a0abfef962");
}

TEST(Format, Doubt) {
  EXPECT_EQ(to_hex(doubt_key(AccountId(1), TargetId(1), kPlace)), "000000010000000103000000010000000100000007");
  const Doubt doubt{kPlace, example_digest(), UidValidity(9), 12, kTime, 1, 0, {}};
  EXPECT_EQ(to_hex(encode_doubt(doubt)), "01" + std::string(kDigestHex) + "090c80a0abfef962010000");
}

TEST(Format, StoreIntent) {
  EXPECT_EQ(to_hex(intent_key(AccountId(1), TargetId(1), IntentId(1))), "00000001000000010000000000000001");
  const StoreIntent intent{{}, MailboxId(1), UidValidity(9), {{"\\Seen"}, {"\\Flagged"}}, {3, 4, 5, 9}, kTime};
  EXPECT_EQ(to_hex(encode_store_intent(intent)),
            "01010980a0abfef9620104020202"
            "0300");
  StoreIntent conditional = intent;
  conditional.since = ModSeq(300);
  EXPECT_EQ(to_hex(encode_store_intent(conditional)),
            "01010980a0abfef9620104020202"
            "030000ac02");
  StoreIntent at_source = intent;
  at_source.at_source = true;
  EXPECT_EQ(to_hex(encode_store_intent(at_source)),
            "01010980a0abfef9620104020202"
            "03000100");
}

TEST(Format, Guard) {
  EXPECT_EQ(to_hex(guard_key(AccountId(1), TargetId(1), MailboxId(1))), "000000010000000100000001");
  GuardHold hold;
  hold.reason = GuardHold::Reason::emptied;
  hold.uidvalidity = UidValidity(1);
  hold.uids = UidSet::range(1, 30);
  hold.of = 30;
  hold.since = kTime;
  hold.detail = "empty";
  EXPECT_EQ(to_hex(encode_guard_hold(hold)),
            "01000201"
            "01001d"
            "1e"
            "80a0abfef962"
            "05656d707479");
}

TEST(Format, AuditAndOrigin) {
  EXPECT_EQ(to_hex(audit_key(AccountId(1), 1)), "000000010000000000000001");
  const AuditRecord row{
      kTime, AuditRecord::Action::expunged, TargetId(1), kPlace, example_digest(), "INBOX", UidValidity(9), Uid(12)};
  EXPECT_EQ(to_hex(encode_audit(row)), "010280a0abfef96201010107" + std::string(kDigestHex) + "05494e424f58090c");
  EXPECT_EQ(to_hex(stats_key(AccountId(1), StatsKind::origin)), "0000000103");
  EXPECT_EQ(to_hex(encode_origin("h u")), "0103682075");
}

}  // namespace
}  // namespace postern::storage
