#pragma once

#include <vector>

#include "core/mail/uid_set.h"
#include "core/protocol/imap/response_code.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// What a COPYUID says became of the messages of a command that named `asked`; nothing where it cannot be right: no
/// UIDVALIDITY, a message that was not asked for, a UID twice, on either side.
std::vector<sync::MoveOutcome::Moved> believable_copies(const imap::CopyUid& stated, const UidSet& asked);

}  // namespace postern::daemon
