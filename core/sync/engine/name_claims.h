#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/mail/fold_case.h"
#include "core/sync/engine/sharers.h"

namespace postern::sync {

/// Which source mailboxes each name on the target is for, and which names there are besides. Shared by the sessions of
/// a pass, so that two source mailboxes never meet unasked in one on a target that does not tell their names apart.
class NameClaims {
 public:
  /// They go to the mailbox of that name, or went there before. Gives all that do.
  std::shared_ptr<Sharers> claim(const MailboxName& name, const std::set<MailboxId>& ids) {
    std::shared_ptr<Sharers>& sharers = sharers_[name.wire()];
    if (!sharers) sharers = std::make_shared<Sharers>();
    sharers->join(ids);
    return sharers;
  }
  /// The target has a mailbox of that name, or is about to.
  void note(const MailboxName& name) { spellings_[fold_case(name.display())].insert(name.wire()); }
  bool is_of_another(const MailboxName& name, const Sharers& own) const {
    const auto found = sharers_.find(name.wire());
    if (found == sharers_.end()) return false;
    const std::set<MailboxId>& there = found->second->ids;
    return std::none_of(there.begin(), there.end(), [&own](MailboxId id) { return own.ids.contains(id); });
  }
  /// Whether there is a name that differs from this one in case alone.
  bool has_twin(const MailboxName& name) const {
    const auto found = spellings_.find(fold_case(name.display()));
    return found != spellings_.end() && (found->second.size() > 1 || !found->second.contains(name.wire()));
  }

 private:
  std::map<std::string, std::shared_ptr<Sharers>> sharers_;  // by wire name
  std::map<std::string, std::set<std::string>> spellings_;   // wire names, by their folded form
};

}  // namespace postern::sync
