#include "core/sync/planner/listing.h"

#include <algorithm>
#include <map>

#include "core/base/bytes.h"

namespace postern::sync {
namespace {

bool is_passing(const std::string& attribute) {
  for (const char* passing : {"\\HasChildren", "\\HasNoChildren", "\\Marked", "\\Unmarked", "\\Subscribed"}) {
    if (ascii_iequals(attribute, passing)) return true;
  }
  return false;
}

std::vector<std::string> lasting(const std::vector<std::string>& attributes) {
  std::vector<std::string> result;
  for (const std::string& attribute : attributes) {
    if (!is_passing(attribute)) result.push_back(ascii_lower(attribute));
  }
  std::sort(result.begin(), result.end());
  return result;
}

bool says_the_same(const MailboxRecord& held, const ListedMailbox& listed) {
  return held.present && held.selectable == listed.selectable && held.subscribed == listed.subscribed &&
         lasting(held.attributes) == lasting(listed.attributes);
}

}  // namespace

ListingPlan plan_listing(const std::vector<MailboxRecord>& held, const std::vector<ListedMailbox>& listed) {
  ListingPlan plan;
  if (listed.empty()) return plan;
  std::map<std::string_view, const MailboxRecord*> by_name;
  for (const MailboxRecord& record : held) by_name.emplace(record.name.wire(), &record);
  std::map<std::string_view, const ListedMailbox*> seen;
  for (const ListedMailbox& one : listed) {
    if (!seen.emplace(one.name.wire(), &one).second) continue;
    const auto found = by_name.find(one.name.wire());
    if (found != by_name.end() && says_the_same(*found->second, one)) continue;
    MailboxRecord record = found != by_name.end() ? *found->second : MailboxRecord{};
    record.name = one.name;
    record.attributes = one.attributes;
    record.selectable = one.selectable;
    record.subscribed = one.subscribed;
    record.present = true;
    plan.put.push_back(std::move(record));
  }
  for (const MailboxRecord& record : held) {
    if (!record.present || seen.contains(record.name.wire())) continue;
    MailboxRecord gone = record;
    gone.present = false;
    plan.put.push_back(std::move(gone));
  }
  return plan;
}

}  // namespace postern::sync
