#pragma once

#include <chrono>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Whether a mailbox must be opened. It need not when UIDVALIDITY, UIDNEXT, MESSAGES and HIGHESTMODSEQ are all stated
/// and all as stored. Without mod-sequences flags change unseen, so it is looked at once `flag_sweep` has passed.
bool needs_look(const std::optional<SourceCursor>& cursor, const MailboxStatus& stated, WallTime now,
                std::chrono::seconds flag_sweep);

}  // namespace postern::sync
