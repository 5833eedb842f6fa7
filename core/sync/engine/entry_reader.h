#pragma once

#include <vector>

#include "core/sync/ports.h"

namespace postern::sync {

/// The entries of `uids`, ascending, vanished ones included; what is not held is left out. Each read is a trip to the
/// vault, so entries between that nobody wants are read along where they are few; where they are many, each read is
/// short and the next begins at the next UID wanted.
Task<Result<std::vector<Entry>>> entries_of(Vault& vault, MailboxId mailbox, UidValidity uidvalidity, UidSet uids);

}  // namespace postern::sync
