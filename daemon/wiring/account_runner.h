#pragma once

#include <cstdint>

#include "core/config/config.h"
#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/io/workers.h"
#include "core/sync/pass.h"
#include "storage/vault.h"

namespace postern::daemon {

/// More does not make a pass quicker.
inline constexpr std::uint64_t kMostOctetsInFlight = 8u << 20;
/// With less the line idles while each message is stored.
inline constexpr std::uint64_t kLeastOctetsInFlight = 128u << 10;
/// Octets that each of `passes` passes under way at once may have between its socket and the disk. Even shares, so that
/// no account's backlog can stop another's; a message of any size is taken by whoever has nothing in flight.
std::uint64_t share_of_memory(std::uint64_t memory, std::size_t passes);

/// What passes of all accounts share. Everything outlives the passes.
struct PassWorld {
  storage::Vault& vault;
  Scheduler& scheduler;
  Workers& workers;
  Dialer& dialer;
  std::uint64_t octets_in_flight = kMostOctetsInFlight;  // of each pass: share_of_memory()
};

/// Which halves of a pass are wanted.
struct PassParts {
  bool pull = true;
  bool replay = true;
};

/// One pass of one account: builds the engine's ports over IMAP and the vault, runs the engine, and writes how it went
/// into the vault, where `postern status` finds it. Lives on the scheduler's thread. `account` and `progress` must
/// outlive the Task. Errors begin with the account's name.
Task<sync::PassReport> run_account_pass(PassWorld world, const config::Account& account, PassParts parts,
                                        sync::Progress& progress, Wait wait);

}  // namespace postern::daemon
