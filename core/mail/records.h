#pragma once

// What the vault remembers, as values: the words of the product page. Engine and vault share them; the bytes on disk
// are storage/FORMAT.md's business.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/strong_id.h"
#include "core/mail/digest.h"
#include "core/mail/flag_set.h"
#include "core/mail/internal_date.h"
#include "core/mail/mailbox_name.h"
#include "core/mail/uid.h"
#include "core/mail/uid_set.h"

namespace postern {

using AccountId = StrongId<struct AccountTag, std::uint32_t>;
/// A mailbox of one account in the vault; follows it through renames.
using MailboxId = StrongId<struct MailboxTag, std::uint32_t>;
/// A target of one account.
using TargetId = StrongId<struct TargetTag, std::uint32_t>;
/// A position in one account's history; the first change has 1.
using HistorySeq = StrongId<struct HistorySeqTag, std::uint64_t>;
using IntentId = StrongId<struct IntentTag, std::uint64_t>;

/// How far a source mailbox has been followed, and what the server stated at that point. Everything it stands for is
/// durable before it is (I2).
struct SourceCursor {
  UidValidity uidvalidity;
  std::uint32_t uidnext = 0;   // 0: not stated
  std::uint32_t messages = 0;  // EXISTS at that state
  ModSeq highestmodseq;        // as stated by the server for the state that was read
  WallTime flags_swept{};      // when every flag was last compared, for servers without CONDSTORE
  friend bool operator==(const SourceCursor&, const SourceCursor&) = default;
};

/// A mailbox of the source as the vault knows it.
struct MailboxRecord {
  MailboxId id;
  MailboxName name;
  std::string mailbox_id;               // MAILBOXID (RFC 8474): stays through renames; empty: not stated
  std::vector<std::string> attributes;  // "\Sent", "\HasNoChildren" …, as LIST gave them
  bool subscribed = false;
  bool selectable = true;
  bool present = true;                 // false: no longer listed by the server; its entries stay
  UidValidity uidvalidity;             // current generation; 0 before the first pass
  std::optional<SourceCursor> cursor;  // none until a pass of this mailbox has completed
};

/// A message's place.
struct Place {
  MailboxId mailbox;
  UidValidity uidvalidity;
  Uid uid;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// A message's place and current state.
struct Entry {
  Place place;
  Digest digest;
  std::uint64_t size = 0;  // octets of the message
  InternalDate internaldate;
  FlagSet flags;
  ModSeq modseq;
  bool vanished = false;  // gone at the source; kept in the vault
  HistorySeq changed;     // the last change to it
};

/// One row of an account's history.
struct HistoryRecord {
  enum class Kind : std::uint8_t {  // persisted: DO NOT CHANGE
    appended = 1,
    flags_changed = 2,
    vanished = 3,
    mailbox_created = 4,
    mailbox_renamed = 5,
    mailbox_deleted = 6,
    new_generation = 7,
  };
  HistorySeq seq;
  WallTime at{};
  Kind kind = Kind::appended;
  Place place;                   // uid and uidvalidity 0 for mailbox changes; uidvalidity set for new_generation
  std::optional<Digest> digest;  // appended
  FlagSet flags;                 // appended, flags_changed: the flags from then on
  std::string name;              // mailbox_created, mailbox_renamed: the display name
};

/// A named position in an account's history.
struct SnapshotRecord {
  WallTime at{};   // its name: unique within the account, ascending
  HistorySeq seq;  // everything up to and including it
  std::uint64_t entries = 0;
  std::uint64_t octets = 0;
};

/// A mailbox of a target and how it is followed.
struct TargetMailboxRecord {
  MailboxId source;         // which vault mailbox it mirrors
  MailboxName name;         // on the target
  UidValidity uidvalidity;  // of the target mailbox when last opened
  bool adopted = false;     // the first-contact comparison is complete for this uidvalidity
};

/// Which target message an entry became.
struct Binding {
  Place place;  // the entry
  UidValidity target_uidvalidity;
  Uid target_uid;
  FlagSet agreed;  // the flags both sides last agreed on
};

/// The write-ahead record of one APPEND (or MULTIAPPEND): durable before the command is sent.
struct Intent {
  IntentId id;  // assigned by the vault
  MailboxId mailbox;
  UidValidity target_uidvalidity;
  std::uint32_t target_uidnext = 0;  // what the target stated before the command
  WallTime at{};
  struct Item {
    Place place;
    Digest digest;
    std::uint64_t size = 0;
    FlagSet flags = {};  // as sent: what both sides agree on once it is found
  };
  std::vector<Item> items;  // in the order of the command
};

/// A message that could not be fetched, stored or appended, and why.
struct QuarantineRecord {
  enum class Stage : std::uint8_t { fetch = 1, store = 2, append = 3 };  // persisted: DO NOT CHANGE
  Place place;
  Stage stage = Stage::fetch;
  TargetId target;     // append only
  std::string reason;  // for people, with the server's words
  std::uint32_t attempts = 0;
  WallTime first{};
  WallTime next_try{};
};

}  // namespace postern
