#pragma once

#include <map>
#include <variant>

#include "core/sync/planner/flag_merge.h"

namespace postern::sync {

/// What a look at a target mailbox's flags comes to: its end, or a part of it.
using FlagsReached = std::variant<FlagCursor, FlagsPart>;

inline void note_reached(TargetMailboxRecord& record, const FlagsReached& reached) {
  if (const auto* part = std::get_if<FlagsPart>(&reached)) {
    record.flags_part = *part;
  } else {
    record.flags_read = std::get<FlagCursor>(reached);
    record.flags_part.reset();
  }
}

/// What one target mailbox's own flag changes come to at the source (flags: two_way).
struct MailboxWishes {
  FlagGroups groups;  // by UIDs of the source, under `uidvalidity`
  UidValidity uidvalidity;
  FlagsReached reached;  // becomes durable when all is done
  bool first = false;    // the target's flags had never been read
};

/// Gathered by the target pass, carried out behind it. By source mailbox.
using FlagWishes = std::map<MailboxId, MailboxWishes>;

/// Messages of the source, by mailbox and UID, that may have been changed there by a STORE whose end nobody could tell
/// in this pass: their flags are not told to the target, and the mailbox's not to the source, until it is settled.
using UnsettledFlags = std::map<MailboxId, UidSet>;

}  // namespace postern::sync
