#include "core/sync/planner/mailbox_diff.h"

#include <algorithm>

namespace postern::sync {

std::vector<FlagReport> changed_flags(std::vector<FlagReport> reports, const std::vector<Entry>& held) {
  std::stable_sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
  std::vector<FlagReport> changed;
  auto entry = held.begin();
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (i + 1 < reports.size() && reports[i + 1].uid == reports[i].uid) continue;
    while (entry != held.end() && entry->place.uid < reports[i].uid) ++entry;
    if (entry == held.end() || entry->place.uid != reports[i].uid || entry->vanished) continue;
    if (entry->flags == reports[i].flags) continue;
    changed.push_back(std::move(reports[i]));
  }
  return changed;
}

std::optional<UidPlan> plan_from_changes(const UidSet& held, const UidSet& aside, const UidSet& vanished,
                                         const UidSet& reported, std::uint32_t exists) {
  UidPlan plan;
  plan.vanished = held.intersected(vanished);
  const UidSet known = held.united(aside);
  plan.fetch = reported.without(known).without(vanished);
  if (known.without(vanished).size() + plan.fetch.size() != exists) return std::nullopt;
  return plan;
}

}  // namespace postern::sync
