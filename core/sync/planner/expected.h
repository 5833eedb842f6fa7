#pragma once

#include <cstdint>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// About how many messages of the mailbox are new, by what was stated; 0 where nothing was.
std::uint64_t expected_messages(const MailboxRecord& mailbox, const MailboxStatus& stated);

}  // namespace postern::sync
