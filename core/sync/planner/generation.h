#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// How the UIDs that a server shows now relate to those the vault holds (RFC 9051 §2.3.1.1).
enum class Generation : std::uint8_t {
  same,
  first,            // nothing held yet
  changed,          // a new UIDVALIDITY: what is held is unknown there, never deleted
  hold_unstated,    // UIDVALIDITY 0 or missing: UIDs mean nothing
  hold_smaller,     // went back: another server, or one restored from a backup
  reverted,         // the same UIDVALIDITY in an earlier state: UIDs may be given out twice, and are to be compared
  hold_not_sticky,  // UIDNOTSTICKY (RFC 4315): UIDs die with the session
  hold_restless,    // changed too often of late: see restless_until()
};

struct GenerationFacts {
  UidValidity held;                // 0: none
  std::uint32_t held_uidnext = 0;  // 0: not known; kUidnextToCompare: it went back, and is not compared yet
  UidValidity stated;
  std::uint32_t stated_uidnext = 0;  // 0: not stated
  bool uid_not_sticky = false;
  ModSeq held_modseq = {};    // 0: not known …
  ModSeq stated_modseq = {};  // … or not stated
};

Generation compare_generation(const GenerationFacts& facts);

/// A mailbox may change its UIDVALIDITY twice in this time.
inline constexpr std::chrono::hours kGenerationWindow{24};
/// Until when a mailbox is held that has a new UIDVALIDITY once more, given when it changed before, ascending: each
/// change means to look at all of its messages again. None: it is believed.
std::optional<WallTime> restless_until(const std::vector<WallTime>& changes, WallTime now);

/// Why a mailbox is held, for people; empty when it is not.
const char* hold_reason(Generation generation);

}  // namespace postern::sync
