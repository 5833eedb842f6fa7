#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/sync/ports.h"

namespace postern::testing {

/// What a vault holds durably: survives ModelVaults as a database survives processes.
struct VaultState {
  struct TargetState {
    HistorySeq cursor;
    std::map<MailboxId, TargetMailboxRecord> mailboxes;
    std::map<Place, Binding> bindings;
    std::map<IntentId, Intent> intents;
    std::map<IntentId, StoreIntent> store_intents;
    std::map<Place, Doubt> doubts;
    std::map<MailboxId, GuardHold> holds;
  };
  using QuarantineKey = std::tuple<QuarantineRecord::Stage, TargetId, Place>;

  std::map<MailboxId, MailboxRecord> mailboxes;
  std::map<Place, Entry> entries;
  std::map<Digest, Bytes> objects;
  std::map<std::string, Digest> email_ids;  // the last body entered with each EMAILID
  std::set<Place> by_reuse;                 // entered without a body: these alone may be fetched once more
  std::set<Digest> damaged;                 // held, but no longer readable to the end
  std::vector<HistoryRecord> history;
  std::vector<SnapshotRecord> snapshots;
  std::map<std::string, TargetId> target_ids;
  std::map<TargetId, TargetState> targets;
  std::map<QuarantineKey, QuarantineRecord> quarantine;
  std::vector<AuditRecord> audit;
  std::string origin;
  std::uint64_t next_intent = 1;
  std::uint64_t writes = 0;         // batches that changed something
  std::uint64_t bindings_read = 0;  // by all_bindings()
  std::uint64_t records_read = 0;   // of target mailboxes
  std::uint64_t entry_reads = 0;    // calls that read entries …
  std::uint64_t entries_read = 0;   // … and how many those gave

  /// Of several that had the name the one that is present, then the latest.
  const MailboxRecord* mailbox(std::string_view name) const;
  /// Entries of a mailbox's current generation that have not vanished.
  std::vector<Entry> present(std::string_view name) const;
  void note(WallTime at, HistoryRecord::Kind kind, Place place, std::optional<Digest> digest = std::nullopt,
            FlagSet flags = {}, std::string name = {});
};

}  // namespace postern::testing
