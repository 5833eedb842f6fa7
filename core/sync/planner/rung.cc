#include "core/sync/planner/rung.h"

namespace postern::sync {

std::string_view to_string(Rung rung) {
  switch (rung) {
    case Rung::qresync:
      return "qresync";
    case Rung::condstore:
      return "condstore";
    case Rung::uidnext:
      return "uidnext";
    case Rung::enumerate:
      return "enumerate";
  }
  return "";
}

bool only_arrivals(const SourceCursor& cursor, const MailboxStatus& stated) {
  if (cursor.uidnext == 0 || stated.uidnext < cursor.uidnext) return false;
  return stated.messages == std::uint64_t{cursor.messages} + (stated.uidnext - cursor.uidnext);
}

bool sweeps_flags(const RungFacts& facts) {
  const bool by_the_clock =
      facts.cursor && facts.cursor->highestmodseq.value() == 0 && facts.stated.highestmodseq.value() == 0;
  return !by_the_clock || facts.sweep_due;
}

Rung choose_rung(const RungFacts& facts) {
  if (!facts.cursor) return Rung::enumerate;
  const SourceCursor& cursor = *facts.cursor;
  if (!sweeps_flags(facts)) return only_arrivals(cursor, facts.stated) ? Rung::uidnext : Rung::enumerate;
  if (cursor.highestmodseq.value() == 0 || facts.stated.highestmodseq < cursor.highestmodseq) return Rung::enumerate;
  if (facts.has_changes) return Rung::qresync;
  return facts.condstore ? Rung::condstore : Rung::enumerate;
}

}  // namespace postern::sync
