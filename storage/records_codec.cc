#include "storage/records_codec.h"

#include "storage/record_frame.h"

namespace postern::storage {
namespace {

// Bits of a mailbox record. Persisted: DO NOT CHANGE.
constexpr std::uint8_t kSubscribed = 1, kSelectable = 2, kPresent = 4, kHasCursor = 8, kHasMailboxId = 16;
// Bits of an entry record.
constexpr std::uint8_t kVanished = 1;

void write_cursor(RecordWriter& out, const SourceCursor& cursor) {
  out.varint(cursor.uidvalidity.value());
  out.varint(cursor.uidnext);
  out.varint(cursor.messages);
  out.varint(cursor.highestmodseq.value());
  write_time(out, cursor.flags_swept);
}

SourceCursor read_cursor(RecordReader& in) {
  SourceCursor cursor;
  cursor.uidvalidity = UidValidity(in.varint32());
  cursor.uidnext = in.varint32();
  cursor.messages = in.varint32();
  cursor.highestmodseq = ModSeq(in.varint());
  cursor.flags_swept = read_time(in);
  return cursor;
}

}  // namespace

Bytes encode_mailbox(const MailboxRecord& record) {
  RecordWriter out = begin_record();
  std::uint8_t bits = record.subscribed ? kSubscribed : 0;
  bits |= record.selectable ? kSelectable : 0;
  bits |= record.present ? kPresent : 0;
  bits |= record.cursor ? kHasCursor : 0;
  bits |= record.mailbox_id.empty() ? 0 : kHasMailboxId;
  out.u8(bits);
  out.name(record.name);
  out.varint(record.attributes.size());
  for (const std::string& attribute : record.attributes) out.text(attribute);
  out.varint(record.uidvalidity.value());
  if (record.cursor) write_cursor(out, *record.cursor);
  if (!record.mailbox_id.empty()) out.text(record.mailbox_id);
  return out.take();
}

Result<MailboxRecord> decode_mailbox(ByteView value) {
  RecordReader in = open_record(value);
  MailboxRecord record;
  const std::uint8_t bits = read_bits(in, kSubscribed | kSelectable | kPresent | kHasCursor | kHasMailboxId);
  record.subscribed = (bits & kSubscribed) != 0;
  record.selectable = (bits & kSelectable) != 0;
  record.present = (bits & kPresent) != 0;
  record.name = in.name();
  for (std::size_t left = in.count(1); left > 0; --left) record.attributes.emplace_back(in.text());
  record.uidvalidity = UidValidity(in.varint32());
  if ((bits & kHasCursor) != 0) record.cursor = read_cursor(in);
  if ((bits & kHasMailboxId) != 0) {
    record.mailbox_id = in.text();
    if (record.mailbox_id.empty()) in.refuse();
  }
  return finish(in, std::move(record), "mailbox", value);
}

Bytes encode_entry(const Entry& entry) {
  RecordWriter out = begin_record();
  out.u8(entry.vanished ? kVanished : 0);
  out.digest(entry.digest);
  out.varint(entry.size);
  out.date(entry.internaldate);
  out.varint(entry.modseq.value());
  out.varint(entry.changed.value());
  out.flags(entry.flags);
  return out.take();
}

Result<Entry> decode_entry(ByteView value) {
  RecordReader in = open_record(value);
  Entry entry;
  entry.vanished = (read_bits(in, kVanished) & kVanished) != 0;
  entry.digest = in.digest();
  entry.size = in.varint();
  entry.internaldate = in.date();
  entry.modseq = ModSeq(in.varint());
  entry.changed = HistorySeq(in.varint());
  entry.flags = in.flags();
  return finish(in, std::move(entry), "entry", value);
}

Bytes encode_history(const HistoryRow& row) {
  using Kind = HistoryRecord::Kind;
  const HistoryRecord& record = row.record;
  RecordWriter out = begin_record();
  out.u8(static_cast<std::uint8_t>(record.kind));
  write_time(out, record.at);
  out.varint(record.place.mailbox.value());
  switch (record.kind) {
    case Kind::appended:
    case Kind::flags_changed:
    case Kind::vanished:
      out.varint(record.place.uidvalidity.value());
      out.varint(record.place.uid.value());
      if (record.kind == Kind::appended) {
        out.digest(record.digest.value_or(Digest()));
        out.varint(row.size);
        out.date(row.internaldate);
      }
      if (record.kind != Kind::vanished) out.flags(record.flags);
      break;
    case Kind::mailbox_created:
    case Kind::mailbox_renamed:
      out.text(record.name);
      break;
    case Kind::mailbox_deleted:
      break;
    case Kind::new_generation:
      out.varint(record.place.uidvalidity.value());
      break;
  }
  return out.take();
}

Result<HistoryRow> decode_history(ByteView value) {
  using Kind = HistoryRecord::Kind;
  RecordReader in = open_record(value);
  HistoryRow row;
  HistoryRecord& record = row.record;
  record.kind = static_cast<Kind>(in.u8());
  record.at = read_time(in);
  record.place.mailbox = MailboxId(in.varint32());
  switch (record.kind) {
    case Kind::appended:
    case Kind::flags_changed:
    case Kind::vanished:
      record.place.uidvalidity = UidValidity(in.varint32());
      record.place.uid = Uid(in.varint32());
      if (record.kind == Kind::appended) {
        record.digest = in.digest();
        row.size = in.varint();
        row.internaldate = in.date();
      }
      if (record.kind != Kind::vanished) record.flags = in.flags();
      break;
    case Kind::mailbox_created:
    case Kind::mailbox_renamed:
      record.name = in.text();
      break;
    case Kind::mailbox_deleted:
      break;
    case Kind::new_generation:
      record.place.uidvalidity = UidValidity(in.varint32());
      break;
    default:
      in.refuse();
  }
  return finish(in, std::move(row), "history", value);
}

Bytes encode_snapshot(const SnapshotRecord& record) {
  RecordWriter out = begin_record();
  out.varint(record.seq.value());
  out.varint(record.entries);
  out.varint(record.octets);
  return out.take();
}

Result<SnapshotRecord> decode_snapshot(ByteView value) {
  RecordReader in = open_record(value);
  SnapshotRecord record;
  record.seq = HistorySeq(in.varint());
  record.entries = in.varint();
  record.octets = in.varint();
  return finish(in, record, "snapshot", value);
}

Bytes encode_quarantine(const QuarantineRecord& record) {
  RecordWriter out = begin_record();
  out.varint(record.attempts);
  write_time(out, record.first);
  write_time(out, record.next_try);
  out.text(record.reason);
  return out.take();
}

Result<QuarantineRecord> decode_quarantine(ByteView value) {
  RecordReader in = open_record(value);
  QuarantineRecord record;
  record.attempts = in.varint32();
  record.first = read_time(in);
  record.next_try = read_time(in);
  record.reason = in.text();
  return finish(in, std::move(record), "quarantine", value);
}

Bytes encode_identity(const IdentityRow& row) {
  RecordWriter out = begin_record();
  out.digest(row.digest);
  out.varint(row.size);
  return out.take();
}

Result<IdentityRow> decode_identity(ByteView value) {
  RecordReader in = open_record(value);
  IdentityRow row;
  row.digest = in.digest();
  row.size = in.varint();
  return finish(in, row, "identity", value);
}

Bytes encode_totals(const AccountTotals& totals) {
  RecordWriter out = begin_record();
  out.varint(totals.entries);
  out.varint(totals.octets);
  return out.take();
}

Result<AccountTotals> decode_totals(ByteView value) {
  RecordReader in = open_record(value);
  AccountTotals totals;
  totals.entries = in.varint();
  totals.octets = in.varint();
  return finish(in, totals, "totals", value);
}

Bytes encode_pass_summary(const PassSummary& summary) {
  RecordWriter out = begin_record();
  out.u8(static_cast<std::uint8_t>(summary.state));
  write_time(out, summary.started);
  write_time(out, summary.ended);
  write_time(out, summary.last_success);
  out.varint(summary.messages_fetched);
  out.varint(summary.octets_fetched);
  out.varint(summary.appended);
  out.varint(summary.quarantined);
  out.text(summary.error);
  return out.take();
}

Result<PassSummary> decode_pass_summary(ByteView value) {
  RecordReader in = open_record(value);
  PassSummary summary;
  const std::uint8_t state = in.u8();
  if (state < 1 || state > 3) in.refuse();
  summary.state = static_cast<PassSummary::State>(state);
  summary.started = read_time(in);
  summary.ended = read_time(in);
  summary.last_success = read_time(in);
  summary.messages_fetched = in.varint();
  summary.octets_fetched = in.varint();
  summary.appended = in.varint();
  summary.quarantined = in.varint();
  summary.error = in.text();
  return finish(in, std::move(summary), "pass summary", value);
}

Bytes encode_account(AccountId account) {
  RecordWriter out = begin_record();
  out.varint(account.value());
  return out.take();
}

Result<AccountId> decode_account(ByteView value) {
  RecordReader in = open_record(value);
  const AccountId account(in.varint32());
  return finish(in, account, "account", value);
}

}  // namespace postern::storage
