#include "core/sync/planner/flag_look.h"

namespace postern::sync {

bool went_back(const std::optional<FlagCursor>& read, const FlagState& stated) {
  if (!read) return false;
  const bool modseq = stated.highestmodseq.value() != 0 && stated.highestmodseq < read->highestmodseq;
  return modseq || (stated.uidnext != 0 && stated.uidnext < read->uidnext);
}

FlagLook flag_look(const std::optional<FlagCursor>& read, const FlagState& stated, WallTime now,
                   std::chrono::seconds flag_sweep) {
  if (!read || went_back(read, stated)) return FlagLook::all;
  if (stated.highestmodseq.value() == 0) {
    // A clock that went back must not silence the sweep for years.
    const bool due = now < read->swept || now - read->swept >= flag_sweep;
    return due ? FlagLook::all : FlagLook::none;
  }
  if (read->highestmodseq.value() == 0) return FlagLook::all;
  return stated.highestmodseq == read->highestmodseq ? FlagLook::none : FlagLook::changed;
}

}  // namespace postern::sync
