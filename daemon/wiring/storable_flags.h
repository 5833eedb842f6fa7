#pragma once

#include "core/mail/flag_set.h"

namespace postern::daemon {

/// What of `wanted` may stand in a STORE or APPEND to a mailbox whose PERMANENTFLAGS are `permanent` (with
/// `any_keyword` for "\*"): valid atoms only; a system flag or keyword that the mailbox keeps, and any keyword where it
/// takes new ones.
FlagSet storable_flags(const FlagSet& wanted, const FlagSet& permanent, bool any_keyword);

/// For a mailbox whose PERMANENTFLAGS are not known: the system flags of RFC 9051 §2.3.2 and every valid keyword.
FlagSet storable_flags(const FlagSet& wanted);

}  // namespace postern::daemon
