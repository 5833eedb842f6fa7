#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/mail/uid.h"
#include "core/protocol/imap/response_code.h"

namespace postern::daemon {

/// The UIDs that APPENDUID gives to `count` messages, in the order of the command; empty when it cannot be right:
/// another count, UIDVALIDITY 0 or not `uidvalidity` (0: not known), UIDs below `uidnext` (0: not known) or not
/// ascending (RFC 3502, RFC 4315). Then the messages are there, but which they are has to be found out in another way.
std::vector<Uid> believable_uids(const imap::AppendUid& stated, std::size_t count, UidValidity uidvalidity,
                                 std::uint32_t uidnext);

}  // namespace postern::daemon
