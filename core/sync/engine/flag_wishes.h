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

/// Messages of the source, by mailbox and UID, that may have been changed there by a STORE whose end nobody could tell
/// in this pass: their flags are not told to the target, and the mailbox's not to the source, until it is settled.
using UnsettledFlags = std::map<MailboxId, UidSet>;

}  // namespace postern::sync
