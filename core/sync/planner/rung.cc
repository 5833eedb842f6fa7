#include "core/sync/planner/rung.h"

namespace postern::sync {

Rung choose_rung(const RungFacts& facts) {
  if (!facts.cursor || facts.cursor->highestmodseq.value() == 0) return Rung::enumerate;
  if (facts.stated_modseq < facts.cursor->highestmodseq) return Rung::enumerate;
  if (facts.has_changes) return Rung::qresync;
  return facts.condstore ? Rung::condstore : Rung::enumerate;
}

}  // namespace postern::sync
