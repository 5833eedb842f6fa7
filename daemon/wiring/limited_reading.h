#pragma once

#include <optional>
#include <vector>

#include "core/client/imap_client.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// Every UID of the opened mailbox: one UID SEARCH; under MESSAGELIMIT (RFC 9738) as many as it takes, in pages of the
/// limit where PARTIAL (RFC 9394) is offered. Each page begins behind the last UID of the one before, not at a place in
/// the result: what another client expunges in between moves nothing past us.
Task<Result<UidSet>> search_all(client::ImapClient& client, Wait wait);

/// The flags of `uids` in the opened mailbox; with `since`, and CONDSTORE, of those alone that changed after it.
/// Likewise.
Task<Result<std::vector<sync::FlagReport>>> read_flags(client::ImapClient& client, UidSet uids,
                                                       std::optional<ModSeq> since, Wait wait);

/// From how many messages on an opened mailbox may be the newest part of a larger one: a server with a MESSAGELIMIT may
/// show no more to a client that has not enabled UIDONLY (Yahoo does). None when everything is in view.
std::optional<std::uint32_t> view_limit(const client::ImapClient& client);

}  // namespace postern::daemon
