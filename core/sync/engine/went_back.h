#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Whether the opened mailbox is in an earlier state than it was when `known` was written.
bool went_back(const TargetMailbox& mailbox, const TargetMailboxRecord& known);

/// Writes down, for all whose records name the mailbox, that it has to be compared before anything bound there is
/// believed.
Task<Result<void>> note_went_back(TargetMailbox& mailbox);

/// Why nothing is done with a mailbox of which that was noted.
Error compared_first(const MailboxName& name);

/// For a mailbox that went back: undoes the bindings to what is not there any more, or is another message now, durably,
/// and takes back of all others that they were read back. Needs a first contact behind it, which note_went_back(),
/// called here, has made durable before.
Task<Result<void>> compare_bound(TargetMailbox& mailbox);

}  // namespace postern::sync
