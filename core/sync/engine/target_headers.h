#pragma once

#include <vector>

#include "core/sync/engine/clearing_work.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Headers and INTERNALDATEs of messages of the opened mailbox. A set that the target refuses is halved down to the
/// messages that it does.
struct TargetHeaders {
  std::vector<TargetMessage> shown;
  UidSet refused;
};
Task<Result<TargetHeaders>> read_headers(TargetMailbox& mailbox, UidSet uids);

/// Whether a header and an INTERNALDATE that are not those of what is bound show another's message. Not where nothing
/// is as it was sent by either of them, neither of `ours`, bound to `uids` of which `shown` are there, nor of what was
/// bound first, which a backup is likely to have: such a target alters both of all that it stores.
Task<Result<bool>> tells_anothers(TargetMailbox& mailbox, const std::vector<Wanted>& ours, const std::vector<Uid>& uids,
                                  const std::vector<TargetMessage>& shown);

/// What the vault has of `messages`, in order, whose entries go.
Task<Result<std::vector<Wanted>>> identities_of(TargetMailbox& mailbox, std::vector<BoundMessage>& messages);

}  // namespace postern::sync
