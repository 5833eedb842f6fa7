#include "core/sync/planner/mailbox_map.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "core/base/bytes.h"

namespace postern::sync {
namespace {

std::optional<std::string> special_use(const std::vector<std::string>& attributes) {
  for (const std::string& attribute : attributes) {
    for (const char* use : {"\\Sent", "\\Trash", "\\Drafts", "\\Junk", "\\Archive"}) {
      if (ascii_iequals(attribute, use)) return std::string(use);
    }
  }
  return std::nullopt;
}

class Mapper {
 public:
  explicit Mapper(const MapFacts& facts) : facts_(facts), inbox_namespace_(has_inbox_namespace(facts.source_tree)) {
    for (const ListedMailbox& one : facts.listed) {
      if (one.selectable) exists_.insert(one.name.wire());
      const auto use = special_use(one.attributes);
      if (use && one.selectable) by_use_.emplace(*use, one.name);
    }
    for (const MailboxRecord& source : facts.sources) {
      const auto own = own_name(source);
      if (own) own_names_.insert(own->wire());
    }
  }

  MailboxMap map() {
    for (const TargetMailboxRecord& record : facts_.recorded) {
      if (wanted(record.source)) place(record.source, record.name, true);
    }
    std::vector<const MailboxRecord*> sources;
    for (const MailboxRecord& source : facts_.sources) sources.push_back(&source);
    std::sort(sources.begin(), sources.end(), [](auto* a, auto* b) { return a->id < b->id; });
    for (const MailboxRecord* source : sources) {
      if (result_.mailboxes.contains(source->id)) continue;
      auto name = choose(*source);
      if (name && given_up(*name)) name = another_name(*source);
      if (name) place(source->id, *name, false);
    }
    return std::move(result_);
  }

 private:
  bool wanted(MailboxId id) const {
    return std::any_of(facts_.sources.begin(), facts_.sources.end(), [&](const auto& one) { return one.id == id; });
  }

  Result<MailboxName> own_name(const MailboxRecord& source) const {
    return target_name(source_path(source.name, inbox_namespace_), facts_.tree, Escaping::least);
  }

  Result<MailboxName> choose(const MailboxRecord& source) const {
    const auto own = own_name(source);
    if (!own || own->is_inbox() || exists_.contains(own->wire())) return own;
    const auto use = special_use(source.attributes);
    if (!use) return own;
    const auto match = by_use_.find(*use);
    if (match == by_use_.end() || own_names_.contains(match->second.wire()) || match->second.is_inbox()) return own;
    return match->second;
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
    std::vector<std::string> path = source_path(source.name, inbox_namespace_);
    const std::string last = path.back();
    for (int number = 2; number < kMost; ++number) {
      path.back() = last + " (" + std::to_string(number) + ")";
      auto name = target_name(path, facts_.tree, Escaping::least);
      if (!name ||
          (!taken_.contains(name->wire()) && !exists_.contains(name->wire()) && !own_names_.contains(name->wire()))) {
        return name;
      }
    }
    return own_name(source);
  }

  void place(MailboxId id, const MailboxName& name, bool recorded) {
    const auto [taken, fresh] = taken_.emplace(name.wire(), id);
    if (!fresh) {
      result_.collisions.push_back({id, taken->second, name});
      return;
    }
    result_.mailboxes.emplace(id, MappedMailbox{name, exists_.contains(name.wire()), recorded});
  }

  const MapFacts& facts_;
  bool inbox_namespace_;
  std::set<std::string> exists_;
  std::set<std::string> own_names_;
  std::map<std::string, MailboxName> by_use_;
  std::map<std::string, MailboxId> taken_;
  MailboxMap result_;
};

}  // namespace

MailboxMap map_mailboxes(const MapFacts& facts) { return Mapper(facts).map(); }

}  // namespace postern::sync
