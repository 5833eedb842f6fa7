#pragma once

#include <vector>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"

namespace postern::sync {

/// UIDs that vanished and are fetched once more. A UID never stands for another message (RFC 9051 §2.3.1.1); where one
/// does, the newer message takes the entry, whose binding ends with it (Vault::commit), so that the newer is sent too;
/// the older stays in the history, and the report says so.
class Returning {
 public:
  Returning(Context& context, CommitPipe& pipe, const MailboxRecord& mailbox)
      : context_(context), pipe_(pipe), mailbox_(mailbox) {}

  /// Remembers what is held of `fetch`, before it is fetched. One read where all of it is new.
  Task<Result<void>> load(UidSet fetch);
  /// Waits until what was fetched is durable and compares.
  Task<Result<void>> compare();

 private:
  Task<Result<void>> clear_quarantine(UidSet uids);

  Context& context_;
  CommitPipe& pipe_;
  const MailboxRecord& mailbox_;
  std::vector<Entry> before_;
};

}  // namespace postern::sync
