#include "core/sync/planner/history_fold.h"

#include <algorithm>

namespace postern::sync {

void HistoryFold::add(const HistoryRecord& row) {
  end_ = std::max(end_, row.seq);
  MailboxWork& work = work_[row.place.mailbox];
  if (row.place.uidvalidity.value() != 0 && row.place.uidvalidity != work.uidvalidity) {
    if (row.kind != HistoryRecord::Kind::new_generation && work.new_generation) return;  // a row of an older generation
    work.uidvalidity = row.place.uidvalidity;
    work.touched = work.appeared = work.vanished = work.returned = UidSet();
  }
  switch (row.kind) {
    case HistoryRecord::Kind::appended:
      if (work.vanished.contains(row.place.uid)) work.returned.add(row.place.uid);
      work.appeared.add(row.place.uid);
      [[fallthrough]];
    case HistoryRecord::Kind::flags_changed:
      work.touched.add(row.place.uid);
      work.vanished.remove(row.place.uid);
      break;
    case HistoryRecord::Kind::vanished:
      work.vanished.add(row.place.uid);
      work.touched.remove(row.place.uid);
      work.appeared.remove(row.place.uid);
      work.returned.remove(row.place.uid);
      break;
    case HistoryRecord::Kind::new_generation:
      work.new_generation = true;
      break;
    case HistoryRecord::Kind::mailbox_created:
      work.gone = false;
      work.created = true;
      break;
    case HistoryRecord::Kind::mailbox_deleted:
      work.gone = true;
      break;
    case HistoryRecord::Kind::mailbox_renamed:
      break;
  }
}

}  // namespace postern::sync
