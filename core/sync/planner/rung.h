#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// How the changes of a known mailbox are learnt, the best first.
enum class Rung : std::uint8_t {
  qresync,    // the answer to EXAMINE carried them (RFC 7162 §3.2.5)
  condstore,  // flags and new UIDs by CHANGEDSINCE
  uidnext,    // UIDs from the stored UIDNEXT on: the counts say that nothing has gone
  enumerate,  // every UID, and every flag where no mod-sequence vouches for them
};
inline constexpr Rung kRungs[] = {Rung::qresync, Rung::condstore, Rung::uidnext, Rung::enumerate};

/// Its name in reports and metrics.
std::string_view to_string(Rung rung);

struct RungFacts {
  std::optional<SourceCursor> cursor;
  MailboxStatus stated;  // as EXAMINE stated it; uidnext as STATUS did where EXAMINE was silent
  bool condstore = false;
  bool has_changes = false;  // EXAMINE was answered as QRESYNC
  bool sweep_due = false;    // flags that no mod-sequence vouches for are to be compared
};

/// A HIGHESTMODSEQ below the stored one, one that comes or goes (NOMODSEQ), or no cursor: nothing incremental can be
/// believed. What a rung brings still has to agree with EXISTS (plan_from_changes).
Rung choose_rung(const RungFacts& facts);

/// Whether an enumeration has to compare every flag too: always, but where flags are compared by the clock and it is
/// not time yet.
bool sweeps_flags(const RungFacts& facts);

/// Whether messages have come and none has gone since the cursor: each UID given out since is there, and so is each
/// message that was. Not known while UIDNEXT is not stated.
bool only_arrivals(const SourceCursor& cursor, const MailboxStatus& stated);

}  // namespace postern::sync
