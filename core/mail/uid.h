#pragma once

#include <cstdint>

#include "core/base/strong_id.h"

namespace postern {

/// Unique identifier of a message in one mailbox under one UIDVALIDITY (RFC 9051 §2.3.1.1). Never 0 when it names one.
using Uid = StrongId<struct UidTag, std::uint32_t>;
/// The generation of a mailbox's UIDs; a change makes every earlier Uid meaningless. 0 means "not stated".
using UidValidity = StrongId<struct UidValidityTag, std::uint32_t>;
/// CONDSTORE modification sequence, 63 bits (RFC 7162 §3.1). 0 means "not stated" (NOMODSEQ).
using ModSeq = StrongId<struct ModSeqTag, std::uint64_t>;

}  // namespace postern
