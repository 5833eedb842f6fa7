#pragma once

#include <optional>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// The reports that differ from what is held; reports of UIDs that are not held are left out. `held` ascending by UID,
/// of one generation. A UID reported twice counts as reported last.
std::vector<FlagReport> changed_flags(std::vector<FlagReport> reports, const std::vector<Entry>& held);

/// Which UIDs to fetch and which vanished.
struct UidPlan {
  UidSet fetch;     // there, and not in the vault
  UidSet vanished;  // in the vault, and no longer there
};

/// `held`: UIDs of the vault that have not vanished. `aside`: quarantined UIDs that are not due again.
/// From the server's own word (VANISHED, changed messages): believed only if the counts agree afterwards; none when
/// they do not, and the mailbox has to be enumerated.
std::optional<UidPlan> plan_from_changes(const UidSet& held, const UidSet& aside, const UidSet& vanished,
                                         const UidSet& reported, std::uint32_t exists);

}  // namespace postern::sync
