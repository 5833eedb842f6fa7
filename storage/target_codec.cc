#include "storage/target_codec.h"

#include "storage/record_frame.h"

namespace postern::storage {
namespace {

// Bits of a target mailbox record. Persisted: DO NOT CHANGE.
constexpr std::uint8_t kAdopted = 1;
constexpr std::uint8_t kHasSourceName = 2;
constexpr std::uint8_t kHasSubscribed = 4;
constexpr std::uint8_t kSubscribed = 8;
constexpr std::uint8_t kRenaming = 16;
constexpr std::uint8_t kHasKeywordMap = 32;
constexpr std::uint8_t kFlagsRead = 64;
constexpr std::uint8_t kHasUidnext = 128;
// Bits of a binding. Persisted: DO NOT CHANGE.
constexpr std::uint8_t kAltered = 1;
constexpr std::uint8_t kLeaving = 2;
// Bits of an intent to store flags. Persisted: DO NOT CHANGE.
constexpr std::uint8_t kAtSource = 1;
// Bits of a hold.
constexpr std::uint8_t kAcknowledged = 1;

void write_flag_cursor(RecordWriter& out, const FlagCursor& cursor) {
  out.varint(cursor.highestmodseq.value());
  out.varint(cursor.uidnext);
  write_time(out, cursor.swept);
}

FlagCursor read_flag_cursor(RecordReader& in) {
  FlagCursor cursor;
  cursor.highestmodseq = ModSeq(in.varint());
  cursor.uidnext = in.varint32();
  cursor.swept = read_time(in);
  return cursor;
}

}  // namespace

Bytes encode_target(const TargetRow& row) {
  RecordWriter out = begin_record();
  out.text(row.name);
  out.varint(row.cursor.value());
  return out.take();
}

Result<TargetRow> decode_target(ByteView value) {
  RecordReader in = open_record(value);
  TargetRow row;
  row.name = in.text();
  row.cursor = HistorySeq(in.varint());
  return finish(in, std::move(row), "target", value);
}

Bytes encode_target_mailbox(const TargetMailboxRecord& record) {
  RecordWriter out = begin_record();
  std::uint8_t bits = record.adopted ? kAdopted : 0;
  if (!record.source_name.empty()) bits |= kHasSourceName;
  if (record.subscribed) bits |= kHasSubscribed;
  if (record.subscribed.value_or(false)) bits |= kSubscribed;
  if (!record.renaming_to.wire().empty()) bits |= kRenaming;
  if (!record.keyword_map.empty()) bits |= kHasKeywordMap;
  if (record.flags_read) bits |= kFlagsRead;
  if (record.uidnext != 0) bits |= kHasUidnext;
  out.u8(bits);
  out.name(record.name);
  out.varint(record.uidvalidity.value());
  if ((bits & kHasSourceName) != 0) out.text(record.source_name);
  if ((bits & kRenaming) != 0) out.name(record.renaming_to);
  if ((bits & kHasKeywordMap) != 0) out.text(record.keyword_map);
  if (record.flags_read) write_flag_cursor(out, *record.flags_read);
  if (record.uidnext != 0) out.varint(record.uidnext);
  if (record.flags_part) {
    out.varint(record.flags_part->uidvalidity.value());
    out.varint(record.flags_part->uid.value());
    write_flag_cursor(out, record.flags_part->begun);
  }
  return out.take();
}

Result<TargetMailboxRecord> decode_target_mailbox(ByteView value) {
  RecordReader in = open_record(value);
  TargetMailboxRecord record;
  const std::uint8_t bits = read_bits(in, kAdopted | kHasSourceName | kHasSubscribed | kSubscribed | kRenaming |
                                              kHasKeywordMap | kFlagsRead | kHasUidnext);
  record.adopted = (bits & kAdopted) != 0;
  record.name = in.name();
  record.uidvalidity = UidValidity(in.varint32());
  if ((bits & kHasSourceName) != 0) {
    record.source_name = in.text();
    if (record.source_name.empty()) in.refuse();
  }
  if ((bits & kHasSubscribed) != 0) record.subscribed = (bits & kSubscribed) != 0;
  if ((bits & kSubscribed) != 0 && !record.subscribed) in.refuse();
  if ((bits & kRenaming) != 0) {
    record.renaming_to = in.name();
    if (record.renaming_to.wire().empty()) in.refuse();
  }
  if ((bits & kHasKeywordMap) != 0) {
    record.keyword_map = in.text();
    if (record.keyword_map.empty()) in.refuse();
  }
  if ((bits & kFlagsRead) != 0) record.flags_read = read_flag_cursor(in);
  if ((bits & kHasUidnext) != 0) {
    record.uidnext = in.varint32();
    if (record.uidnext == 0) in.refuse();
  }
  if (in.fine() && !in.done()) {
    record.flags_part.emplace();
    record.flags_part->uidvalidity = UidValidity(in.varint32());
    record.flags_part->uid = Uid(in.varint32());
    record.flags_part->begun = read_flag_cursor(in);
  }
  return finish(in, std::move(record), "target mailbox", value);
}

Bytes encode_binding(const Binding& binding) {
  RecordWriter out = begin_record();
  out.varint(binding.target_uidvalidity.value());
  out.varint(binding.target_uid.value());
  out.flags(binding.agreed);
  const auto bits = static_cast<std::uint8_t>((binding.altered ? kAltered : 0) | (binding.leaving ? kLeaving : 0));
  if (bits != 0 || binding.verified != WallTime()) write_time(out, binding.verified);
  if (bits != 0) out.u8(bits);
  return out.take();
}

Result<Binding> decode_binding(ByteView value) {
  RecordReader in = open_record(value);
  Binding binding;
  binding.target_uidvalidity = UidValidity(in.varint32());
  binding.target_uid = Uid(in.varint32());
  binding.agreed = in.flags();
  if (in.fine() && !in.done()) {
    binding.verified = read_time(in);
    const bool more = in.fine() && !in.done();
    const std::uint8_t bits = more ? read_bits(in, kAltered | kLeaving) : std::uint8_t{0};
    binding.altered = (bits & kAltered) != 0;
    binding.leaving = (bits & kLeaving) != 0;
    if (bits == 0 && (more || binding.verified == WallTime())) in.refuse();
  }
  return finish(in, std::move(binding), "binding", value);
}

Bytes encode_intent(const Intent& intent) {
  RecordWriter out = begin_record();
  out.varint(intent.mailbox.value());
  out.varint(intent.target_uidvalidity.value());
  out.varint(intent.target_uidnext);
  write_time(out, intent.at);
  out.varint(intent.items.size());
  for (const Intent::Item& item : intent.items) {
    out.varint(item.place.mailbox.value());
    out.varint(item.place.uidvalidity.value());
    out.varint(item.place.uid.value());
    out.digest(item.digest);
    out.varint(item.size);
    out.flags(item.flags);
  }
  return out.take();
}

Result<Intent> decode_intent(ByteView value) {
  RecordReader in = open_record(value);
  Intent intent;
  intent.mailbox = MailboxId(in.varint32());
  intent.target_uidvalidity = UidValidity(in.varint32());
  intent.target_uidnext = in.varint32();
  intent.at = read_time(in);
  for (std::size_t left = in.count(Digest::kOctets + 5); left > 0; --left) {
    Intent::Item item;
    item.place.mailbox = MailboxId(in.varint32());
    item.place.uidvalidity = UidValidity(in.varint32());
    item.place.uid = Uid(in.varint32());
    item.digest = in.digest();
    item.size = in.varint();
    item.flags = in.flags();
    intent.items.push_back(std::move(item));
  }
  return finish(in, std::move(intent), "intent", value);
}

Bytes encode_doubt(const Doubt& doubt) {
  RecordWriter out = begin_record();
  out.digest(doubt.digest);
  out.varint(doubt.target_uidvalidity.value());
  out.varint(doubt.target_uidnext);
  write_time(out, doubt.at);
  out.varint(doubt.unanswered);
  out.varint(doubt.unshown);
  out.uids(doubt.reported);
  return out.take();
}

Result<Doubt> decode_doubt(ByteView value) {
  RecordReader in = open_record(value);
  Doubt doubt;
  doubt.digest = in.digest();
  doubt.target_uidvalidity = UidValidity(in.varint32());
  doubt.target_uidnext = in.varint32();
  doubt.at = read_time(in);
  doubt.unanswered = in.varint32();
  doubt.unshown = in.varint32();
  if (doubt.unanswered == 0 && doubt.unshown == 0) in.refuse();
  doubt.reported = in.uids();
  return finish(in, std::move(doubt), "doubt", value);
}

Bytes encode_store_intent(const StoreIntent& intent) {
  RecordWriter out = begin_record();
  out.varint(intent.mailbox.value());
  out.varint(intent.uidvalidity.value());
  write_time(out, intent.at);
  out.flags(intent.delta.add);
  out.flags(intent.delta.remove);
  out.uids(intent.uids);
  if (intent.at_source || intent.since.value() != 0) {
    out.u8(intent.at_source ? kAtSource : 0);
    out.varint(intent.since.value());
  }
  return out.take();
}

Result<StoreIntent> decode_store_intent(ByteView value) {
  RecordReader in = open_record(value);
  StoreIntent intent;
  intent.mailbox = MailboxId(in.varint32());
  intent.uidvalidity = UidValidity(in.varint32());
  intent.at = read_time(in);
  intent.delta.add = in.flags();
  intent.delta.remove = in.flags();
  intent.uids = in.uids();
  if (in.fine() && !in.done()) {
    intent.at_source = (read_bits(in, kAtSource) & kAtSource) != 0;
    intent.since = ModSeq(in.varint());
    if (!intent.at_source && intent.since.value() == 0) in.refuse();
  }
  return finish(in, std::move(intent), "store intent", value);
}

Bytes encode_guard_hold(const GuardHold& hold) {
  RecordWriter out = begin_record();
  out.u8(hold.acknowledged ? kAcknowledged : 0);
  out.u8(static_cast<std::uint8_t>(hold.reason));
  out.varint(hold.uidvalidity.value());
  out.uids(hold.uids);
  out.varint(hold.of);
  write_time(out, hold.since);
  out.text(hold.detail);
  return out.take();
}

Result<GuardHold> decode_guard_hold(ByteView value) {
  RecordReader in = open_record(value);
  GuardHold hold;
  hold.acknowledged = (read_bits(in, kAcknowledged) & kAcknowledged) != 0;
  const std::uint8_t reason = in.u8();
  if (reason < 1 || reason > static_cast<std::uint8_t>(GuardHold::Reason::server_reverted)) in.refuse();
  hold.reason = static_cast<GuardHold::Reason>(reason);
  hold.uidvalidity = UidValidity(in.varint32());
  hold.uids = in.uids();
  if (hold.uids.empty()) in.refuse();
  hold.of = in.varint();
  hold.since = read_time(in);
  hold.detail = in.text();
  return finish(in, std::move(hold), "guard", value);
}

Bytes encode_audit(const AuditRecord& record) {
  RecordWriter out = begin_record();
  out.u8(static_cast<std::uint8_t>(record.action));
  write_time(out, record.at);
  out.varint(record.target.value());
  out.varint(record.place.mailbox.value());
  out.varint(record.place.uidvalidity.value());
  out.varint(record.place.uid.value());
  out.digest(record.digest);
  out.text(record.mailbox);
  out.varint(record.uidvalidity.value());
  out.varint(record.uid.value());
  return out.take();
}

Result<AuditRecord> decode_audit(ByteView value) {
  RecordReader in = open_record(value);
  AuditRecord record;
  const std::uint8_t action = in.u8();
  if (action < 1 || action > static_cast<std::uint8_t>(AuditRecord::Action::second_copy)) in.refuse();
  record.action = static_cast<AuditRecord::Action>(action);
  record.at = read_time(in);
  record.target = TargetId(in.varint32());
  record.place.mailbox = MailboxId(in.varint32());
  record.place.uidvalidity = UidValidity(in.varint32());
  record.place.uid = Uid(in.varint32());
  record.digest = in.digest();
  record.mailbox = in.text();
  record.uidvalidity = UidValidity(in.varint32());
  record.uid = Uid(in.varint32());
  return finish(in, std::move(record), "audit", value);
}

Bytes encode_origin(const std::string& origin) {
  RecordWriter out = begin_record();
  out.text(origin);
  return out.take();
}

Result<std::string> decode_origin(ByteView value) {
  RecordReader in = open_record(value);
  std::string origin(in.text());
  return finish(in, std::move(origin), "origin", value);
}

}  // namespace postern::storage
