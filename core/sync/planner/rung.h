#pragma once

#include <cstdint>
#include <optional>

#include "core/mail/records.h"

namespace postern::sync {

/// How the changes of a known mailbox are learnt, the best first.
enum class Rung : std::uint8_t {
  qresync,    // the answer to EXAMINE carried them (RFC 7162 §3.2.5)
  condstore,  // flags by CHANGEDSINCE; the UIDs by enumeration when the counts disagree
  enumerate,  // every UID and every flag
};

struct RungFacts {
  std::optional<SourceCursor> cursor;
  ModSeq stated_modseq;  // HIGHESTMODSEQ of EXAMINE; 0: NOMODSEQ
  bool condstore = false;
  bool has_changes = false;  // EXAMINE was answered as QRESYNC
};

/// A HIGHESTMODSEQ below the stored one, NOMODSEQ, or no cursor: nothing incremental can be believed.
Rung choose_rung(const RungFacts& facts);

}  // namespace postern::sync
