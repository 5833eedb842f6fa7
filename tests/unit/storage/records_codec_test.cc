#include "storage/records_codec.h"

#include <gtest/gtest.h>

#include <functional>

#include "storage/target_codec.h"
#include "storage/wire.h"

namespace postern::storage {
namespace {

using Kind = HistoryRecord::Kind;

Digest some_digest(std::uint8_t octet = 0xAB) {
  std::array<std::uint8_t, 32> octets{};
  octets.fill(octet);
  return Digest(octets);
}

WallTime time_of(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

/// A record's octets, and what decoding them and encoding the result gives.
struct Sample {
  const char* name;
  Bytes octets;
  std::function<Result<Bytes>(ByteView)> round;
  std::size_t whole_without_tail = SIZE_MAX;  // cut there it is another record: what may follow is left out
};

template <class T, class Encode, class Decode>
Sample sample(const char* name, const T& value, Encode encode, Decode decode) {
  return {name, encode(value), [=](ByteView octets) -> Result<Bytes> {
            auto decoded = decode(octets);
            if (!decoded) return fail(decoded.error());
            return encode(*decoded);
          }};
}

HistoryRow history_row(Kind kind) {
  HistoryRow row;
  row.record.kind = kind;
  row.record.at = time_of(1'700'000'000'123);
  row.record.place.mailbox = MailboxId(3);
  const bool of_entry = kind == Kind::appended || kind == Kind::flags_changed || kind == Kind::vanished;
  if (of_entry) row.record.place = {MailboxId(3), UidValidity(7), Uid(4'000'000'000)};
  if (kind == Kind::new_generation) row.record.place.uidvalidity = UidValidity(8);
  if (kind == Kind::appended) {
    row.record.digest = some_digest();
    row.size = 4711;
    row.internaldate = {-5, -720};
  }
  if (kind == Kind::appended || kind == Kind::flags_changed) row.record.flags = {"\\Seen", "$Work", "a"};
  if (kind == Kind::mailbox_created || kind == Kind::mailbox_renamed) row.record.name = "Entwürfe";
  return row;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  MailboxRecord mailbox;
  mailbox.name = *MailboxName::from_utf8("Übung/Alt", '/');
  mailbox.attributes = {"\\HasNoChildren", "\\Sent"};
  mailbox.subscribed = true;
  mailbox.uidvalidity = UidValidity(7);
  all.push_back(sample("mailbox", mailbox, encode_mailbox, decode_mailbox));
  mailbox.name = MailboxName::from_wire("Raw\xC3\x9C", '.', true);
  mailbox.cursor = SourceCursor{UidValidity(7), 12, 11, ModSeq(1ull << 62), time_of(-1)};
  all.push_back(sample("mailbox with a cursor", mailbox, encode_mailbox, decode_mailbox));
  mailbox.mailbox_id = "F2212ea87";
  all.push_back(sample("mailbox with an id", mailbox, encode_mailbox, decode_mailbox));
  all.push_back(sample("identity", IdentityRow{some_digest(3), 4711}, encode_identity, decode_identity));
  const Entry entry{{},        some_digest(), 1u << 31,       {1'029'994'583, 60}, {"\\Answered", "\\Important", "x"},
                    ModSeq(9), true,          HistorySeq(300)};
  all.push_back(sample("entry", entry, encode_entry, decode_entry));
  for (const Kind kind : {Kind::appended, Kind::flags_changed, Kind::vanished, Kind::mailbox_created,
                          Kind::mailbox_renamed, Kind::mailbox_deleted, Kind::new_generation}) {
    all.push_back(sample("history", history_row(kind), encode_history, decode_history));
  }
  all.push_back(sample("snapshot", SnapshotRecord{{}, HistorySeq(9), 8, 7}, encode_snapshot, decode_snapshot));
  all.push_back(sample("target", TargetRow{"new", HistorySeq(77)}, encode_target, decode_target));
  const TargetMailboxRecord target_mailbox{{}, *MailboxName::from_utf8("INBOX", '.'), UidValidity(3), true};
  all.push_back(sample("target mailbox", target_mailbox, encode_target_mailbox, decode_target_mailbox));
  const TargetMailboxRecord renamed{{},    *MailboxName::from_utf8("Old", '.'),  UidValidity(3), true, "Neu/Ä",
                                    false, *MailboxName::from_utf8("Neu.Ä", '.')};
  all.push_back(sample("target mailbox being renamed", renamed, encode_target_mailbox, decode_target_mailbox));
  TargetMailboxRecord mapped = target_mailbox;
  mapped.keyword_map = "$label1(Important nonjunk(";
  all.push_back(sample("target mailbox with a map of keywords", mapped, encode_target_mailbox, decode_target_mailbox));
  TargetMailboxRecord two_way = renamed;
  two_way.flags_read = FlagCursor{ModSeq(300), 8, time_of(9)};
  all.push_back(sample("target mailbox whose flags are read", two_way, encode_target_mailbox, decode_target_mailbox));
  const std::size_t read_whole = all.back().octets.size();
  TargetMailboxRecord in_parts = two_way;
  in_parts.flags_part = FlagsPart{UidValidity(3), Uid(7), {ModSeq(400), 9, time_of(10)}};
  all.push_back(
      sample("target mailbox whose flags are read in parts", in_parts, encode_target_mailbox, decode_target_mailbox));
  all.back().whole_without_tail = read_whole;
  TargetMailboxRecord counted = two_way;
  counted.uidnext = 300;
  all.push_back(sample("target mailbox with its UIDNEXT", counted, encode_target_mailbox, decode_target_mailbox));
  all.push_back(sample("binding", Binding{{}, UidValidity(3), Uid(4), {"\\Flagged"}}, encode_binding, decode_binding));
  all.push_back(sample("verified binding", Binding{{}, UidValidity(3), Uid(4), {"\\Flagged"}, time_of(-5)},
                       encode_binding, decode_binding));
  all.back().whole_without_tail = all[all.size() - 2].octets.size();
  Binding altered{{}, UidValidity(3), Uid(4), {"\\Flagged"}};
  altered.altered = true;
  all.push_back(sample("altered binding", altered, encode_binding, decode_binding));
  all.back().whole_without_tail = all[all.size() - 3].octets.size();
  Binding leaving{{}, UidValidity(3), Uid(4), {"\\Flagged"}, time_of(0)};
  leaving.leaving = true;
  all.push_back(sample("binding of a message that leaves", leaving, encode_binding, decode_binding));
  all.back().whole_without_tail = all[all.size() - 4].octets.size();
  const StoreIntent store{{},        MailboxId(1), UidValidity(9), {{"\\Seen"}, {"$Work"}}, {1, 2, 3, 7, 4'294'967'295},
                          time_of(8)};
  const Doubt doubt{{}, some_digest(), UidValidity(9), 12, time_of(8), 2, 1, {14, 15, 20}};
  all.push_back(sample("doubt", doubt, encode_doubt, decode_doubt));
  all.push_back(sample("store intent", store, encode_store_intent, decode_store_intent));
  StoreIntent at_source = store;
  at_source.since = ModSeq(300);
  at_source.at_source = true;
  all.push_back(sample("store intent of the source", at_source, encode_store_intent, decode_store_intent));
  all.back().whole_without_tail = all[all.size() - 2].octets.size();
  GuardHold hold;
  hold.reason = GuardHold::Reason::server_reverted;
  hold.uidvalidity = UidValidity(7);
  hold.uids = {4, 6, 7};
  hold.of = 300;
  hold.since = time_of(1'700'000'000'000);
  hold.acknowledged = true;
  hold.detail = "the vault was restored";
  all.push_back(sample("hold", hold, encode_guard_hold, decode_guard_hold));
  const AuditRecord audit{time_of(3),     AuditRecord::Action::moved,
                          TargetId(1),    {MailboxId(1), UidValidity(7), Uid(5)},
                          some_digest(),  "Entwürfe",
                          UidValidity(3), Uid(4)};
  all.push_back(sample("audit", audit, encode_audit, decode_audit));
  all.push_back(sample("origin", std::string("imap.example alice"), encode_origin, decode_origin));
  Intent intent{{}, MailboxId(1), UidValidity(2), 3, time_of(4), {}};
  intent.items = {{{MailboxId(1), UidValidity(7), Uid(5)}, some_digest(1), 100, {"\\Seen", "$Work"}},
                  {{MailboxId(1), UidValidity(7), Uid(6)}, some_digest(2), 200, {}}};
  all.push_back(sample("intent", intent, encode_intent, decode_intent));
  QuarantineRecord quarantine;
  quarantine.reason = "server said: no";
  quarantine.attempts = 3;
  quarantine.next_try = time_of(99);
  all.push_back(sample("quarantine", quarantine, encode_quarantine, decode_quarantine));
  all.push_back(sample("totals", AccountTotals{5, 6}, encode_totals, decode_totals));
  PassSummary summary;
  summary.error = "alice: timed out";
  summary.state = PassSummary::State::failed;
  all.push_back(sample("pass summary", summary, encode_pass_summary, decode_pass_summary));
  all.push_back(sample("account", AccountId(12), encode_account, decode_account));
  return all;
}

TEST(RecordsCodec, DecodingGivesWhatWasEncoded) {
  for (const Sample& one : samples()) {
    const auto again = one.round(one.octets);
    ASSERT_TRUE(again) << one.name << ": " << again.error().to_string();
    EXPECT_EQ(*again, one.octets) << one.name;
  }
}

TEST(RecordsCodec, NothingIsLostOnTheWay) {
  const HistoryRow row = decode_history(encode_history(history_row(Kind::appended))).value();
  EXPECT_EQ(row.record.place, (Place{MailboxId(3), UidValidity(7), Uid(4'000'000'000)}));
  EXPECT_EQ(row.record.digest, some_digest());
  EXPECT_EQ(row.size, 4711u);
  EXPECT_EQ(row.internaldate, (InternalDate{-5, -720}));
  EXPECT_EQ(row.record.flags, (FlagSet{"$Work", "\\Seen", "a"}));
  EXPECT_EQ(row.record.at, time_of(1'700'000'000'123));
}

TEST(RecordsCodec, EveryRangeOfASetOfUidsComesBack) {
  for (const UidSet& uids : {UidSet{1}, UidSet{2, 3, 4, 9}, UidSet::range(1, UINT32_MAX), UidSet{1, UINT32_MAX}}) {
    const StoreIntent intent{{}, MailboxId(1), UidValidity(1), {}, uids, {}};
    EXPECT_EQ(decode_store_intent(encode_store_intent(intent)).value().uids, uids) << uids.to_string();
  }
}

TEST(RecordsCodec, SetsOfUidsThatOverflowOrTouchAreRefused) {
  const auto with = [](std::initializer_list<std::uint64_t> numbers) {
    RecordWriter out;
    out.u8(1);
    for (int i = 0; i < 3; ++i) out.varint(0);
    for (int i = 0; i < 2; ++i) out.flags({});
    for (const std::uint64_t number : numbers) out.varint(number);
    return decode_store_intent(out.take()).has_value();
  };
  EXPECT_TRUE(with({2, 0, 0, 1, 0}));
  EXPECT_FALSE(with({2, 0, 0, 0, 0})) << "two ranges that touch";
  EXPECT_TRUE(with({1, 0, UINT32_MAX - 1}));
  EXPECT_FALSE(with({1, 0, UINT32_MAX})) << "past the last UID";
  EXPECT_FALSE(with({1, UINT32_MAX, 0})) << "past the last UID";
  EXPECT_FALSE(with({UINT64_MAX})) << "more ranges than octets";
}

TEST(RecordsCodec, AHoldOfNothingIsRefused) {
  GuardHold hold;
  EXPECT_EQ(decode_guard_hold(encode_guard_hold(hold)).error().kind(), ErrorKind::store);
  hold.uids = {1};
  EXPECT_TRUE(decode_guard_hold(encode_guard_hold(hold)));
}

TEST(RecordsCodec, EveryTruncationAndEveryExtraOctetIsRefused) {
  for (const Sample& one : samples()) {
    for (std::size_t size = 0; size < one.octets.size(); ++size) {
      const auto cut = one.round(ByteView(one.octets).substr(0, size));
      if (size == one.whole_without_tail) continue;
      ASSERT_FALSE(cut) << one.name << " cut to " << size;
      EXPECT_EQ(cut.error().kind(), ErrorKind::store) << one.name;
    }
    EXPECT_FALSE(one.round(one.octets + '\0')) << one.name;
  }
}

TEST(RecordsCodec, ADifferentOctetGivesAnErrorOrAnotherRecordOfTheSameSpelling) {
  for (const Sample& one : samples()) {
    for (std::size_t at = 0; at < one.octets.size(); ++at) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        Bytes changed = one.octets;
        changed[at] = static_cast<char>(changed[at] ^ flip);
        const auto again = one.round(changed);
        if (again) EXPECT_EQ(*again, changed) << one.name << " at " << at;
      }
    }
  }
}

TEST(RecordsCodec, ARecordOfANewerVersionIsSaidToBeOne) {
  for (const Sample& one : samples()) {
    Bytes newer = one.octets;
    newer[0] = 2;
    const auto decoded = one.round(newer);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().kind(), ErrorKind::vault_format) << one.name;
    newer[0] = 0;
    EXPECT_EQ(one.round(newer).error().kind(), ErrorKind::store) << one.name;
  }
}

TEST(RecordsCodec, AClaimedCountTakesNoMemory) {
  RecordWriter out;
  out.u8(1);
  for (int i = 0; i < 4; ++i) out.varint(0);
  out.varint(UINT64_MAX);  // items
  EXPECT_EQ(decode_intent(out.take()).error().kind(), ErrorKind::store);
}

}  // namespace
}  // namespace postern::storage
