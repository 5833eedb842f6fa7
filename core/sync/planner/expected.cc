#include "core/sync/planner/expected.h"

#include <algorithm>

namespace postern::sync {

std::uint64_t expected_messages(const MailboxRecord& mailbox, const MailboxStatus& stated) {
  const std::uint64_t all = stated.messages.value_or(0);
  if (!mailbox.cursor || mailbox.cursor->uidvalidity != stated.uidvalidity || mailbox.cursor->uidnext == 0) return all;
  const std::uint32_t before = mailbox.cursor->uidnext;
  return stated.uidnext > before ? std::min<std::uint64_t>(stated.uidnext - before, all) : 0;
}

}  // namespace postern::sync
