#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/mail/flag_set.h"
#include "core/mail/uid.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/capabilities.h"

namespace postern::imap {

/// Response codes without arguments that matter (RFC 9051 §7.1, 5530, 4315, 7162, 5465, 9208 …).
enum class CodeKind : std::uint8_t {
  none,
  unknown,  // UnknownCode has its words
  alert,
  already_exists,
  authentication_failed,
  authorization_failed,
  bad_charset,
  cannot,
  capability,
  client_bug,
  closed,
  compression_active,
  contact_admin,
  corruption,
  expired,
  expunge_issued,
  has_children,
  highest_modseq,
  in_use,
  limit,
  modified,
  no_modseq,
  no_perm,
  nonexistent,
  no_update,
  not_saved,
  notification_overflow,
  over_quota,
  parse,
  permanent_flags,
  privacy_required,
  read_only,
  read_write,
  referral,
  server_bug,
  throttled,
  too_big,
  try_create,
  uid_next,
  uid_not_sticky,
  uid_validity,
  unavailable,
  unknown_cte,
  unseen,
  use_attr,
  append_uid,
  copy_uid,
  mailbox_id,
  append_limit,
  message_limit,
  uid_required,
};

std::string_view to_string(CodeKind kind);

/// PERMANENTFLAGS: which flags stick; `any_keyword` is "\*".
struct PermanentFlags {
  FlagSet flags;
  bool any_keyword = false;
  friend bool operator==(const PermanentFlags&, const PermanentFlags&) = default;
};

/// APPENDUID (RFC 4315, 3502): one UID a message, in the order of the command, as ranges in the order given.
struct AppendUid {
  UidValidity uidvalidity;
  std::vector<UidRange> uids;
  /// How many UIDs; never expanded by the parser.
  std::uint64_t count() const;
  friend bool operator==(const AppendUid&, const AppendUid&) = default;
};

/// COPYUID (RFC 4315): the n-th UID of `source` became the n-th of `target`; the counts are equal (checked).
struct CopyUid {
  UidValidity uidvalidity;
  std::vector<UidRange> source;
  std::vector<UidRange> target;
  friend bool operator==(const CopyUid&, const CopyUid&) = default;
};

/// MESSAGELIMIT (RFC 9738 §3): the command named more messages than the server works on at once. In an OK the messages
/// of the command from `lowest` upwards have been dealt with, those below not; without `lowest`, and in a NO, nothing
/// is known to have been. `limit` is 0 where the server stated none that can be read.
struct MessageLimit {
  std::uint32_t limit = 0;
  std::optional<Uid> lowest;
  friend bool operator==(const MessageLimit&, const MessageLimit&) = default;
};

/// The code in brackets of a status response. `kind` says which alternative of `value` is there:
/// number: uid_next, uid_validity, highest_modseq, unseen, append_limit; Capabilities: capability; PermanentFlags;
/// UidSet: modified; AppendUid; CopyUid; MessageLimit; text: unknown ("NAME arguments"), referral (the URL),
/// mailbox_id; else nothing.
struct ResponseCode {
  CodeKind kind = CodeKind::none;
  std::variant<std::monostate, std::uint64_t, std::string, Capabilities, PermanentFlags, UidSet, AppendUid, CopyUid,
               MessageLimit>
      value;

  explicit operator bool() const { return kind != CodeKind::none; }
  bool is(CodeKind other) const { return kind == other; }
  /// 0 where the code has no number.
  std::uint64_t number() const;
  /// "" where the code has no text.
  std::string_view text() const;
  const AppendUid* append_uid() const { return std::get_if<AppendUid>(&value); }
  const CopyUid* copy_uid() const { return std::get_if<CopyUid>(&value); }
  const MessageLimit* message_limit() const { return std::get_if<MessageLimit>(&value); }
  const UidSet* uids() const { return std::get_if<UidSet>(&value); }
  friend bool operator==(const ResponseCode&, const ResponseCode&) = default;
};

}  // namespace postern::imap
