#pragma once

#include <vector>

#include "core/sync/engine/target_work.h"
#include "core/sync/planner/mailbox_map.h"

namespace postern::sync {

/// Gives target mailboxes the names that their source mailboxes have by now, as `facts.listed` and the records tell.
/// Each RENAME is in the records of all mailboxes that it takes along before it is sent. What cannot be renamed stays
/// under its old name and is reported; mail goes on arriving there. Afterwards `facts` has the listing and the records
/// as they are.
Task<Result<void>> carry_renames(Context& context, Target& target, TargetWork& work, MapFacts& facts);

}  // namespace postern::sync
