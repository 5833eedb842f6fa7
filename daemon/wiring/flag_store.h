#pragma once

#include <optional>

#include "core/client/imap_client.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// UID STORE +FLAGS.SILENT and -FLAGS.SILENT of `delta` over `uids` in the opened mailbox, in lines of bearable length.
/// With `unchanged_since`, and CONDSTORE, messages that changed after it are left alone and named (RFC 7162 §3.1.3):
/// the flags to take away are then asked for under the mod-sequences that setting the others has made.
Task<Result<sync::StoreOutcome>> store_flags(client::ImapClient& client, UidSet uids, FlagDelta delta,
                                             std::optional<ModSeq> unchanged_since, Wait wait);

}  // namespace postern::daemon
