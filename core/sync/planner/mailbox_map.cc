#include "core/sync/planner/mailbox_map.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/sync/planner/sharing.h"
#include "core/sync/planner/special_use_names.h"

namespace postern::sync {
namespace {

class Mapper {
 public:
  explicit Mapper(const MapFacts& facts) : facts_(facts), inbox_namespace_(has_inbox_namespace(facts.source_tree)) {
    for (std::size_t i = 0; i < facts.listed.size(); ++i) {
      const ListedMailbox& one = facts.listed[i];
      if (!one.selectable) continue;
      exists_.insert(one.name.wire());
      target_uses_.add(i, one.attributes, personal_path(one.name, facts.tree));
    }
    for (const TargetMailboxRecord& record : facts.recorded) {
      if (facts.left_over.contains(record.source)) continue;
      places_.emplace(record.source, target_place(record));
      holders_[target_place(record)].push_back(&record);
    }
    for (const MailboxRecord& source : facts.sources) sources_.push_back(&source);
    std::sort(sources_.begin(), sources_.end(), [](auto* a, auto* b) { return a->id < b->id; });
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const auto own = own_name(*sources_[i]);
      if (own) own_names_.insert(own->wire());
      if (!sources_[i]->present || facts.ruled.contains(sources_[i]->id)) continue;
      source_uses_.add(i, sources_[i]->attributes, source_path(sources_[i]->name, inbox_namespace_));
    }
  }

  MailboxMap map() {
    for (const bool present : {true, false}) {  // what is gone at the source yields
      for (const TargetMailboxRecord& record : facts_.recorded) {
        const MailboxRecord* one = wanted(record.source);
        if (one != nullptr && one->present == present) place(record.source, record.name, true);
      }
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const MailboxRecord& source = *sources_[i];
      if (result_.mailboxes.contains(source.id) || lost_its_name(source)) continue;
      auto name = choose(i);
      if (name && facts_.merging.contains(source.id)) {
        name = as_the_others_have_it(source, *name);
      } else if (name && given_up(*name)) {
        name = another_name(source);
      }
      if (name) {
        place(source.id, *name, false);
      } else {
        result_.unnamed.push_back({source.id, name.error()});
      }
    }
    add_strict_names();
    return std::move(result_);
  }

  std::map<MailboxId, MailboxName> renamed() const {
    std::set<std::string> special;
    for (const ListedMailbox& one : facts_.listed) {
      const auto& stated = one.attributes;
      if (std::any_of(stated.begin(), stated.end(), use_by_attribute)) special.insert(one.name.wire());
    }
    std::map<MailboxId, MailboxName> names;
    for (const auto& [place, holders] : holders_) {
      const auto back = way_back(holders);
      for (const TargetMailboxRecord* record : holders) {
        const MailboxRecord* one = wanted(record->source);
        if (one == nullptr || !one->present || record->source_name == one->name.display()) continue;
        const bool shared = holders.size() > 1 || facts_.merging.contains(record->source);
        const bool stays =
            record->source_name.empty() || record->name.is_inbox() || special.contains(record->name.wire());
        names.emplace(record->source, stays    ? record->name
                                      : shared ? back.value_or(record->name)
                                               : new_name(*one, *record));
      }
    }
    return names;
  }

 private:
  void add_strict_names() {
    for (const MailboxRecord* source : sources_) {
      const auto placed = result_.mailboxes.find(source->id);
      if (placed == result_.mailboxes.end() || placed->second.recorded || placed->second.exists) continue;
      const auto levels = path(*source);
      if (!levels) continue;
      placed->second.blanks_at_risk = blanks_at_risk(*levels);
      const auto strict = target_name(*levels, facts_.tree, Escaping::strict);
      if (!strict) continue;
      const auto [taken, fresh] = taken_.emplace(strict->wire(), source->id);
      const auto other = taken->second == source->id ? result_.mailboxes.end() : result_.mailboxes.find(taken->second);
      const bool shared = other != result_.mailboxes.end() && other->second.name == placed->second.name;
      if (fresh || shared) placed->second.strict_name = *strict;
    }
  }

  /// Null: it is not to be replayed.
  const MailboxRecord* wanted(MailboxId id) const {
    const auto found =
        std::lower_bound(sources_.begin(), sources_.end(), id, [](auto* a, auto b) { return a->id < b; });
    return found != sources_.end() && (*found)->id == id ? *found : nullptr;
  }

  /// In levels, as the configuration has it, else as the source does.
  Result<std::vector<std::string>> path(const MailboxRecord& source) const {
    const auto ruled = facts_.ruled.find(source.id);
    if (ruled == facts_.ruled.end()) return source_path(source.name, inbox_namespace_);
    const auto name = MailboxName::from_utf8(ruled->second, source.name.delimiter());
    if (!name) return fail(Error(name.error()).at("mailbox_map"));
    return source_path(*name, inbox_namespace_);
  }

  Result<MailboxName> own_name(const MailboxRecord& source) const {
    const auto levels = path(source);
    if (!levels) return fail(levels.error());
    return target_name(*levels, facts_.tree, Escaping::least);
  }

  Result<MailboxName> choose(std::size_t index) const {
    const MailboxRecord& source = *sources_[index];
    const auto own = own_name(source);
    if (!own || own->is_inbox() || exists_.contains(own->wire()) || facts_.ruled.contains(source.id)) return own;
    for (std::size_t use = 0; use < kSpecialUses; ++use) {
      if (source_uses_.holder(static_cast<SpecialUse>(use)) != index) continue;
      const auto there = target_uses_.holder(static_cast<SpecialUse>(use));
      if (!there) continue;
      const MailboxName& match = facts_.listed[*there].name;
      if (!match.is_inbox() && !own_names_.contains(match.wire()) && !taken_.contains(match.wire())) return match;
    }
    return own;
  }

  /// The target took the name in its strict spelling alone when the others came.
  MailboxName as_the_others_have_it(const MailboxRecord& source, const MailboxName& name) const {
    const auto levels = path(source);
    if (!levels || exists_.contains(name.wire())) return name;
    const auto strict = target_name(*levels, facts_.tree, Escaping::strict);
    if (!strict) return name;
    const auto there = holders_.lower_bound({strict->wire(), UidValidity()});
    return there != holders_.end() && there->first.first == strict->wire() ? *strict : name;
  }

  /// Of a mailbox that was renamed at the source; the old one where none is possible.
  MailboxName new_name(const MailboxRecord& source, const TargetMailboxRecord& record) const {
    const auto ruled = facts_.ruled.find(source.id);
    const auto before = facts_.ruled_before.find(source.id);
    const bool same =
        ruled != facts_.ruled.end() && before != facts_.ruled_before.end() && ruled->second == before->second;
    const auto levels = path(source);
    if (same || !levels) return record.name;
    const auto own = target_name(*levels, facts_.tree, Escaping::least);
    const auto strict = target_name(*levels, facts_.tree, Escaping::strict);
    return !own || own->is_inbox() || (strict && *strict == record.name) ? record.name : *own;
  }

  /// Of a shared mailbox that went along with one above it in a pass which ended before it was renamed back: all of its
  /// records say so, and agree on where it belongs.
  std::optional<MailboxName> way_back(const std::vector<const TargetMailboxRecord*>& holders) const {
    std::optional<MailboxName> name;
    for (const TargetMailboxRecord* record : holders) {
      const MailboxRecord* one = wanted(record->source);
      if (one == nullptr || !one->present) continue;
      if (record->source_name != record->name.display()) return std::nullopt;
      MailboxName own = new_name(*one, *record);
      if (name && *name != own) return std::nullopt;
      name = std::move(own);
    }
    return name;
  }

  /// Whether the name is kept by a source mailbox that is called otherwise by now.
  bool given_up(const MailboxName& name) const {
    const auto taken = taken_.find(name.wire());
    if (taken == taken_.end() || name.is_inbox()) return false;
    const auto holder = std::find_if(facts_.sources.begin(), facts_.sources.end(),
                                     [&](const MailboxRecord& one) { return one.id == taken->second; });
    if (holder == facts_.sources.end() || !result_.mailboxes.at(holder->id).recorded) return false;
    const auto own = own_name(*holder);
    return own && *own != name;
  }

  /// "Name (2)", or the first number that nobody has.
  Result<MailboxName> another_name(const MailboxRecord& source) const {
    constexpr int kMost = 100;
    auto levels = path(source);
    if (!levels) return fail(levels.error());
    const std::string last = levels->back();
    for (int number = 2; number < kMost; ++number) {
      levels->back() = last + " (" + std::to_string(number) + ")";
      auto name = target_name(*levels, facts_.tree, Escaping::least);
      if (!name ||
          (!taken_.contains(name->wire()) && !exists_.contains(name->wire()) && !own_names_.contains(name->wire()))) {
        return name;
      }
    }
    return own_name(source);
  }

  void place(MailboxId id, const MailboxName& name, bool recorded) {
    const auto [taken, fresh] = taken_.emplace(name.wire(), id);
    const bool asked_for = facts_.merging.contains(id);
    if (!fresh && !asked_for && !only_merging_.contains(name.wire()) && !share_already(id, taken->second)) {
      result_.collisions.push_back({id, taken->second, name});
      return;
    }
    if (!asked_for) {
      only_merging_.erase(name.wire());
    } else if (fresh) {
      only_merging_.insert(name.wire());
    }
    result_.mailboxes.emplace(
        id, MappedMailbox{.name = name, .exists = exists_.contains(name.wire()), .recorded = recorded});
  }

  /// Gone, and its target mailbox is another one's: what it left behind there is nowhere else.
  bool lost_its_name(const MailboxRecord& source) const {
    return !source.present && std::any_of(result_.collisions.begin(), result_.collisions.end(),
                                          [&](const auto& one) { return one.mailbox == source.id; });
  }

  bool share_already(MailboxId one, MailboxId other) const {
    const auto place = places_.find(one), others = places_.find(other);
    return place != places_.end() && others != places_.end() && place->second == others->second;
  }

  const MapFacts& facts_;
  bool inbox_namespace_;
  std::map<MailboxId, TargetPlace> places_;  // of the recorded ones
  std::map<TargetPlace, std::vector<const TargetMailboxRecord*>> holders_;
  std::vector<const MailboxRecord*> sources_;  // ascending by id
  std::set<std::string> exists_;
  std::set<std::string> own_names_;
  SpecialUses source_uses_, target_uses_;  // by place in sources_, in facts_.listed
  std::map<std::string, MailboxId> taken_;
  std::set<std::string> only_merging_;  // of these names: all their holders may share
  MailboxMap result_;
};

}  // namespace

MailboxMap map_mailboxes(const MapFacts& facts) { return Mapper(facts).map(); }

std::map<MailboxId, MailboxName> renamed_names(const MapFacts& facts) { return Mapper(facts).renamed(); }

}  // namespace postern::sync
