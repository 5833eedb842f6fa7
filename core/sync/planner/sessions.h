#pragma once

#include <cstdint>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// What is left to do in a source pass, as far as statuses tell.
struct WorkLeft {
  std::uint64_t mailboxes = 0;
  std::uint64_t messages = 0;
};

/// About how many messages of a mailbox are to come.
std::uint64_t messages_to_come(const MailboxRecord& record, const MailboxStatus& stated);

/// How many sessions pay for their logins: one, and a further one for each 1,000 messages or 8 mailboxes, up to `most`.
unsigned sessions_worth(const WorkLeft& left, unsigned most);

}  // namespace postern::sync
