#include "core/sync/planner/rebind.h"

#include <algorithm>
#include <deque>
#include <map>

namespace postern::sync {

Rebinding rebind(const std::vector<Entry>& fresh, const std::vector<OldBinding>& old) {
  std::map<Digest, std::deque<const OldBinding*>> by_content;
  for (const OldBinding& one : old) by_content[one.digest].push_back(&one);
  Rebinding result;
  for (const Entry& entry : fresh) {
    const auto found = by_content.find(entry.digest);
    if (found == by_content.end() || found->second.empty()) continue;
    const OldBinding& heir = *found->second.front();
    found->second.pop_front();
    Binding binding = heir.binding;
    binding.place = entry.place;
    if (heir.vanished) binding.verified = WallTime();  // the source was restored: it waits for its grace anew
    // Its deletion was cut off where it is there still under our own mark: that one is not the target's.
    binding.leaving = binding.leaving && !heir.vanished && entry.flags.contains("\\Deleted");
    result.lost.add(entry.place.uid, heir.binding.agreed.intersected(heir.flags.delta_to(entry.flags).remove));
    result.bind.push_back(std::move(binding));
    result.unbind.push_back(heir.binding.place);
  }
  result.leaves_lost = std::any_of(by_content.begin(), by_content.end(), [](const auto& one) {
    return std::any_of(one.second.begin(), one.second.end(), [](const OldBinding* left) {
      return left->binding.leaving && left->binding.target_uidvalidity == kNowhere;
    });
  });
  return result;
}

}  // namespace postern::sync
