#include "core/sync/planner/listing.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

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

class Lister {
 public:
  Lister(const std::vector<MailboxRecord>& held, const std::vector<ListedMailbox>& listed) : held_(held) {
    for (const ListedMailbox& one : listed) {
      if (names_.emplace(one.name.wire(), &one).second) listed_.push_back(&one);
    }
    for (const ListedMailbox* one : listed_) {
      if (const std::string_view id = stated_id(*one); !id.empty()) ++times_listed_[id];
    }
    for (const MailboxRecord& record : held_) {
      by_name_[record.name.wire()].push_back(&record);
      if (!record.mailbox_id.empty()) by_id_[record.mailbox_id].push_back(&record);
    }
  }

  ListingPlan plan() {
    for (const ListedMailbox* one : listed_) {
      if (const MailboxRecord* record = renamed_to(*one)) claim(*one, *record);
    }
    for (const ListedMailbox* one : listed_) {
      if (claims_.contains(one)) continue;
      if (const MailboxRecord* record = named(*one)) claim(*one, *record);
    }
    ListingPlan plan;
    for (const bool renames : {true, false}) {
      for (const ListedMailbox* one : listed_) {
        const auto claimed = claims_.find(one);
        const MailboxRecord* record = claimed == claims_.end() ? nullptr : claimed->second;
        if ((record != nullptr && record->name != one->name) == renames) put(plan, *one, record);
      }
    }
    for (const MailboxRecord& record : held_) {
      if (!record.present || claimed_.contains(&record)) continue;
      plan.put.push_back(record);
      plan.put.back().present = false;
    }
    return plan;
  }

 private:
  static std::string_view stated_id(const ListedMailbox& one) {
    return one.status ? std::string_view(one.status->mailbox_id) : std::string_view();
  }
  /// Empty where it is not stated, or not believed.
  std::string_view id_of(const ListedMailbox& one) const {
    const std::string_view id = stated_id(one);
    return id.empty() || times_listed_.at(id) > 1 ? std::string_view() : id;
  }

  /// The one mailbox that had that MAILBOXID; of several the one that is still present.
  const MailboxRecord* with_id(std::string_view id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    if (found->second.size() == 1) return found->second.front();
    const MailboxRecord* present = nullptr;
    for (const MailboxRecord* record : found->second) {
      if (!record->present) continue;
      if (present != nullptr) return nullptr;
      present = record;
    }
    return present;
  }

  const MailboxRecord* renamed_to(const ListedMailbox& one) const {
    const std::string_view id = id_of(one);
    if (id.empty() || one.name.is_inbox()) return nullptr;
    const MailboxRecord* record = with_id(id);
    if (record == nullptr || record->name == one.name || record->name.is_inbox()) return nullptr;
    const auto old_name = names_.find(record->name.wire());
    if (old_name != names_.end() && id_of(*old_name->second).empty()) return nullptr;  // it may still be there
    return record;
  }

  /// The mailbox that has the name, if it was not renamed: of several the present one, then the latest.
  const MailboxRecord* named(const ListedMailbox& one) const {
    const MailboxRecord* best = nullptr;
    const auto found = by_name_.find(one.name.wire());
    if (found == by_name_.end()) return nullptr;
    for (const MailboxRecord* record : found->second) {
      if (claimed_.contains(record)) continue;
      if (best == nullptr || std::pair(record->present, record->id) > std::pair(best->present, best->id)) best = record;
    }
    return best;
  }

  void claim(const ListedMailbox& one, const MailboxRecord& record) {
    claims_.emplace(&one, &record);
    claimed_.insert(&record);
  }

  void put(ListingPlan& plan, const ListedMailbox& one, const MailboxRecord* held) const {
    MailboxRecord record = held != nullptr ? *held : MailboxRecord{};
    const bool subscribed = one.subscription_stated ? one.subscribed : record.subscribed;
    const std::string_view id = id_of(one);
    const bool same = held != nullptr && held->present && held->name == one.name &&
                      held->selectable == one.selectable && held->subscribed == subscribed &&
                      (id.empty() || id == held->mailbox_id) && lasting(held->attributes) == lasting(one.attributes);
    if (same) return;
    record.name = one.name;
    record.mailbox_id = id;
    record.attributes = one.attributes;
    record.selectable = one.selectable;
    record.subscribed = subscribed;
    record.present = true;
    plan.put.push_back(std::move(record));
  }

  const std::vector<MailboxRecord>& held_;
  std::vector<const ListedMailbox*> listed_;  // each name once
  std::map<std::string_view, const ListedMailbox*> names_;
  std::map<std::string_view, int> times_listed_;
  std::map<std::string_view, std::vector<const MailboxRecord*>> by_id_, by_name_;
  std::map<const ListedMailbox*, const MailboxRecord*> claims_;
  std::set<const MailboxRecord*> claimed_;
};

}  // namespace

ListingPlan plan_listing(const std::vector<MailboxRecord>& held, const std::vector<ListedMailbox>& listed) {
  return listed.empty() ? ListingPlan{} : Lister(held, listed).plan();
}

void carry_out(std::vector<MailboxRecord>& held, std::vector<MailboxRecord> put) {
  std::map<MailboxId, std::size_t> places;
  for (std::size_t i = 0; i < held.size(); ++i) places.emplace(held[i].id, i);
  for (MailboxRecord& record : put) {
    const auto [place, is_new] = places.emplace(record.id, held.size());
    if (is_new) {
      held.push_back(std::move(record));
    } else {
      held[place->second] = std::move(record);
    }
  }
}

PresentMailboxes::PresentMailboxes(const std::vector<MailboxRecord>& held) {
  for (const MailboxRecord& record : held) {
    if (record.present) by_name_.emplace(record.name.wire(), &record);
  }
}

const MailboxRecord* PresentMailboxes::find(const MailboxName& name) const {
  const auto found = by_name_.find(name.wire());
  return found == by_name_.end() ? nullptr : found->second;
}

}  // namespace postern::sync
