#pragma once

#include <vector>

#include "core/sync/engine/context.h"

namespace postern::sync {

/// What `delete_source` has to do with one mailbox of the source. UIDs are the source's.
struct ClearingWork {
  MailboxRecord source;
  TargetMailboxRecord target;
  UidSet unread;   // not read back yet
  UidSet altered;  // read back, and others
  UidSet due;
  UidSet not_handed_out;  // on the target: to be read back, or looked at, and not shown
};

struct BoundMessage {
  Entry entry;
  Binding binding;
};

constexpr std::size_t kClearingPart = 500;  // messages read back, or deleted, between two durable steps

/// Files a message of `work` under what may be done with it now.
void judge(const Context& context, ClearingWork& work, const Binding& binding);

/// Messages of `entered` that Postern had deleted at the source are there again: they are read back again before they
/// are deleted again, with rows of their own, and that a person deletes them counts.
Task<Result<void>> forget_clearings(Context& context, TargetId target, const MailboxRecord& source, UidSet entered);

/// What of `uids` is an entry, not vanished, and bound in the target mailbox as it is followed.
Task<Result<std::vector<BoundMessage>>> bound_messages(Context& context, TargetId target, const ClearingWork& work,
                                                       UidSet uids);

}  // namespace postern::sync
