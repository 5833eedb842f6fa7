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

/// How far a target mailbox's own flag changes have been followed (flags: two_way), under the record's UIDVALIDITY.
struct FlagCursor {
  ModSeq highestmodseq;       // as stated for the state that was read; 0: no CONDSTORE
  std::uint32_t uidnext = 1;  // messages below it were looked at
  WallTime swept{};           // when every flag was last read
  friend bool operator==(const FlagCursor&, const FlagCursor&) = default;
};

/// A look at those flags that found more than one pass brings to the source: the next one goes on behind it.
struct FlagsPart {
  UidValidity uidvalidity;  // the source's
  Uid uid;                  // the last message looked at
  FlagCursor begun;         // where the look will have come to
  friend bool operator==(const FlagsPart&, const FlagsPart&) = default;
};

/// A mailbox of a target and how it is followed.
struct TargetMailboxRecord {
  MailboxId source;         // which vault mailbox it mirrors
  MailboxName name;         // on the target
  UidValidity uidvalidity;  // of the target mailbox when last opened
  bool adopted = false;     // the first-contact comparison is complete for this uidvalidity
  /// What the source's mailbox was called when `name` was decided; empty: not known (before format 3).
  std::string source_name = {};
  /// Whether the source's was subscribed when that was last carried over to this name; none: it was not yet.
  std::optional<bool> subscribed = std::nullopt;
  /// A RENAME to this name has been sent, of this mailbox or of one above it, or is about to be. Empty: none.
  MailboxName renaming_to = {};
  /// The map of keywords (sync::KeywordMap::canonical) under which its flags were last compared as a whole.
  std::string keyword_map = {};
  std::optional<FlagCursor> flags_read = std::nullopt;
  /// The highest UIDNEXT that it has stated, as of the last write about it; 0: not known. A smaller one shows that the
  /// target went back to an earlier state.
  std::uint32_t uidnext = 0;
  std::optional<FlagsPart> flags_part = std::nullopt;
};

/// In the place of a target's UIDVALIDITY: the target has lost a message that Postern deleted at the source, and is to
/// be sent it again.
inline constexpr UidValidity kNowhere{};

/// Which target message an entry became.
struct Binding {
  Place place;  // the entry
  UidValidity target_uidvalidity;
  Uid target_uid;
  FlagSet agreed;        // the flags both sides last agreed on
  WallTime verified{};   // when the target's octets were last read back and hashed equal; 0: never
  bool altered = false;  // they were read back, and are others
  /// Postern is deleting the message at the source, or has done so (an audit row says when), or it vanished there and a
  /// restored target was found that is to keep it: that it is not there is no deletion for the target.
  bool leaving = false;
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

/// What is remembered of a message that a target was sent and may have a second time: an answer was lost and the
/// message not found, or the target said OK and did not show it. A copy of it may yet come to light.
struct Doubt {
  Place place;
  Digest digest;
  UidValidity target_uidvalidity;
  std::uint32_t target_uidnext = 0;  // what the target stated before the first of these APPENDs: no copy is below it
  WallTime at{};                     // of the last of them
  std::uint32_t unanswered = 0;      // whose answer was lost
  std::uint32_t unshown = 0;         // that were answered with OK
  UidSet reported = {};              // second copies that a person was told of
};

/// The write-ahead record of one UID STORE: durable before the command is sent. After a lost answer it tells which
/// messages may have taken the delta.
struct StoreIntent {
  IntentId id;  // assigned by the vault; counted apart from those of Intent
  MailboxId mailbox;
  UidValidity uidvalidity;  // there
  FlagDelta delta;
  UidSet uids;  // there
  WallTime at{};
  /// No message of `uids` had a higher mod-sequence there when this was written (CONDSTORE); 0: not known.
  ModSeq since = {};
  bool at_source = false;  // "there" is the source (flags: two_way), else the target
};

/// Deletions that wait for a person: of one mailbox on one target. Pending until they are let through or the messages
/// are back at the source (I8).
struct GuardHold {
  enum class Reason : std::uint8_t {  // persisted: DO NOT CHANGE
    many = 1,                         // more than the limits of one pass
    emptied = 2,                      // the mailbox has become empty
    mailboxes_vanished = 3,           // with more other mailboxes than are believed at once
    other_account = 4,                // the source is not the one that filled the vault
    server_reverted = 5,              // the source has gone back to an earlier state
  };
  MailboxId mailbox;
  TargetId target;
  Reason reason = Reason::many;
  UidValidity uidvalidity;  // of the places at the source
  UidSet uids;              // at the source: those whose deletion is held; never empty
  std::uint64_t of = 0;     // messages of the mailbox that were bound then
  WallTime since{};
  bool acknowledged = false;  // a person lets these UIDs through, and no others
  std::string detail;         // for people: what was seen
};

/// A deletion that was carried out at a server, or a second copy that was found there.
struct AuditRecord {
  enum class Action : std::uint8_t {  // persisted: DO NOT CHANGE
    trashed = 1,                      // moved to the target's trash
    expunged = 2,
    flagged_deleted = 3,  // \Deleted alone, on a server without UIDPLUS
    source_expunged = 4,
    moved = 5,        // to where the source has it now
    second_copy = 6,  // found and left where it is: it was stored late, when the message had been sent again
  };
  WallTime at{};
  Action action = Action::expunged;
  TargetId target;  // 0: the source
  Place place;      // of the entry
  Digest digest;
  std::string mailbox;      // display name there
  UidValidity uidvalidity;  // there
  Uid uid;                  // there
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
