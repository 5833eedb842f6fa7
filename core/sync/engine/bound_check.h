#pragma once

#include <vector>

#include "core/sync/engine/clearing_work.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// What stands at this moment under the UIDs of bound messages that are about to be removed from their mailbox.
struct BoundCheck {
  /// Another's message is under one of them: that is noted, and nothing there is to be touched.
  bool went_back = false;
  /// Target UIDs: header as it was, date and octets not, or as another's where a comparison in this pass left it so.
  /// They may be altered, or another draft: to stay.
  UidSet doubtful;
};

/// One FETCH of headers and INTERNALDATEs of `messages`, which are bound to the opened mailbox, and the octets of those
/// that they leave open.
Task<Result<BoundCheck>> check_bound(TargetMailbox& mailbox, std::vector<BoundMessage> messages);

/// Of `doubtful` messages that were to be removed.
void report_doubtful(Context& context, const MailboxName& name, std::uint64_t doubtful);

}  // namespace postern::sync
