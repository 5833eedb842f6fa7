#include "core/sync/planner/cursor.h"

#include <algorithm>

#include "core/sync/planner/went_back.h"

namespace postern::sync {

SourceCursor cursor_after(const MailboxRecord& record, const MailboxStatus& opened, const MailboxStatus& listed,
                          bool swept, WallTime now) {
  SourceCursor cursor;
  cursor.uidvalidity = record.uidvalidity;
  // An older statement in place of a missing one is safe: at worst the mailbox is looked at once more.
  cursor.uidnext = std::min(opened.uidnext != 0 ? opened.uidnext : listed.uidnext, kUidnextToCompare - 1);
  cursor.messages = opened.messages.value_or(0);
  cursor.highestmodseq = opened.highestmodseq;
  if (record.cursor) cursor.flags_swept = record.cursor->flags_swept;
  if (swept && cursor.highestmodseq.value() == 0) cursor.flags_swept = now;
  return cursor;
}

}  // namespace postern::sync
