#pragma once

#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/rebind.h"

namespace postern::sync {

/// First contact with a target mailbox that already holds messages: binds those that surely are the source's, so that a
/// target filled by another tool, or followed by a vault that was lost, is not doubled. Gives the source UIDs that are
/// not to be appended: a message of the target that cannot be read may be one of them. A person was told.
/// `stores`: what was being stored when the target mailbox was made anew.
Task<Result<UidSet>> adopt(TargetMailbox& mailbox, std::vector<StoreIntent> stores);

/// After a change of UIDVALIDITY at the source: what hands bindings of older generations to their successors. A server
/// that was restored from a backup has one, and the flags of then: what a mass lost with it is reported, and agreed on
/// no more, so that the target keeps it.
Task<Result<Rebinding>> plan_rebinding(TargetMailbox& mailbox);

}  // namespace postern::sync
