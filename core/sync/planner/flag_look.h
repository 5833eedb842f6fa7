#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/mail/records.h"

namespace postern::sync {

/// Which flags of a target mailbox have to be read to learn what was changed there (flags: two_way).
enum class FlagLook : std::uint8_t {
  none,
  changed,  // what has changed after the cursor's mod-sequence
  all,
};

/// What a target mailbox states of itself.
struct FlagState {
  ModSeq highestmodseq;       // 0: no CONDSTORE
  std::uint32_t uidnext = 0;  // 0: not stated
};

/// Whether the mailbox is not as far as it was when its flags were read: it was restored from a backup, or its index
/// was built anew. What it has no more then, nobody took away.
bool went_back(const std::optional<FlagCursor>& read, const FlagState& stated);

/// Without CONDSTORE flags change unseen, and all are read every `flag_sweep`. Where it went back all are read.
FlagLook flag_look(const std::optional<FlagCursor>& read, const FlagState& stated, WallTime now,
                   std::chrono::seconds flag_sweep);

}  // namespace postern::sync
