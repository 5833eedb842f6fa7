#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/mail/flag_set.h"
#include "core/mail/uid_set.h"
#include "core/sync/planner/guard.h"

namespace postern::sync {

/// Flags that messages have no more on the target, gathered in one look at a mailbox (flags: two_way).
class FlagLosses {
 public:
  void add(Uid uid, const FlagSet& lost);
  /// The flags that more of the mailbox's `of` messages lost than may be deleted at once (GuardLimits), and which did:
  /// an index that was rebuilt or a backup is likelier than a person.
  std::map<std::string, UidSet> in_a_mass(std::uint64_t of, const GuardLimits& limits) const;

 private:
  std::map<std::string, UidSet> lost_;  // by flag, in lower case
};

}  // namespace postern::sync
