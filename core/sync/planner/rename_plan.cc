#include "core/sync/planner/rename_plan.h"

#include <algorithm>
#include <tuple>

#include "core/sync/planner/sharing.h"

namespace postern::sync {
namespace {

class Planner {
 public:
  explicit Planner(const RenameFacts& facts) : facts_(facts) {
    for (const ListedMailbox& one : facts.listed) {
      listed_.insert(one.name.wire());
      if (one.selectable) occupied_.insert(one.name.wire());
    }
    for (const auto& [id, record] : facts.recorded) {
      // Of a mailbox that is gone on the target too only the record is left: it keeps no name from another.
      if (!listed_.contains(record.name.wire()) && !facts.wishes.contains(id)) continue;
      const auto [holder, fresh] = holders_.emplace(record.name.wire(), id);
      if (!fresh && !facts.wishes.contains(holder->second)) holder->second = id;
    }
  }

  RenamePlan plan() {
    RenamePlan plan;
    std::vector<MailboxId> waiting;
    std::set<std::pair<TargetPlace, std::string>> going;
    for (const MailboxId id : by_depth()) {
      const MailboxName &from = record(id).name, &to = facts_.wishes.at(id);
      if (facts_.given_up.contains(id)) continue;
      if (from == to || from.is_inbox() || to.is_inbox()) {
        plan.settled.push_back(id);
      } else if (!going.emplace(target_place(record(id)), to.wire()).second) {
        continue;  // goes along with another one, or waits with it
      } else if (const auto holder = holders_.find(to.wire()); holder != holders_.end() && waits_for(holder->second)) {
        waiting.push_back(id);
      } else if (holder != holders_.end() || (occupied_.contains(to.wire()) && listed_.contains(from.wire()))) {
        plan.taken.push_back(id);
      } else if (!listed_.contains(from.wire())) {
        plan.settled.push_back(id);
      } else if (!plan.next) {
        plan.next = step(id, to, false);
      }
    }
    if (plan.next || !plan.settled.empty()) return plan;  // what others wait for may be free then
    for (const MailboxId id : waiting) {
      if (!plan.next && in_ring(id)) {
        plan.next = step(id, free_name(facts_.wishes.at(id)), true);
      } else if (!plan.next) {
        plan.taken.push_back(id);
      }
    }
    return plan;
  }

 private:
  const TargetMailboxRecord& record(MailboxId id) const { return facts_.recorded.at(id); }

  /// By the levels of the new name, then of the old one: servers make the levels above a new name as they need them,
  /// and what lies below goes along.
  std::vector<MailboxId> by_depth() const {
    std::vector<std::tuple<std::size_t, std::size_t, MailboxId>> order;
    for (const auto& [id, to] : facts_.wishes) {
      if (!facts_.recorded.contains(id)) continue;
      order.emplace_back(to.components().size(), record(id).name.components().size(), id);
    }
    std::sort(order.begin(), order.end());
    std::vector<MailboxId> ids;
    for (const auto& one : order) ids.push_back(std::get<MailboxId>(one));
    return ids;
  }

  /// Whether the mailbox will give up its name.
  bool waits_for(MailboxId id) const {
    const auto wish = facts_.wishes.find(id);
    return wish != facts_.wishes.end() && !facts_.given_up.contains(id) && !(wish->second == record(id).name);
  }

  bool in_ring(MailboxId id) const {
    MailboxId at = id;
    for (std::size_t i = 0; i < facts_.wishes.size(); ++i) {
      const auto holder = holders_.find(facts_.wishes.at(at).wire());
      if (holder == holders_.end() || !waits_for(holder->second)) return false;
      at = holder->second;
      if (at == id) return true;
    }
    return false;
  }

  MailboxName free_name(const MailboxName& wish) const {
    for (int number = 2;; ++number) {
      const auto name = MailboxName::from_utf8(wish.display() + " (" + std::to_string(number) + ")", wish.delimiter());
      if (name && !listed_.contains(name->wire()) && !holders_.contains(name->wire())) return *name;
    }
  }

  RenameStep step(MailboxId id, const MailboxName& to, bool for_now) const {
    const MailboxName& from = record(id).name;
    RenameStep step{id, from, to, for_now, {{id, to}}};
    const TargetPlace place = target_place(record(id));
    const std::string below = from.wire() + facts_.delimiter;
    for (const auto& [other, kept] : facts_.recorded) {
      const bool goes_along = facts_.delimiter != '\0' && kept.name.wire().starts_with(below);
      if (other == id || (!goes_along && target_place(kept) != place)) continue;
      const std::string moved = to.wire() + kept.name.wire().substr(from.wire().size());
      step.moved.emplace_back(other, MailboxName::from_wire(moved, facts_.delimiter));
    }
    return step;
  }

  const RenameFacts& facts_;
  std::set<std::string> listed_, occupied_;
  std::map<std::string, MailboxId> holders_;  // by the names on the target
};

}  // namespace

RenamePlan plan_renames(const RenameFacts& facts) { return Planner(facts).plan(); }

std::vector<TargetMailboxRecord> settle_renames(const std::map<MailboxId, TargetMailboxRecord>& recorded,
                                                const std::vector<ListedMailbox>& listed) {
  std::set<std::string> names;
  for (const ListedMailbox& one : listed) {
    if (one.selectable) names.insert(one.name.wire());
  }
  std::vector<TargetMailboxRecord> changed;
  for (const auto& [id, record] : recorded) {
    if (record.renaming_to.wire().empty()) continue;
    TargetMailboxRecord now = record;
    if (!names.contains(record.name.wire()) && names.contains(record.renaming_to.wire())) now.name = record.renaming_to;
    now.renaming_to = {};
    changed.push_back(std::move(now));
  }
  return changed;
}

bool blurs(const RenameStep& step, const MailboxName& before, char delimiter) {
  const std::string &to = step.to.wire(), &old = before.wire();
  if (to == old) return true;
  return delimiter != '\0' && (to.starts_with(old + delimiter) || old.starts_with(to + delimiter));
}

std::vector<ListedMailbox> listed_after(const RenameStep& step, std::vector<ListedMailbox> listed, char delimiter) {
  for (ListedMailbox& one : listed) {
    const std::string& wire = one.name.wire();
    const bool below = delimiter != '\0' && wire.starts_with(step.from.wire() + delimiter);
    if (!below && !(one.name == step.from)) continue;
    one.name = MailboxName::from_wire(step.to.wire() + wire.substr(step.from.wire().size()), delimiter);
    one.subscribed = false;
  }
  return listed;
}

Subscription subscription(bool source, std::optional<bool> agreed, bool target) {
  if (agreed == source || source == target) return Subscription::leave;
  if (source) return Subscription::subscribe;
  return agreed ? Subscription::unsubscribe : Subscription::leave;
}

}  // namespace postern::sync
