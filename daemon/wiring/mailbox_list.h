#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/client/imap_client.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// How many mailboxes an account may have; more is a server gone wrong.
inline constexpr std::size_t kMostMailboxes = 20'000;

/// True when list_mailboxes() gives the statuses in the same round trip (LIST-EXTENDED, RFC 5258, and LIST-STATUS,
/// RFC 5819; either alone is not enough).
bool lists_with_status(const client::ImapClient& client);

/// Every mailbox of the account, each once, in the order of the server. With `statuses` each selectable one has its
/// status or the reason why it has none; a mailbox that refuses STATUS does not fail the others. One LIST where
/// lists_with_status(), else LIST and LSUB, then one burst of STATUS for what is still missing.
Task<Result<std::vector<sync::ListedMailbox>>> list_mailboxes(client::ImapClient& client, bool statuses, Wait wait);

}  // namespace postern::daemon
