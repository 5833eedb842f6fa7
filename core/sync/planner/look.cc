#include "core/sync/planner/look.h"

#include "core/sync/planner/went_back.h"

namespace postern::sync {

bool sweep_is_due(const SourceCursor& cursor, WallTime now, std::chrono::seconds flag_sweep) {
  // A clock that went back must not silence the sweep for years.
  return now < cursor.flags_swept || now - cursor.flags_swept >= flag_sweep;
}

bool needs_look(const std::optional<SourceCursor>& cursor, const MailboxStatus& stated, WallTime now,
                std::chrono::seconds flag_sweep) {
  if (!cursor || cursor->uidnext == kUidnextToCompare) return true;
  if (stated.uidnext == 0 || !stated.messages) return true;  // silence proves nothing
  if (stated.uidvalidity != cursor->uidvalidity || stated.uidnext != cursor->uidnext ||
      *stated.messages != cursor->messages || stated.highestmodseq != cursor->highestmodseq) {
    return true;
  }
  return stated.highestmodseq.value() == 0 && sweep_is_due(*cursor, now, flag_sweep);
}

}  // namespace postern::sync
