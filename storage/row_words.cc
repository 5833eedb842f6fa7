#include "storage/row_words.h"

#include <optional>

#include "storage/keys.h"
#include "storage/record_words.h"
#include "storage/words.h"

namespace postern::storage {
namespace {

constexpr std::size_t kPrintedName = 64;  // octets of a meta row's key that is none of ours

template <class Record>
void put(RowWords& row, const Result<Record>& decoded) {
  if (decoded) {
    row.record = words(*decoded);
  } else {
    row.damage = decoded.error().what();
  }
}

Words account_of(ByteView key) { return Words().add("account", get_be32(key)); }

/// Each gives false where the key is none of its family's.
bool content_row(Family family, ByteView key, ByteView value, RowWords& row) {
  const auto digest = Digest::from_octets(key);
  if (!digest) return false;
  row.key = Words().add("digest", *digest).take();
  if (family == Family::chunk) {
    put(row, chunk_header(value));
  } else {
    put(row, decode_recipe(*digest, value));
  }
  return true;
}

bool pack_row(ByteView key, ByteView value, RowWords& row) {
  const auto number = parse_pack_key(key);
  if (!number) return false;
  row.key = Words().add("pack", *number).take();
  put(row, chunk_header(value));
  return true;
}

bool mailbox_row(ByteView key, ByteView value, RowWords& row) {
  const auto mailbox = parse_mailbox_key(key);
  if (!mailbox) return false;
  row.key = account_of(key).add("mailbox", *mailbox).take();
  put(row, decode_mailbox(value));
  return true;
}

bool entry_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_entry_key(key);
  if (!parsed) return false;
  row.key = account_of(key).add(parsed->place).take();
  put(row, decode_entry(value));
  return true;
}

bool history_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_history_key(key);
  if (!parsed) return false;
  row.key = account_of(key).add("sequence", parsed->seq).take();
  put(row, decode_history(value));
  return true;
}

bool snapshot_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_snapshot_key(key);
  if (!parsed) return false;
  row.key = account_of(key).add("time", parsed->at).take();
  put(row, decode_snapshot(value));
  return true;
}

bool binding_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_binding_key(key);
  if (!parsed) return false;
  Words key_words = account_of(key).add("target", parsed->target).add_kind("kind", parsed->kind);
  switch (parsed->kind) {
    case BindingKind::target:
      put(row, decode_target(value));
      break;
    case BindingKind::mailbox:
      key_words.add("mailbox", parsed->place.mailbox);
      put(row, decode_target_mailbox(value));
      break;
    case BindingKind::binding:
      key_words.add(parsed->place);
      put(row, decode_binding(value));
      break;
    case BindingKind::doubt:
      key_words.add(parsed->place);
      put(row, decode_doubt(value));
      break;
  }
  row.key = key_words.take();
  return true;
}

bool intent_row(Family family, ByteView key, ByteView value, RowWords& row) {
  const auto intent = parse_intent_key(key);
  if (!intent) return false;
  row.key = account_of(key).add("target", get_be32(key.substr(4))).add("intent", *intent).take();
  if (family == Family::intent) {
    put(row, decode_intent(value));
  } else {
    put(row, decode_store_intent(value));
  }
  return true;
}

bool guard_row(ByteView key, ByteView value, RowWords& row) {
  GuardHold hold;
  if (!parse_guard_key(key, hold)) return false;
  row.key = account_of(key).add("target", hold.target).add("mailbox", hold.mailbox).take();
  put(row, decode_guard_hold(value));
  return true;
}

bool audit_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_audit_key(key);
  if (!parsed) return false;
  row.key = account_of(key).add("sequence", parsed->seq).take();
  put(row, decode_audit(value));
  return true;
}

bool quarantine_row(ByteView key, ByteView value, RowWords& row) {
  QuarantineRecord record;
  if (!parse_quarantine_key(key, record)) return false;
  row.key = account_of(key).add(record.place).add_kind("stage", record.stage).add("target", record.target).take();
  put(row, decode_quarantine(value));
  return true;
}

bool stats_row(ByteView key, ByteView value, RowWords& row) {
  if (key.size() != 5) return false;
  const auto kind = static_cast<StatsKind>(key[4]);
  if (meaning(kind).empty()) return false;
  row.key = account_of(key).add_kind("kind", kind).take();
  switch (kind) {
    case StatsKind::totals:
      put(row, decode_totals(value));
      break;
    case StatsKind::pass:
      put(row, decode_pass_summary(value));
      break;
    case StatsKind::origin:
      put(row, decode_origin(value));
      break;
  }
  return true;
}

bool identity_row(ByteView key, ByteView value, RowWords& row) {
  const auto parsed = parse_identity_key(key);
  if (!parsed) return false;
  row.key = account_of(key).add("emailid", std::string(parsed->email_id)).take();
  put(row, decode_identity(value));
  return true;
}

bool meta_row(ByteView key, ByteView value, RowWords& row) {
  const std::string name(key);
  if (const auto number = parse_dictionary_meta_key(key)) {
    row.key = Words().add("dictionary", *number).take();
    put(row, decode_dictionary(value));
  } else if (name.starts_with(kAccountMetaPrefix)) {
    row.key = Words().add("account", name.substr(kAccountMetaPrefix.size())).take();
    put(row, decode_account(value));
  } else if (key == kFormatMetaKey && value.size() == 4) {
    row.key = Words().add("name", name).take();
    row.record = Words().add("format", get_be32(value)).take();
  } else if (key == kIdMetaKey) {
    row.key = Words().add("name", name).take();
    row.record = Words().add("id", to_hex(value)).take();
  } else {
    return false;
  }
  return true;
}

bool known_row(Family family, ByteView key, ByteView value, RowWords& row) {
  switch (family) {
    case Family::chunk:
    case Family::object:
      return content_row(family, key, value, row);
    case Family::pack:
      return pack_row(key, value, row);
    case Family::mailbox:
      return mailbox_row(key, value, row);
    case Family::entry:
      return entry_row(key, value, row);
    case Family::history:
      return history_row(key, value, row);
    case Family::snapshot:
      return snapshot_row(key, value, row);
    case Family::binding:
      return binding_row(key, value, row);
    case Family::intent:
    case Family::store_intent:
      return intent_row(family, key, value, row);
    case Family::quarantine:
      return quarantine_row(key, value, row);
    case Family::guard:
      return guard_row(key, value, row);
    case Family::stats:
      return stats_row(key, value, row);
    case Family::identity:
      return identity_row(key, value, row);
    case Family::audit:
      return audit_row(key, value, row);
    case Family::meta:
      return meta_row(key, value, row);
  }
  return false;
}

}  // namespace

RowWords words_of_row(Family family, ByteView key, ByteView value) {
  RowWords row;
  if (known_row(family, key, value, row)) return row;
  row.key = Words().add("octets", to_hex(key.substr(0, kPrintedName))).take();
  row.damage = "the key is none of this family";
  return row;
}

}  // namespace postern::storage
