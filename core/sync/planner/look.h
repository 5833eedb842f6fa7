#pragma once

#include <chrono>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Whether flags that no mod-sequence vouches for have not been compared for `flag_sweep`.
bool sweep_is_due(const SourceCursor& cursor, WallTime now, std::chrono::seconds flag_sweep);

/// Whether a mailbox must be opened. It need not when UIDVALIDITY, UIDNEXT, MESSAGES and HIGHESTMODSEQ are all stated
/// and all as stored. Without mod-sequences flags change unseen, so it is looked at once the sweep is due.
bool needs_look(const std::optional<SourceCursor>& cursor, const MailboxStatus& stated, WallTime now,
                std::chrono::seconds flag_sweep);

}  // namespace postern::sync
