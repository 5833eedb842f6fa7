#pragma once

#include <optional>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// The cursor of a mailbox of which everything is held that EXAMINE stated. `swept`: every flag was compared, at `now`.
SourceCursor cursor_after(const MailboxRecord& record, const MailboxStatus& opened, const MailboxStatus& listed,
                          bool swept, WallTime now);

}  // namespace postern::sync
