#pragma once

#include <vector>

#include "core/client/imap_client.h"
#include "core/sync/planner/values.h"

namespace postern::daemon {

/// GETQUOTAROOT: the limits that a mailbox's messages count against. Empty where the server says NO, or states none
/// that a message counts against.
Task<Result<std::vector<sync::QuotaLimit>>> read_quota(client::ImapClient& client, MailboxName name, Wait wait);

}  // namespace postern::daemon
