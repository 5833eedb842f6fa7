#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/sync/ports.h"

namespace postern::testing {

/// What a server does differently from a good one, and what it offers.
struct Quirks {
  bool condstore = true;
  bool qresync = true;
  bool email_ids = false;             // OBJECTID: EMAILID, and MAILBOXID in a STATUS
  bool labels = false;                // X-GM-EXT-1
  bool one_email_id = false;          // a lie: every message has the same
  bool silent_of_identities = false;  // leaves every message out of what it lists
  int size_lie = 0;                   // added to RFC822.SIZE
  bool uidplus = true;
  bool move = true;
  bool silent_move = false;  // MOVE says OK without COPYUID
  bool lost_move = false;    // MOVE says OK and does nothing
  bool multiappend = true;
  std::string refuses_move;    // MOVE and COPY to a mailbox with this text in its name say NO
  UidSet ghosts;               // listed, never handed out
  UidSet left_out_once;        // left out of the next FETCH that asks for several
  UidSet sent_twice;           // in one answer
  UidSet refused;              // a FETCH naming one of them says NO
  UidSet cuts;                 // the connection breaks when the body of one of them is sent
  UidSet cuts_at_once;         // … or before any body of a FETCH naming one of them
  int connections = 1'000;     // further ones are refused
  int stable = 1'000;          // … and further ones are let in and break at their first command
  int exists_lie = 0;          // added to EXISTS
  std::uint32_t view = 0;      // as a source: an opened mailbox shows its newest so many messages; 0: all
  std::uint32_t uids_cut = 0;  // SEARCH leaves out the last ones
  bool list_empty = false;
  bool no_status = false;        // LIST and STATUS state no counts
  bool wrong_appenduid = false;  // of another UIDVALIDITY
  bool same_appenduid = false;   // the same UID for each message
  std::optional<std::uint64_t> append_limit;
  std::string refuses_text;         // APPEND of a message with this text says NO [CANNOT]-like, per message
  std::string refuses_keyword;      // APPEND with it says BAD
  bool refuses_odd_dates = false;   // APPEND of a message from before 1970, or from 2026-01-02 on
  FlagSet append_drops;             // APPEND does not keep them
  FlagSet store_drops;              // STORE neither
  std::string store_refuses;        // STORE that names this flag says BAD and does nothing
  bool store_busy = false;          // STORE says NO [INUSE]
  std::string store_cuts;           // as a source: STORE in that mailbox breaks the connection
  std::string flags_refused;        // as a source: FETCH FLAGS in that mailbox says NO
  UidSet store_refuses_uids;        // STORE of them says NO, the messages before them being changed
  bool plain_no_to_create = false;  // CREATE of a mailbox that is there says NO without a code
  std::string refuses_name;         // CREATE of a name with this text says NO
  std::string busy_mailbox;         // SELECT of it says NO [INUSE]
  std::string closed_mailbox;       // SELECT of it says NO [NOPERM]
  UidSet headers_refused;           // as a target: FETCH of headers naming one of them says NO
  bool rewrites = false;            // APPEND alters the subject, and sets a date of its own
  bool swallows = false;            // APPEND says OK and stores nothing
  bool over_quota = false;
  struct Quota {  // of the whole account; refuses what exceeds it
    std::uint64_t octets = 0;
    std::uint64_t messages = 0;  // 0: no limit
    bool stated = true;          // GETQUOTAROOT tells of it
  };
  std::optional<Quota> quota;
  bool no_uidnext = false;                 // as a target: SELECT does not state UIDNEXT
  bool read_only = false;                  // SELECT opens for reading only
  bool always_modified = false;            // every STORE with UNCHANGEDSINCE leaves every message alone
  std::optional<FlagSet> permanent_flags;  // nothing else is kept, keywords neither
  char delimiter = '/';
  std::string prefix;
  bool rename_is_lost = false;  // RENAME says OK and does nothing
  bool refuses_rename = false;
  bool rename_keeps_uids = true;  // as a target: the UIDVALIDITY stays
  bool trims_names = false;       // as a target: blanks at an end or in a row are taken away
  bool case_insensitive = false;  // as a target: names that differ in case alone are one mailbox
};

struct ModelMessage {
  Bytes octets;
  FlagSet flags;
  InternalDate date;
  ModSeq modseq;
  std::string email_id = {};  // from append(); a copy keeps it
};

struct ModelMailbox {
  MailboxName name;
  std::vector<std::string> attributes;
  std::string mailbox_id;  // a rename keeps it
  bool selectable = true;
  bool subscribed = true;
  UidValidity uidvalidity;
  std::uint32_t uidnext = 1;
  ModSeq highestmodseq{1};
  std::map<Uid, ModelMessage> messages;
  std::map<Uid, ModSeq> expunged;

  /// Empty `email_id`: one of its own.
  Uid append(Bytes octets, FlagSet flags, InternalDate date, std::string email_id = {});
  void store(Uid uid, FlagSet flags);
  void expunge(Uid uid);
};

/// An account on an IMAP server, in memory; the state that survives connections. A test's verbs, and what ModelSource
/// and ModelTarget show of it.
class ModelServer {
 public:
  ModelServer() { create("INBOX"); }

  ModelMailbox& create(std::string_view name, std::vector<std::string> attributes = {});
  ModelMailbox& box(std::string_view name);
  bool has(std::string_view name) const { return boxes_.contains(std::string(name)); }
  /// How it would write the name.
  std::string accepted(std::string_view name) const;
  /// Its spelling of the name; empty: there is no such mailbox.
  std::string spelling(std::string_view name) const;
  Uid append(std::string_view name, Bytes octets, FlagSet flags = {});
  /// The message with its flags, date and EMAILID.
  Uid copy(std::string_view from, Uid uid, std::string_view to);
  Uid move(std::string_view from, Uid uid, std::string_view to);
  void remove(std::string_view name) { boxes_.erase(std::string(name)); }
  /// Under a new UIDVALIDITY, as some servers do; with `same_uids` it stays, as others do. What lies below goes along.
  void rename(std::string_view from, std::string_view to, bool same_uids = false);
  /// The same messages under new UIDs and a new UIDVALIDITY.
  void renumber(std::string_view name);

  /// Of all messages.
  std::uint64_t octets_held() const;
  std::uint64_t messages_held() const;

  std::map<std::string, ModelMailbox>& boxes() { return boxes_; }
  const std::map<std::string, ModelMailbox>& boxes() const { return boxes_; }

  sync::MailboxStatus status(const ModelMailbox& box) const;
  std::vector<sync::ListedMailbox> list() const;

  Quirks quirks;
  std::uint64_t bodies_sent = 0;
  int sessions = 0;  // at the moment
  int most_sessions = 0;
  int restarts = 0;                         // each breaks the sessions that stand
  std::vector<std::string> targets_opened;  // in order, by sessions with it as a target
  std::uint64_t mutations = 0;              // commands that change something, as the engine sent them

 private:
  std::map<std::string, ModelMailbox> boxes_;  // by display name
  std::uint32_t next_uidvalidity_ = 1'000;
};

/// SHA-256 of `octets`.
Digest digest_of(ByteView octets);
/// As a server or a vault tells messages apart cheaply: by their header and size.
sync::Identity identity_of(ByteView octets);

}  // namespace postern::testing
