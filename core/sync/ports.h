#pragma once

// What the engine needs of the world. It knows these interfaces, not IMAP and not RocksDB: daemon/wiring implements
// them over client::ImapClient and storage::Vault, tests over models in memory. Everything here lives on one loop's
// thread; a Wait bounds every operation.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/mail/records.h"
#include "core/sync/planner/values.h"
#include "core/sync/uid_feed.h"

namespace postern::sync {

// ------------------------------------------------------------------------------------------------ the source's side

/// What the server can do, after authentication and after what the configuration disables.
struct SourceFeatures {
  bool list_status = false;  // a list() with statuses costs one round trip
  bool condstore = false;    // RFC 7162
  bool qresync = false;      // RFC 7162, ENABLEd
  bool email_ids = false;    // each message has an EMAILID (RFC 8474) or an X-GM-MSGID
  bool labels = false;       // X-GM-EXT-1: messages stand in several mailboxes as a rule
  /// MESSAGELIMIT (RFC 9738): a command that names more messages is cut short or refused; none where not stated.
  std::optional<std::uint32_t> message_limit = std::nullopt;
  /// From so many messages on an opened mailbox may be the newest part of a larger one: a MESSAGELIMIT is stated, and
  /// UIDONLY (RFC 9586), which puts everything in view, is not in force. None: what is opened is all there is.
  std::optional<std::uint32_t> view_limit = std::nullopt;
};

/// An opened (EXAMINEd) mailbox. `changes` only when `resume` was given and the server answered with QRESYNC.
struct OpenedMailbox {
  MailboxStatus status;
  bool uid_not_sticky = false;  // RFC 4315 UIDNOTSTICKY
  struct Changes {
    UidSet vanished;                  // VANISHED (EARLIER); may name UIDs never seen
    std::vector<FlagReport> changed;  // new and changed messages
  };
  std::optional<Changes> changes;
};

/// A message whose body has arrived completely in a well-formed response.
struct ArrivedMessage {
  Uid uid;
  FlagSet flags;
  InternalDate internaldate;
  ModSeq modseq;
  std::uint64_t size = 0;         // octets of the body as received
  std::uint64_t stated_size = 0;  // RFC822.SIZE: a claim
  std::string email_id = {};      // EMAILID (RFC 8474), "gm:" and decimal digits for X-GM-MSGID; empty: not stated
};

/// Takes message bodies as they stream in: begin, body…, then end() or abandon(); one message at a time.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  /// A body of `size` octets follows.
  virtual void begin(std::uint64_t size) = 0;
  /// The next octets; the view ends with the call.
  virtual void body(ByteView octets) = 0;
  virtual void end(const ArrivedMessage& message) = 0;
  /// The body begun last will not be completed (connection cut, malformed response, nobody asked for it).
  virtual void abandon() = 0;
  /// A command that names `uids` has been given to the server.
  virtual void asked(const UidSet& uids) { static_cast<void>(uids); }
  /// Awaited between reads of the socket: returns when there is room again (back-pressure), or why there will be none.
  virtual Task<Result<void>> ready(Wait wait) = 0;
};

/// What a FETCH of bodies left over. OK does not promise that each came: the caller compares with what the sink got.
struct FetchOutcome {
  struct Refused {  // a NO to one command; the rest went on
    UidSet uids;
    Error error;
  };
  std::vector<Refused> refused;
  UidSet repeated;  // came a second time; the sink saw the first one only
};

/// What is asked of one mailbox of a tour, besides opening it.
struct TourStop {
  MailboxName name;
  UidValidity uidvalidity;             // only under this one bodies are handed on
  std::optional<SourceCursor> resume;  // with QRESYNC: what changed since
  UidSet known;                        // UIDs held, for `resume`
  UidSet bodies;                       // of these UIDs, as far as they exist; empty: none
  std::uint64_t expected = 0;          // about how many of `bodies` there are
  bool list = false;                   // every UID
  UidSet flags;                        // of these UIDs, none of `bodies`; empty: none
  std::optional<ModSeq> since;         // of `flags` those alone that changed after it (CONDSTORE)
};

/// What one mailbox of a tour has answered.
struct TourFindings {
  std::optional<OpenedMailbox> opened;  // none: it was refused
  std::optional<UidSet> listed;
  std::vector<FlagReport> flags;
  UidSet repeated;        // bodies that came a second time
  bool complete = false;  // every command ended in OK
};

/// Says which mailboxes a tour leads to, and takes what is found there. The bodies that come are those of the oldest
/// mailbox that next() gave and visited() has not had, and come only where EXAMINE has stated the UIDVALIDITY that is
/// expected and that UIDs stick; ready() is awaited between reads of the socket.
class TourGuide : public MessageSink {
 public:
  /// The next mailbox; nullopt: there is none left, and it is not asked again.
  virtual std::optional<TourStop> next() = 0;
  /// The oldest mailbox of the tour has answered in full. Mailboxes answer in the order in which next() gave them.
  virtual void visited(TourFindings findings) = 0;
};

/// One authenticated, read-only session with a source account.
class Source {
 public:
  virtual ~Source() = default;
  virtual SourceFeatures features() const = 0;
  /// What this session has cost the server so far, login included.
  virtual std::uint64_t commands_sent() const = 0;
  /// All mailboxes with their statuses: one LIST with RETURN options, or LIST and one burst of pipelined STATUS.
  virtual Task<Result<std::vector<ListedMailbox>>> list(Wait wait) = 0;
  /// EXAMINEs. With `resume` and QRESYNC the answer carries everything that changed since; `known` are the UIDs held.
  virtual Task<Result<OpenedMailbox>> open(MailboxName name, std::optional<SourceCursor> resume, UidSet known,
                                           Wait wait) = 0;
  /// All UIDs of the opened mailbox (UID SEARCH, ESEARCH where offered).
  virtual Task<Result<UidSet>> uids(Wait wait) = 0;
  /// Flags of the messages in `range` of the opened mailbox; with `since` only those changed after it (CONDSTORE).
  virtual Task<Result<std::vector<FlagReport>>> flags(UidRange range, std::optional<ModSeq> since, Wait wait) = 0;
  /// What the messages of `uids` of the opened mailbox are, without their bodies; with `headers` the digest of their
  /// stable header fields too, which costs the server a look into each. Pipelined. A UID that the server leaves
  /// out, or says less of than it was asked, does not come; none comes twice. The answer takes about 200 octets a
  /// message: ask for some thousands at a time.
  virtual Task<Result<std::vector<ListedMessage>>> identities(UidSet uids, bool headers, Wait wait) = 0;
  /// Streams the messages that `feed` gives of the opened mailbox into `sink`, with the commands pipelined so that the
  /// line does not idle.
  virtual Task<Result<FetchOutcome>> fetch_from(UidFeed& feed, MessageSink& sink, Wait wait) = 0;
  /// The messages of `uids`.
  Task<Result<FetchOutcome>> fetch(UidSet uids, MessageSink& sink, Wait wait);
  /// Visits one mailbox after the other with the commands of the following ones written before the answers of the
  /// earlier ones have come, so that the line does not idle. A mailbox that is refused does not end the tour. Success:
  /// each mailbox that `guide` gave was visited(). Afterwards the mailbox opened is any of them, or none.
  virtual Task<Result<void>> tour(TourGuide& guide, Wait wait) = 0;
  /// LOGOUT, within a few seconds, then close.
  virtual Task<void> close() = 0;
};

inline Task<Result<FetchOutcome>> Source::fetch(UidSet uids, MessageSink& sink, Wait wait) {
  UidSetFeed feed(std::move(uids));
  auto outcome = co_await fetch_from(feed, sink, std::move(wait));
  co_return outcome;
}

class SourceConnector {
 public:
  virtual ~SourceConnector() = default;
  virtual Task<Result<std::unique_ptr<Source>>> connect(Wait wait) = 0;
};

// ------------------------------------------------------------------------------------------------ the target's side

struct TargetFeatures {
  bool multiappend = false;                   // RFC 3502
  char delimiter = '/';                       // of the personal namespace
  std::string prefix;                         // of the personal namespace, wire form: "" or "INBOX."
  std::optional<std::uint64_t> append_limit;  // RFC 7889
  bool move = false;                          // RFC 6851
  bool uidplus = false;                       // RFC 4315: without it a message can only be marked \Deleted
  bool quota = false;                         // RFC 9208, RFC 2087
};

struct OpenedTarget {
  UidValidity uidvalidity;
  std::uint32_t uidnext = 0;
  std::uint32_t messages = 0;
  bool read_only = false;
  bool any_keyword = true;  // PERMANENTFLAGS has "\*"
  FlagSet permanent_flags;
  ModSeq highestmodseq = {};  // CONDSTORE: flags may be stored UNCHANGEDSINCE it; 0: not stated
};

/// A message's octets in pieces of at most 1 MiB, from the vault; re-hashed as they are read (I6): the last piece is
/// given out only when the whole hashes to the digest, else the read fails with ErrorKind::store and Scope::message.
class OctetSource {
 public:
  virtual ~OctetSource() = default;
  virtual std::uint64_t size() const = 0;
  /// The next piece; empty after the last.
  virtual Task<Result<Bytes>> next(Wait wait) = 0;
};

struct AppendItem {
  OctetSource* octets = nullptr;
  FlagSet flags;
  InternalDate internaldate;
};

/// What is known about an APPEND or MULTIAPPEND afterwards. All items or none.
struct AppendOutcome {
  enum class Fate : std::uint8_t {
    stored,    // tagged OK; `uids` when the server said so (APPENDUID, checked for count and validity)
    refused,   // tagged NO or BAD: nothing is there; `error` says why
    not_sent,  // the connection broke before the last octet was written: it cannot be there; an `error` of
               // Scope::message: it was broken because one of the items could not be read
    unknown,   // the connection broke after it: it may be there
  };
  Fate fate = Fate::stored;
  UidValidity uidvalidity;
  std::vector<Uid> uids;  // one an item in order, or empty
  std::optional<Error> error;
};

/// What came of a STORE that was answered.
struct StoreOutcome {
  UidSet modified;  // changed after `unchanged_since`: left as they were, or given the flags to set without the others
                    // having been taken away
};

/// What the server said of messages that it moved: where they are now. Those it named no believable new UID for are not
/// listed, and neither are those that were not there to be moved: the destination shows.
struct MoveOutcome {
  struct Moved {
    Uid from;
    Uid to;
  };
  UidValidity uidvalidity;   // of the destination; 0: not stated
  std::vector<Moved> moved;  // from COPYUID, where it fits the command
};

/// What CREATE found.
enum class Creation : std::uint8_t { made, was_there };

/// One authenticated session with a target account.
class Target {
 public:
  virtual ~Target() = default;
  virtual TargetFeatures features() const = 0;
  /// What this session has cost the server so far, login included.
  virtual std::uint64_t commands_sent() const = 0;
  virtual Task<Result<std::vector<ListedMailbox>>> list(Wait wait) = 0;
  /// The same with their statuses, as of a source.
  virtual Task<Result<std::vector<ListedMailbox>>> list_with_status(Wait wait) = 0;
  /// CREATE; [ALREADYEXISTS] is success too, but the mailbox may be one that is spelled in another way.
  virtual Task<Result<Creation>> create(MailboxName name, Wait wait) = 0;
  /// RENAME. The mailboxes below go along (RFC 9051 §6.3.6).
  virtual Task<Result<void>> rename(MailboxName from, MailboxName to, Wait wait) = 0;
  virtual Task<Result<void>> subscribe(MailboxName name, Wait wait) = 0;
  virtual Task<Result<void>> unsubscribe(MailboxName name, Wait wait) = 0;
  /// SELECTs.
  virtual Task<Result<OpenedTarget>> open(MailboxName name, Wait wait) = 0;
  /// The limits that messages of `name` count against, one command. Empty: there are none, or the server does not say.
  virtual Task<Result<std::vector<QuotaLimit>>> quota(MailboxName name, Wait wait) = 0;
  /// The messages of the opened mailbox that `uids` name, one command.
  virtual Task<Result<std::vector<TargetMessage>>> messages(UidSet uids, Wait wait) = 0;
  /// Downloads and hashes messages of the opened mailbox; those that vanished meanwhile, or that the server does not
  /// hand out, are left out.
  struct Hashed {
    Uid uid;
    Digest digest;
    /// Of the message without the header line that mbsync adds to its copies; none where there is no such line.
    std::optional<Digest> without_tuid = std::nullopt;
  };
  virtual Task<Result<std::vector<Hashed>>> digests(UidSet uids, Wait wait) = 0;
  /// Appends to `name`, as one MULTIAPPEND when there are several. Never fails with an Error: the outcome says it all.
  virtual Task<AppendOutcome> append(MailboxName name, std::vector<AppendItem> items, Wait wait) = 0;
  /// Appends to `name` one by one, pipelined; an outcome each, in order. A refusal is one message's alone, and after a
  /// cut exactly those are unknown that were written whole and not answered.
  virtual Task<std::vector<AppendOutcome>> append_each(MailboxName name, std::vector<AppendItem> items, Wait wait) = 0;
  /// Flags of `uids` of the opened mailbox; with `since` only those changed after it (CONDSTORE). Those that vanished
  /// meanwhile are left out.
  virtual Task<Result<std::vector<FlagReport>>> flags(UidSet uids, std::optional<ModSeq> since, Wait wait) = 0;
  /// UID STORE on the opened mailbox; with `unchanged_since` (CONDSTORE) of those alone that did not change after it.
  virtual Task<Result<StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                                 Wait wait) = 0;
  /// Moves messages of the opened mailbox, which is not `to`: UID MOVE; without it UID COPY and then expunge(). NO, and
  /// a lost answer, leave open which of them were moved; to ask again is harmless with UID MOVE alone.
  virtual Task<Result<MoveOutcome>> move(UidSet uids, MailboxName to, Wait wait) = 0;
  /// Removes messages of the opened mailbox, and no others: UID STORE of \Deleted and UID EXPUNGE. Without UIDPLUS they
  /// are marked only.
  virtual Task<Result<void>> expunge(UidSet uids, Wait wait) = 0;
  /// DELETEs a mailbox, whatever it holds; one that is not there is success. Afterwards none is open.
  virtual Task<Result<void>> remove(MailboxName name, Wait wait) = 0;
  /// LOGOUT, within a few seconds, then close.
  virtual Task<void> close() = 0;
};

class TargetConnector {
 public:
  virtual ~TargetConnector() = default;
  virtual Task<Result<std::unique_ptr<Target>>> connect(Wait wait) = 0;
};

// ------------------------------------------------------------------------------------------------ the vault's side

/// A message body on its way into the vault: whole while small, staged in chunks once it has passed 1 MiB. Made by
/// Vault::receive(); destroying it abandons the body (chunks already written are unreferenced and later collected).
class IncomingBody {
 public:
  virtual ~IncomingBody() = default;
  virtual void append(ByteView octets) = 0;
  virtual std::uint64_t size() const = 0;
};

/// A message to be entered: its body as it came, or, without one, the digest of a message that the vault has already.
struct NewEntry {
  ArrivedMessage message;
  std::unique_ptr<IncomingBody> body;
  std::optional<Digest> held = {};
};

/// A message that the vault has.
struct HeldBody {
  Digest digest;
  std::uint64_t size = 0;  // octets
  friend bool operator==(const HeldBody&, const HeldBody&) = default;
};

/// Changes to one mailbox that become durable together. Bodies are hashed, cut, compressed and sealed first. An
/// appended message whose place is held already replaces the entry there: it was thought vanished and came back. The
/// history keeps both. Where the octets differ, what any target has bound to the place, or in doubt about it, ends in
/// the same batch; to notice it and to say it is for the caller.
///
/// An entry that names a `held` digest which the vault does not have fails its whole commit, and with it those that
/// wait behind: ErrorKind::not_found, Scope::message, naming the digest. Nothing of it is written. The caller fetches
/// that message's body instead, in this pass or, since the cursor has not moved, in the next.
struct MailboxChanges {
  MailboxId mailbox;
  UidValidity uidvalidity;
  std::vector<NewEntry> appended;
  std::vector<FlagReport> flags;  // the new flags
  UidSet vanished;
  std::optional<SourceCursor> cursor;  // makes everything committed before it official (I2)
};

/// What a commit did.
struct Committed {
  std::uint64_t messages = 0;       // entered with a body that came
  std::uint64_t octets = 0;         // of these bodies
  std::uint64_t bodies_reused = 0;  // the object was there already: the body came all the same, or was not asked for
};

/// One account's part of the vault. Writes are durable when their Task gives success. An error of kind store or
/// store_full ends the pass.
class Vault {
 public:
  virtual ~Vault() = default;

  // --- source state
  virtual Task<Result<std::vector<MailboxRecord>>> mailboxes() = 0;
  /// With an id: changes that mailbox; another name is a rename, with a history row. Without: adds or changes the one
  /// of that name; a new one gets its id and a history row. `cursor` and `uidvalidity` are not touched: commit() and
  /// new_generation() own them. An empty `mailbox_id` leaves the one that is known. Gives the record as it is now.
  virtual Task<Result<MailboxRecord>> put_mailbox(MailboxRecord record) = 0;
  /// Starts a new generation: from now on `uidvalidity` is the current one and the mailbox has no cursor; the old one's
  /// entries stay. A history row, also for a mailbox's first generation.
  virtual Task<Result<void>> new_generation(MailboxId mailbox, UidValidity uidvalidity) = 0;
  /// When a mailbox began generations since `since`, ascending, its first one left out.
  virtual Task<Result<std::vector<WallTime>>> generation_changes(MailboxId mailbox, WallTime since) = 0;
  /// UIDVALIDITYs of a mailbox under which there are entries, vanished ones too; ascending.
  virtual Task<Result<std::vector<UidValidity>>> generations(MailboxId mailbox) = 0;
  /// UIDs of a generation that are not vanished.
  virtual Task<Result<UidSet>> known_uids(MailboxId mailbox, UidValidity uidvalidity) = 0;
  /// Entries in `range`, ascending, vanished ones included, at most `limit`.
  virtual Task<Result<std::vector<Entry>>> entries(MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                                   std::size_t limit) = 0;
  virtual std::unique_ptr<IncomingBody> receive(std::uint64_t size) = 0;
  /// Several commits may be under way; they become durable in the order of the calls, and where one fails those behind
  /// it fail too.
  virtual Task<Result<Committed>> commit(MailboxChanges changes) = 0;
  /// Octets handed to receive() or commit() and not yet durable: what back-pressure is measured by.
  virtual std::uint64_t octets_in_flight() const = 0;
  /// Returns when octets_in_flight() is below `budget`, or when waiting cannot lower it (nothing is being worked on,
  /// only bodies that no commit has taken yet); an error when the vault can take no more.
  virtual Task<Result<void>> room(std::uint64_t budget, Wait wait) = 0;
  /// Ends a pass that changed something since the last snapshot; nothing otherwise.
  virtual Task<Result<std::optional<SnapshotRecord>>> snapshot() = 0;

  // --- history
  virtual Task<Result<HistorySeq>> history_end() = 0;
  /// Rows after `after`, ascending, at most `limit`.
  virtual Task<Result<std::vector<HistoryRecord>>> history(HistorySeq after, std::size_t limit) = 0;

  // --- target state; `target` comes from target_id()
  virtual Task<Result<TargetId>> target_id(std::string name) = 0;
  virtual Task<Result<HistorySeq>> target_cursor(TargetId target) = 0;
  virtual Task<Result<void>> set_target_cursor(TargetId target, HistorySeq seq) = 0;
  virtual Task<Result<std::vector<TargetMailboxRecord>>> target_mailboxes(TargetId target) = 0;
  virtual Task<Result<void>> put_target_mailbox(TargetId target, TargetMailboxRecord record) = 0;
  /// Bindings of a mailbox's generation with source UIDs in `range`, ascending, at most `limit`.
  virtual Task<Result<std::vector<Binding>>> bindings(TargetId target, MailboxId mailbox, UidValidity uidvalidity,
                                                      UidRange range, std::size_t limit) = 0;
  /// Every binding of a mailbox, all generations: ascending by Place, after `after`, at most `limit`.
  virtual Task<Result<std::vector<Binding>>> all_bindings(TargetId target, MailboxId mailbox,
                                                          std::optional<Place> after, std::size_t limit) = 0;
  virtual Task<Result<IntentId>> put_intent(TargetId target, Intent intent) = 0;
  virtual Task<Result<std::vector<Intent>>> intents(TargetId target) = 0;
  /// Durable before a UID STORE is sent.
  virtual Task<Result<IntentId>> put_store_intent(TargetId target, StoreIntent intent) = 0;
  virtual Task<Result<std::vector<StoreIntent>>> store_intents(TargetId target) = 0;
  /// Messages of which a second copy may come to light, of all mailboxes or of one; ascending by place.
  virtual Task<Result<std::vector<Doubt>>> doubts(TargetId target, std::optional<MailboxId> mailbox) = 0;
  /// Deletions that are held, at most one record a mailbox; ascending by mailbox.
  virtual Task<Result<std::vector<GuardHold>>> guard_holds(TargetId target) = 0;
  /// Written in one batch. `release` comes before `hold`, which replaces what was held of its mailbox.
  struct TargetChanges {
    std::vector<Binding> bind;
    std::vector<Place> unbind;
    std::optional<IntentId> end_intent;
    std::vector<AuditRecord> audit = {};
    std::vector<GuardHold> hold = {};
    std::vector<MailboxId> release = {};  // those of which nothing is held any more
    std::optional<IntentId> end_store_intent = {};
    std::vector<Doubt> doubt = {};      // each replaces what was doubted of its message
    std::vector<Place> end_doubt = {};  // before `doubt`
  };
  virtual Task<Result<void>> commit_target(TargetId target, TargetChanges changes) = 0;

  // --- deletions at servers, and the guard's memory
  /// Rows that belong to no target change: deletions at the source. In the order of the calls.
  virtual Task<Result<void>> put_audit(std::vector<AuditRecord> rows) = 0;
  /// Which source filled this account, as set_origin() noted it: host and user. Empty: not noted yet.
  virtual Task<Result<std::string>> origin() = 0;
  virtual Task<Result<void>> set_origin(std::string origin) = 0;

  // --- objects
  /// ErrorKind::not_found when the vault does not hold it; Scope::message when what it holds is damaged.
  virtual Task<Result<std::unique_ptr<OctetSource>>> open_object(Digest digest) = 0;
  /// What the vault has of messages with these EMAILIDs (ArrivedMessage::email_id), in order: each the body that was
  /// last entered with it, for which an entry may say `held`; none when no such message was entered, or when its object
  /// is not there.
  virtual Task<Result<std::vector<std::optional<HeldBody>>>> held_by_email_id(std::vector<std::string> ids) = 0;
  /// Identities of held objects, in order; Identity() for one that is damaged: it is like no message of a server.
  virtual Task<Result<std::vector<Identity>>> identities(std::vector<Digest> digests) = 0;

  // --- what a person has to see
  virtual Task<Result<void>> put_quarantine(QuarantineRecord record) = 0;
  virtual Task<Result<void>> clear_quarantine(QuarantineRecord record) = 0;
  virtual Task<Result<std::vector<QuarantineRecord>>> quarantine() = 0;
};

}  // namespace postern::sync
