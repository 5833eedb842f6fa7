#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// First contact with a target mailbox that already holds messages: binds those that surely are the source's, so that a
/// target filled by another tool, or followed by a vault that was lost, is not doubled. Gives the source UIDs that are
/// not to be appended: a message of the target that cannot be read may be one of them. A person was told.
/// `stores`: what was being stored when the target mailbox was made anew.
Task<Result<UidSet>> adopt(TargetMailbox& mailbox, std::vector<StoreIntent> stores);

/// After a change of UIDVALIDITY at the source: hands bindings of older generations to their successors.
Task<Result<void>> rebind_generations(TargetMailbox& mailbox);

}  // namespace postern::sync
