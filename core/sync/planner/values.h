#pragma once

// What servers say, as values: shared by the ports, which bring them, and the planner, which decides on them.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/mail/records.h"

namespace postern::sync {

/// What a message that vanished at the source does on a target. The vault keeps it in any case.
enum class Deletes : std::uint8_t {
  keep,    // it stays
  trash,   // it is moved to the target's trash
  mirror,  // it is deleted there too
};

/// What STATUS, LIST-STATUS or EXAMINE stated; nullopt or 0 where it was silent.
struct MailboxStatus {
  UidValidity uidvalidity;
  std::uint32_t uidnext = 0;
  std::optional<std::uint32_t> messages;
  ModSeq highestmodseq;
  std::string mailbox_id = {};  // MAILBOXID (RFC 8474 §4): stays through renames; empty where silent
};

/// A line of LIST, with its status where one was asked for.
struct ListedMailbox {
  MailboxName name;
  std::vector<std::string> attributes;
  bool selectable = true;  // neither \Noselect nor \NonExistent
  bool subscribed = false;
  bool subscription_stated = true;      // false: the server did not tell which mailboxes are subscribed
  std::optional<MailboxStatus> status;  // none: not selectable, or STATUS said NO (status_error)
  std::optional<Error> status_error;
};

/// A message's flags as the server reports them.
struct FlagReport {
  Uid uid;
  FlagSet flags;
  ModSeq modseq;
};

/// What a server says of a message without handing out its body.
struct ListedMessage {
  Uid uid;
  FlagSet flags;
  InternalDate internaldate;  // the epoch where the server states none
  ModSeq modseq;
  std::uint64_t stated_size = 0;  // RFC822.SIZE: a claim
  std::string email_id;           // EMAILID, or "gm:" and X-GM-MSGID in decimal; empty: not stated
  std::optional<Digest> header;   // of its stable header fields, as Identity::header; where they were asked for
};

/// What tells messages apart without their bodies: for adoption and for reconciling a lost answer.
struct Identity {
  Digest header;           // over the stable header fields (protocol/mime/stable_header.h)
  std::uint64_t size = 0;  // RFC822.SIZE on a server: a claim
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// A message of a target mailbox.
struct TargetMessage {
  Uid uid;
  Identity identity;
  InternalDate internaldate;
  FlagSet flags;
};

/// A limit that a target states for a mailbox (RFC 9208), with what is in use of it. A claim.
struct QuotaLimit {
  enum class Resource : std::uint8_t {
    storage,   // in units of 1024 octets
    messages,  // a count
  };
  std::string root;  // as the server calls it
  Resource resource = Resource::storage;
  std::uint64_t used = 0;
  std::uint64_t limit = 0;
};

}  // namespace postern::sync
