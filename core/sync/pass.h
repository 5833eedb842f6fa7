#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/sync/planner/flag_merge.h"
#include "core/sync/planner/guard.h"
#include "core/sync/planner/keyword_map.h"
#include "core/sync/planner/rung.h"
#include "core/sync/ports.h"
#include "core/sync/source_writer.h"

namespace postern::sync {

/// What one pass of one account is to do.
struct PassOptions {
  std::string account;
  std::string target;  // its name; empty: no target
  bool pull = true;
  bool replay = true;
  /// Whether a source mailbox is wanted (mailboxes.include/exclude); empty: all.
  std::function<bool(const MailboxName&)> selects;
  /// The name that a mailbox of the source is to have on the target (mailbox_map), spelled as if it were called so at
  /// the source: of its display name and its delimiter. Empty, or none given: its own.
  std::function<std::optional<std::string>(std::string_view, char)> maps;
  /// Whether the name that `maps` gives may be shared by several mailboxes (merge: true). Empty: it may not.
  std::function<bool(std::string_view, char)> merges;
  /// Which keyword of the source is which on the target (keyword_map).
  KeywordMap keywords;
  /// What a message that vanished at the source does on the target, and how much of it needs no person.
  Deletes deletes = Deletes::keep;
  GuardLimits guard;
  /// Whose flag changes are carried over. `two_way` needs a SourceWriterConnector, and brings the target's to the
  /// source in passes that pull and replay.
  FlagMode flags = FlagMode::replay;
  /// With FlagMode::two_way: when that many messages of a mailbox are to be changed at the source, the next pass goes
  /// on with those behind them.
  std::uint64_t own_flags_at_once = 100'000;
  /// The source account, host and user: another one than that which filled the vault has its deletions held. Empty: not
  /// compared.
  std::string origin;
  /// How often flags are compared one by one where the server has no CONDSTORE: at the source, and at the target with
  /// FlagMode::two_way.
  std::chrono::seconds flag_sweep = std::chrono::hours(1);
  /// Connections made again within the pass after a transient failure, counted anew whenever there was progress. Two at
  /// most, seconds apart, while no session has stood in the pass.
  int reconnects = 5;
  /// The first wait before connecting again; doubled at each try up to the cap, with full jitter.
  std::chrono::milliseconds backoff_base = std::chrono::seconds(2);
  std::chrono::milliseconds backoff_cap = std::chrono::minutes(15);
  /// After a lost APPEND answer: how long the old connection may still be committing before the message is sent again.
  std::chrono::milliseconds settle = std::chrono::seconds(90);
  /// Sessions with the source at most; further ones are opened only when there is work enough for them.
  unsigned connections = 1;
  /// Sessions with the target at most; as above, and each works on a mailbox of its own.
  unsigned target_connections = 1;
  /// Deletes at the source what is proved to be on the target, so long after it was read back from there; only in a
  /// pass that pulls and replays, and with a SourceWriterConnector. None: nothing is deleted there.
  std::optional<std::chrono::seconds> delete_source = std::nullopt;
  /// Octets received and not yet durable at which reading from the source pauses.
  std::uint64_t octets_in_flight = 8u << 20;
  /// What the jitter is drawn from; give each account and pass another one.
  std::uint64_t seed = 0;
};

/// Where a pass stands; updated by the pass, read by progress bars and metrics between awaits on the same thread.
struct Progress {
  enum class Phase : std::uint8_t { waiting, connecting, listing, pulling, replaying, done };
  Phase phase = Phase::waiting;
  std::uint64_t mailboxes_total = 0, mailboxes_done = 0;
  std::uint64_t messages_total = 0, messages_done = 0;  // of the source
  std::uint64_t octets_done = 0;
  std::uint64_t replay_total = 0, replay_done = 0;  // messages and flag changes of the target
};

/// How many mailboxes' changes were learnt in each way.
class RungCounts {
 public:
  std::uint64_t& operator[](Rung rung) { return counts_[static_cast<std::size_t>(rung)]; }
  std::uint64_t operator[](Rung rung) const { return counts_[static_cast<std::size_t>(rung)]; }

 private:
  std::array<std::uint64_t, std::size(kRungs)> counts_{};
};

/// The fields of `postern sync --json`.
struct SourceTotals {
  std::uint64_t mailboxes = 0, messages_fetched = 0, bytes_fetched = 0, bodies_reused = 0, flag_changes = 0,
                commands = 0, vanished = 0, deleted = 0;
  std::uint64_t flag_updates = 0;  // messages whose flags were set or taken away there, as the target has them
  std::uint64_t unchanged = 0;     // mailboxes that were not opened: their status proved that nothing had changed
  RungCounts rungs;                // mailboxes that were opened
};
struct TargetTotals {
  std::uint64_t appended = 0, adopted = 0, moved = 0, flag_updates = 0, deleted = 0, held = 0, commands = 0;
};

struct PassReport {
  enum class State : std::uint8_t { ok, attention, failed };
  State state = State::ok;
  std::chrono::nanoseconds took{};
  SourceTotals source;
  std::optional<TargetTotals> target;
  std::uint64_t quarantined = 0;
  std::map<std::string_view, std::uint64_t> quirks;  // deviations of the servers that were tolerated, by fixed name
  std::optional<Error> error;                        // why it failed
  std::vector<Error> problems;                       // what needs a person although the pass went on
  std::optional<SnapshotRecord> snapshot;
};

/// One pass: pulls the source into the vault, then replays the vault's history to the target. Ends in a report, never
/// in an exception; what was durable stays so. `target` may be null, and `writer`, without which nothing is changed at
/// the source.
Task<PassReport> run_pass(PassOptions options, SourceConnector& source, TargetConnector* target, Vault& vault,
                          Scheduler& scheduler, Progress& progress, Wait wait, SourceWriterConnector* writer = nullptr);

}  // namespace postern::sync
