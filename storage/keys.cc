#include "storage/keys.h"

namespace postern::storage {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

Bytes begin_key(AccountId account, std::size_t octets) {
  Bytes key;
  key.reserve(octets);
  put_be32(key, account.value());
  return key;
}

void put_place(Bytes& key, const Place& place) {
  put_be32(key, place.mailbox.value());
  put_be32(key, place.uidvalidity.value());
  put_be32(key, place.uid.value());
}

Place get_place(ByteView at) {
  return {MailboxId(get_be32(at)), UidValidity(get_be32(at.substr(4))), Uid(get_be32(at.substr(8)))};
}

}  // namespace

void put_be32(Bytes& key, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(value >> shift));
}

void put_be64(Bytes& key, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(value >> shift));
}

std::uint32_t get_be32(ByteView at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(at[i]);
  return value;
}

std::uint64_t get_be64(ByteView at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint8_t>(at[i]);
  return value;
}

Bytes account_prefix(AccountId account) { return begin_key(account, 4); }

Bytes mailbox_key(AccountId account, MailboxId mailbox) {
  Bytes key = begin_key(account, 8);
  put_be32(key, mailbox.value());
  return key;
}

std::optional<MailboxId> parse_mailbox_key(ByteView key) {
  if (key.size() != 8) return std::nullopt;
  return MailboxId(get_be32(key.substr(4)));
}

Bytes entry_prefix(AccountId account, MailboxId mailbox, UidValidity uidvalidity) {
  Bytes key = begin_key(account, 16);
  put_be32(key, mailbox.value());
  put_be32(key, uidvalidity.value());
  return key;
}

Bytes entry_key(AccountId account, const Place& place) {
  Bytes key = begin_key(account, 16);
  put_place(key, place);
  return key;
}

std::optional<EntryKey> parse_entry_key(ByteView key) {
  if (key.size() != 16) return std::nullopt;
  return EntryKey{AccountId(get_be32(key)), get_place(key.substr(4))};
}

Bytes history_key(AccountId account, HistorySeq seq) {
  Bytes key = begin_key(account, 12);
  put_be64(key, seq.value());
  return key;
}

std::optional<HistoryKey> parse_history_key(ByteView key) {
  if (key.size() != 12) return std::nullopt;
  return HistoryKey{AccountId(get_be32(key)), HistorySeq(get_be64(key.substr(4)))};
}

Bytes snapshot_key(AccountId account, WallTime at) {
  Bytes key = begin_key(account, 12);
  put_be64(key, static_cast<std::uint64_t>(at.time_since_epoch().count()) ^ kSignBit);
  return key;
}

std::optional<SnapshotKey> parse_snapshot_key(ByteView key) {
  if (key.size() != 12) return std::nullopt;
  const auto at = static_cast<std::int64_t>(get_be64(key.substr(4)) ^ kSignBit);
  return SnapshotKey{AccountId(get_be32(key)), WallTime(std::chrono::milliseconds(at))};
}

Bytes target_prefix(AccountId account, TargetId target, BindingKind kind) {
  Bytes key = begin_key(account, 21);
  put_be32(key, target.value());
  key.push_back(static_cast<char>(kind));
  return key;
}

Bytes target_key(AccountId account, TargetId target) { return target_prefix(account, target, BindingKind::target); }

Bytes target_mailbox_key(AccountId account, TargetId target, MailboxId mailbox) {
  Bytes key = target_prefix(account, target, BindingKind::mailbox);
  put_be32(key, mailbox.value());
  return key;
}

Bytes binding_prefix(AccountId account, TargetId target, MailboxId mailbox, UidValidity uidvalidity) {
  Bytes key = target_prefix(account, target, BindingKind::binding);
  put_be32(key, mailbox.value());
  put_be32(key, uidvalidity.value());
  return key;
}

Bytes binding_key(AccountId account, TargetId target, const Place& place) {
  Bytes key = target_prefix(account, target, BindingKind::binding);
  put_place(key, place);
  return key;
}

Bytes doubt_key(AccountId account, TargetId target, const Place& place) {
  Bytes key = target_prefix(account, target, BindingKind::doubt);
  put_place(key, place);
  return key;
}

std::optional<BindingKey> parse_binding_key(ByteView key) {
  if (key.size() < 9) return std::nullopt;
  BindingKey parsed{AccountId(get_be32(key)), TargetId(get_be32(key.substr(4))), {}, {}};
  const auto kind = static_cast<std::uint8_t>(key[8]);
  const ByteView rest = key.substr(9);
  if (kind == static_cast<std::uint8_t>(BindingKind::target) && rest.empty()) {
    parsed.kind = BindingKind::target;
  } else if (kind == static_cast<std::uint8_t>(BindingKind::mailbox) && rest.size() == 4) {
    parsed.kind = BindingKind::mailbox;
    parsed.place.mailbox = MailboxId(get_be32(rest));
  } else if (kind == static_cast<std::uint8_t>(BindingKind::binding) && rest.size() == 12) {
    parsed.kind = BindingKind::binding;
    parsed.place = get_place(rest);
  } else if (kind == static_cast<std::uint8_t>(BindingKind::doubt) && rest.size() == 12) {
    parsed.kind = BindingKind::doubt;
    parsed.place = get_place(rest);
  } else {
    return std::nullopt;
  }
  return parsed;
}

Bytes intent_prefix(AccountId account, TargetId target) {
  Bytes key = begin_key(account, 16);
  put_be32(key, target.value());
  return key;
}

Bytes intent_key(AccountId account, TargetId target, IntentId intent) {
  Bytes key = intent_prefix(account, target);
  put_be64(key, intent.value());
  return key;
}

std::optional<IntentId> parse_intent_key(ByteView key) {
  if (key.size() != 16) return std::nullopt;
  return IntentId(get_be64(key.substr(8)));
}

Bytes guard_prefix(AccountId account, TargetId target) {
  Bytes key = begin_key(account, 12);
  put_be32(key, target.value());
  return key;
}

Bytes guard_key(AccountId account, TargetId target, MailboxId mailbox) {
  Bytes key = guard_prefix(account, target);
  put_be32(key, mailbox.value());
  return key;
}

bool parse_guard_key(ByteView key, GuardHold& hold) {
  if (key.size() != 12) return false;
  hold.target = TargetId(get_be32(key.substr(4)));
  hold.mailbox = MailboxId(get_be32(key.substr(8)));
  return true;
}

Bytes audit_key(AccountId account, std::uint64_t seq) {
  Bytes key = begin_key(account, 12);
  put_be64(key, seq);
  return key;
}

std::optional<AuditKey> parse_audit_key(ByteView key) {
  if (key.size() != 12) return std::nullopt;
  return AuditKey{AccountId(get_be32(key)), get_be64(key.substr(4))};
}

Bytes pack_key(std::uint64_t number) {
  Bytes key;
  put_be64(key, number);
  return key;
}

std::optional<std::uint64_t> parse_pack_key(ByteView key) {
  if (key.size() != 8 || get_be64(key) == 0) return std::nullopt;
  return get_be64(key);
}

Bytes quarantine_key(AccountId account, const QuarantineRecord& record) {
  Bytes key = begin_key(account, 21);
  put_place(key, record.place);
  key.push_back(static_cast<char>(record.stage));
  put_be32(key, record.target.value());
  return key;
}

bool parse_quarantine_key(ByteView key, QuarantineRecord& record) {
  if (key.size() != 21) return false;
  const auto stage = static_cast<std::uint8_t>(key[16]);
  if (stage < 1 || stage > 3) return false;
  record.place = get_place(key.substr(4));
  record.stage = static_cast<QuarantineRecord::Stage>(stage);
  record.target = TargetId(get_be32(key.substr(17)));
  return true;
}

Bytes stats_key(AccountId account, StatsKind kind) {
  Bytes key = begin_key(account, 5);
  key.push_back(static_cast<char>(kind));
  return key;
}

Bytes identity_key(AccountId account, std::string_view email_id) {
  Bytes key = begin_key(account, 4 + email_id.size());
  key += email_id;
  return key;
}

std::optional<IdentityKey> parse_identity_key(ByteView key) {
  if (key.size() <= 4 || key.size() > 4 + kMaxEmailId) return std::nullopt;
  return IdentityKey{AccountId(get_be32(key)), key.substr(4)};
}

Bytes account_meta_key(std::string_view account_name) { return Bytes(kAccountMetaPrefix) + Bytes(account_name); }

Bytes dictionary_meta_key(std::uint32_t number) {
  Bytes key(kDictionaryMetaPrefix);
  put_be32(key, number);
  return key;
}

std::optional<std::uint32_t> parse_dictionary_meta_key(ByteView key) {
  if (!key.starts_with(kDictionaryMetaPrefix) || key.size() != kDictionaryMetaPrefix.size() + 4) return std::nullopt;
  return get_be32(key.substr(kDictionaryMetaPrefix.size()));
}

Bytes after_prefix(Bytes prefix) {
  while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
  return prefix;
}

}  // namespace postern::storage
