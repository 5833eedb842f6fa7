#pragma once

#include <map>
#include <optional>

#include "core/sync/planner/flag_merge.h"

namespace postern::sync {

/// What one target mailbox's own flag changes come to at the source (flags: two_way).
struct MailboxWishes {
  FlagGroups groups;  // by UIDs of the source, under `uidvalidity`
  UidValidity uidvalidity;
  std::optional<FlagCursor> reached;  // becomes durable when all is done; none: there is more than was gathered
  bool first = false;                 // the target's flags had never been read
};

/// Gathered by the target pass, carried out behind it. By source mailbox.
using FlagWishes = std::map<MailboxId, MailboxWishes>;

}  // namespace postern::sync
