#include "core/sync/planner/clearing.h"

namespace postern::sync {
namespace {

FlagSet lasting(FlagSet flags) {
  flags.erase("\\Recent");
  flags.erase("\\Deleted");
  return flags;
}

}  // namespace

Clearance clearance(const Binding& binding, UidValidity target, WallTime now, std::chrono::seconds grace) {
  if (binding.target_uidvalidity != target) return Clearance::elsewhere;
  if (binding.altered) return Clearance::altered;
  if (binding.verified == WallTime()) return Clearance::unverified;
  if (now < binding.verified || now - binding.verified < grace) return Clearance::too_early;
  return Clearance::cleared;
}

Listed compare(const Entry& entry, const Identity& held, const ListedMessage& listed) {
  const bool same_header = held == Identity() || listed.header == held.header;
  const bool same_date = listed.internaldate.unix_seconds == entry.internaldate.unix_seconds;
  const bool same_size = listed.stated_size == entry.size;
  if (!same_header && !(same_date && same_size)) return Listed::another_message;
  if (!same_header || !same_date) return Listed::unlike;
  if (!same_size) return Listed::another_size;
  if (lasting(listed.flags) != lasting(entry.flags)) return Listed::another_flags;
  return Listed::as_held;
}

}  // namespace postern::sync
