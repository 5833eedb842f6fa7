#pragma once

#include <map>
#include <set>
#include <string>

#include "core/mail/fold_case.h"
#include "core/mail/records.h"

namespace postern::sync {

/// Which source mailbox each name on the target is for, and which names there are besides. Shared by the sessions of a
/// pass, so that two source mailboxes never meet in one on a target that does not tell their names apart.
class NameClaims {
 public:
  void claim(const MailboxName& name, MailboxId id) {
    holders_.emplace(name.wire(), id);
    note(name);
  }
  /// The target has a mailbox of that name.
  void note(const MailboxName& name) { spellings_[fold_case(name.display())].insert(name.wire()); }
  bool is_of_another(const MailboxName& name, MailboxId id) const {
    const auto holder = holders_.find(name.wire());
    return holder != holders_.end() && holder->second != id;
  }
  /// Whether there is a name that differs from this one in case alone.
  bool has_twin(const MailboxName& name) const {
    const auto found = spellings_.find(fold_case(name.display()));
    return found != spellings_.end() && (found->second.size() > 1 || !found->second.contains(name.wire()));
  }

 private:
  std::map<std::string, MailboxId> holders_;                // by wire name
  std::map<std::string, std::set<std::string>> spellings_;  // wire names, by their folded form
};

}  // namespace postern::sync
