#pragma once

// What is handed to the vault's committer, and what it reports.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/mail/records.h"

namespace postern::storage {

/// Small pieces of several bodies, compressed together: a row that travels with the first of them that is committed.
struct SealedPack {
  std::uint64_t number = 0;
  Bytes value;
};

/// A body that has been hashed, cut and compressed, and is not yet part of a commit. Made by Vault::seal() or
/// BodySealer. `chunks` and `packs` are rows that travel with the commit; those of a streamed body are in the vault
/// already.
struct SealedBody {
  struct Row {
    Digest key;
    Bytes value;
  };
  Digest digest;
  std::uint64_t size = 0;
  bool reused = false;  // the object was there already: no rows
  std::vector<Row> chunks;
  std::vector<std::shared_ptr<const SealedPack>> packs;
  Bytes recipe;
};

struct NewEntry {
  Uid uid;
  FlagSet flags;
  InternalDate internaldate;
  ModSeq modseq;
  SealedBody body;
  std::string email_id = {};                  // EMAILID; empty, or longer than RFC 8474 allows: not kept
  std::optional<Digest> held = std::nullopt;  // in place of `body`: a message that the vault has
};

/// A message that the vault has.
struct HeldBody {
  Digest digest;
  std::uint64_t size = 0;  // octets
  friend bool operator==(const HeldBody&, const HeldBody&) = default;
};

struct FlagChange {
  Uid uid;
  FlagSet flags;
  ModSeq modseq;
};

/// Commits that stand on each other, in the order of their calls: once one has failed, every later one of the line
/// fails too, whether it was waiting already or comes before its caller has heard of the failure. So no cursor gets
/// ahead of what it stands for (I2). After a failure go on with a new line.
struct CommitLine {
  std::atomic<bool> broken = false;
};

/// Changes to one generation of one mailbox that become durable together.
struct Changes {
  MailboxId mailbox;
  UidValidity uidvalidity;
  std::vector<NewEntry> appended;
  std::vector<FlagChange> flags;
  UidSet vanished;
  std::optional<SourceCursor> cursor;
  std::shared_ptr<CommitLine> line = {};  // null: stands alone
};

struct Committed {
  std::uint64_t messages = 0;       // entries added with a body that was handed in
  std::uint64_t octets = 0;         // of these bodies
  std::uint64_t bodies_reused = 0;  // entries added whose object was there, `held` ones included
  std::uint64_t flag_changes = 0;
  std::uint64_t vanished = 0;
};

/// Target-side changes that become durable together.
struct TargetChanges {
  std::vector<Binding> bind;
  std::vector<Place> unbind;
  std::optional<IntentId> end_intent;
  std::vector<AuditRecord> audit = {};
  std::vector<GuardHold> hold = {};     // each in the place of what was held of its mailbox
  std::vector<MailboxId> release = {};  // before `hold`
  std::optional<IntentId> end_store_intent = {};
  std::vector<Doubt> doubt = {};      // each in the place of what was doubted of its message
  std::vector<Place> end_doubt = {};  // before `doubt`
};

/// How the last pass of an account went: what `status` shows when no daemon runs.
struct PassSummary {
  enum class State : std::uint8_t { ok = 1, attention = 2, failed = 3 };  // persisted: DO NOT CHANGE
  State state = State::ok;
  WallTime started{};
  WallTime ended{};
  WallTime last_success{};
  std::uint64_t messages_fetched = 0;
  std::uint64_t octets_fetched = 0;
  std::uint64_t appended = 0;  // on targets
  std::uint64_t quarantined = 0;
  std::string error;  // for people; empty when there was none
  friend bool operator==(const PassSummary&, const PassSummary&) = default;
};

/// Entries of an account that have not vanished.
struct AccountTotals {
  std::uint64_t entries = 0;
  std::uint64_t octets = 0;
  friend bool operator==(const AccountTotals&, const AccountTotals&) = default;
};

}  // namespace postern::storage
