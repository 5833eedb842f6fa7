#pragma once

// Keys of the families: fixed-width big-endian numbers, so that RocksDB's order is the order people mean (FORMAT.md).
// Pure.

#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/mail/records.h"

namespace postern::storage {

void put_be32(Bytes& key, std::uint32_t value);
void put_be64(Bytes& key, std::uint64_t value);
std::uint32_t get_be32(ByteView at);  // at least 4 octets
std::uint64_t get_be64(ByteView at);  // at least 8 octets

/// Account alone: the prefix of everything of an account in mailbox, entry, history, snapshot, binding, intent,
/// store_intent, quarantine, guard, audit.
Bytes account_prefix(AccountId account);

// mailbox: account, mailbox
Bytes mailbox_key(AccountId account, MailboxId mailbox);
std::optional<MailboxId> parse_mailbox_key(ByteView key);

// entry: account, mailbox, UIDVALIDITY, UID
Bytes entry_prefix(AccountId account, MailboxId mailbox, UidValidity uidvalidity);
Bytes entry_key(AccountId account, const Place& place);
struct EntryKey {
  AccountId account;
  Place place;
};
std::optional<EntryKey> parse_entry_key(ByteView key);

// history: account, sequence
Bytes history_key(AccountId account, HistorySeq seq);
struct HistoryKey {
  AccountId account;
  HistorySeq seq;
};
std::optional<HistoryKey> parse_history_key(ByteView key);

// snapshot: account, milliseconds since 1970 with the sign bit turned, so that earlier sorts first
Bytes snapshot_key(AccountId account, WallTime at);
struct SnapshotKey {
  AccountId account;
  WallTime at;
};
std::optional<SnapshotKey> parse_snapshot_key(ByteView key);

// binding: account, target, kind, then by kind nothing | mailbox | mailbox, UIDVALIDITY, UID (binding and doubt)
enum class BindingKind : std::uint8_t { target = 0, mailbox = 1, binding = 2, doubt = 3 };  // persisted: DO NOT CHANGE
Bytes target_prefix(AccountId account, TargetId target, BindingKind kind);
Bytes target_key(AccountId account, TargetId target);
Bytes target_mailbox_key(AccountId account, TargetId target, MailboxId mailbox);
Bytes binding_prefix(AccountId account, TargetId target, MailboxId mailbox, UidValidity uidvalidity);
Bytes binding_key(AccountId account, TargetId target, const Place& place);
Bytes doubt_key(AccountId account, TargetId target, const Place& place);
struct BindingKey {
  AccountId account;
  TargetId target;
  BindingKind kind = BindingKind::target;
  Place place;  // mailbox: its mailbox alone
};
std::optional<BindingKey> parse_binding_key(ByteView key);

// intent and store_intent: account, target, intent
Bytes intent_prefix(AccountId account, TargetId target);
Bytes intent_key(AccountId account, TargetId target, IntentId intent);
std::optional<IntentId> parse_intent_key(ByteView key);

// guard: account, target, mailbox
Bytes guard_prefix(AccountId account, TargetId target);
Bytes guard_key(AccountId account, TargetId target, MailboxId mailbox);
/// Fills target and mailbox.
bool parse_guard_key(ByteView key, GuardHold& hold);

// audit: account, sequence
Bytes audit_key(AccountId account, std::uint64_t seq);
struct AuditKey {
  AccountId account;
  std::uint64_t seq = 0;
};
std::optional<AuditKey> parse_audit_key(ByteView key);

// quarantine: account, mailbox, UIDVALIDITY, UID, stage, target
Bytes quarantine_key(AccountId account, const QuarantineRecord& record);
/// Fills place, stage and target.
bool parse_quarantine_key(ByteView key, QuarantineRecord& record);

// stats: account, kind
enum class StatsKind : std::uint8_t { totals = 1, pass = 2, origin = 3 };  // persisted: DO NOT CHANGE
Bytes stats_key(AccountId account, StatsKind kind);

// pack: its number
Bytes pack_key(std::uint64_t number);
std::optional<std::uint64_t> parse_pack_key(ByteView key);

// identity: account, the octets of the id, 1 to kMaxEmailId
inline constexpr std::size_t kMaxEmailId = 255;  // RFC 8474 section 7
Bytes identity_key(AccountId account, std::string_view email_id);
struct IdentityKey {
  AccountId account;
  std::string_view email_id;  // views the key
};
std::optional<IdentityKey> parse_identity_key(ByteView key);

// meta: names
Bytes account_meta_key(std::string_view account_name);
inline constexpr std::string_view kAccountMetaPrefix = "account/";
inline constexpr std::string_view kFormatMetaKey = "format";
inline constexpr std::string_view kDictionaryMetaPrefix = "dictionary/";  // then be32: its number, from 1
Bytes dictionary_meta_key(std::uint32_t number);
std::optional<std::uint32_t> parse_dictionary_meta_key(ByteView key);
inline constexpr std::string_view kIdMetaKey = "id";

/// The first key after all that begin with `prefix`; empty when there is none.
Bytes after_prefix(Bytes prefix);

}  // namespace postern::storage
