#include "core/sync/planner/flag_look.h"

namespace postern::sync {

FlagLook flag_look(const std::optional<FlagCursor>& read, ModSeq stated, WallTime now,
                   std::chrono::seconds flag_sweep) {
  if (!read) return FlagLook::all;
  if (stated.value() == 0) {
    // A clock that went back must not silence the sweep for years.
    const bool due = now < read->swept || now - read->swept >= flag_sweep;
    return due ? FlagLook::all : FlagLook::none;
  }
  if (read->highestmodseq.value() == 0 || stated < read->highestmodseq) return FlagLook::all;
  return stated == read->highestmodseq ? FlagLook::none : FlagLook::changed;
}

}  // namespace postern::sync
