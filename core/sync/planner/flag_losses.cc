#include "core/sync/planner/flag_losses.h"

#include "core/base/bytes.h"

namespace postern::sync {

void FlagLosses::add(Uid uid, const FlagSet& lost) {
  for (const std::string& flag : lost) lost_[ascii_lower(flag)].add(uid);
}

std::map<std::string, UidSet> FlagLosses::in_a_mass(std::uint64_t of, const GuardLimits& limits) const {
  std::map<std::string, UidSet> mass;
  for (const auto& [flag, uids] : lost_) {
    if (is_mass(uids.size(), of, limits)) mass.emplace(flag, uids);
  }
  return mass;
}

}  // namespace postern::sync
