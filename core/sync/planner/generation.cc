#include "core/sync/planner/generation.h"

#include "core/sync/planner/went_back.h"

namespace postern::sync {

Generation compare_generation(const GenerationFacts& facts) {
  if (facts.stated.value() == 0) return Generation::hold_unstated;
  if (facts.uid_not_sticky) return Generation::hold_not_sticky;
  if (facts.held.value() == 0) return Generation::first;
  if (facts.stated < facts.held) return Generation::hold_smaller;
  if (facts.stated > facts.held) return Generation::changed;
  if (facts.held_uidnext == kUidnextToCompare) return Generation::reverted;
  if (facts.stated_uidnext != 0 && facts.stated_uidnext < facts.held_uidnext) return Generation::reverted;
  // RFC 7162 §3.1.2.1: it never goes down. UIDNEXT need not show it, where no mail came since the backup, or as much.
  if (facts.stated_modseq.value() != 0 && facts.stated_modseq < facts.held_modseq) return Generation::reverted;
  return Generation::same;
}

std::optional<WallTime> restless_until(const std::vector<WallTime>& changes, WallTime now) {
  if (changes.size() < 2) return std::nullopt;
  const WallTime until = changes[changes.size() - 2] + kGenerationWindow;
  return until > now ? std::optional(until) : std::nullopt;
}

const char* hold_reason(Generation generation) {
  switch (generation) {
    case Generation::same:
    case Generation::first:
    case Generation::changed:
    case Generation::reverted:
      return "";
    case Generation::hold_unstated:
      return "the server states no UIDVALIDITY, so UIDs do not name messages";
    case Generation::hold_smaller:
      return "UIDVALIDITY went back: another server answers, or it was restored from a backup";
    case Generation::hold_not_sticky:
      return "UIDNOTSTICKY: the server gives messages new UIDs in every session";
    case Generation::hold_restless:
      return "UIDVALIDITY changed a third time within 24 hours: the server cannot keep its UIDs";
  }
  return "";
}

}  // namespace postern::sync
