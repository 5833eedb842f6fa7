#pragma once

#include <vector>

#include "core/sync/planner/target_name.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Where a target keeps what was deleted.
struct TrashMailbox {
  MailboxName name;
  bool exists = false;
};

/// The mailbox with \Trash; else the only one of a usual name (SpecialUses); else "Trash", which may have to be
/// created.
TrashMailbox trash_mailbox(const std::vector<ListedMailbox>& listed, const TargetTree& tree);

}  // namespace postern::sync
