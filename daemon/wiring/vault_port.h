#pragma once

#include <memory>

#include "core/io/scheduler.h"
#include "core/io/workers.h"
#include "core/mail/records.h"
#include "core/sync/ports.h"

namespace postern::storage {
class Vault;
}

namespace postern::daemon {

/// One account's part of the vault as the engine sees it. Lives on the loop of `scheduler`; hashing, compression and
/// blocking reads run on `workers`, whose `done` comes back to that loop. All must outlive it, and it must outlive the
/// Tasks it gave; commits it has handed over may still be under way when it goes: the vault finishes them.
std::unique_ptr<sync::Vault> make_vault_port(storage::Vault& vault, AccountId account, Workers& workers,
                                             Scheduler& scheduler);

}  // namespace postern::daemon
