#pragma once

#include <chrono>
#include <optional>

#include "core/mail/records.h"

namespace postern::sync {

/// Which flags of a target mailbox have to be read to learn what was changed there (flags: two_way).
enum class FlagLook : std::uint8_t {
  none,
  changed,  // what has changed after the cursor's mod-sequence
  all,
};

/// `stated`: HIGHESTMODSEQ; 0 without CONDSTORE, where flags change unseen and all are read every `flag_sweep`. A
/// mod-sequence that went back proves nothing.
FlagLook flag_look(const std::optional<FlagCursor>& read, ModSeq stated, WallTime now, std::chrono::seconds flag_sweep);

}  // namespace postern::sync
