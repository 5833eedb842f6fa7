#pragma once

#include <vector>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"

namespace postern::sync {

/// Submits those of `reports` that differ from what is held; reports of UIDs that are not in `held` are left out.
Task<Result<void>> submit_flag_changes(Context& context, CommitPipe& pipe, MailboxId mailbox, UidValidity uidvalidity,
                                       UidSet held, std::vector<FlagReport> reports);

}  // namespace postern::sync
