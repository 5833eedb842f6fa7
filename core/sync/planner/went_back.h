#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/sync/planner/matching.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// In a record's `uidnext`: the target mailbox went back, and what is bound there is not compared yet. Above what any
/// server states, so that the comparison is not forgotten when UIDNEXT has caught up meanwhile.
constexpr std::uint32_t kUidnextToCompare = std::numeric_limits<std::uint32_t>::max();

/// What a record's `uidnext` becomes by what is stated.
constexpr std::uint32_t highest_known(std::uint32_t stated) {
  return stated < kUidnextToCompare ? stated : kUidnextToCompare - 1;
}

/// Whether the target mailbox, under the same name and UIDVALIDITY, was restored to an earlier state: UIDs that were
/// given out are given out again (RFC 9051 §2.3.1.1 rules it out). A UIDNEXT that is not stated (0) says nothing, and
/// nothing that is stated takes away that a comparison is due.
bool went_back(const TargetMailboxRecord& known, const MailboxName& name, UidValidity uidvalidity,
               std::uint32_t uidnext);

/// What became of bound messages in a mailbox that went back.
struct Survivors {
  std::vector<std::size_t> lost;     // indices: not there, or the UID is another message's now
  std::vector<std::size_t> missing;  // not shown: expunged by somebody, or lost and the UID's next message expunged
  std::vector<std::size_t> ask;      // the octets have to tell
};

/// `ours[i]` is bound to `uids[i]`. A header and an INTERNALDATE that are as they were are believed, for servers alter
/// sizes, and an INTERNALDATE alone where none of `ours` has what is shown, for they alter headers too. A UIDNEXT that
/// is not stated (0) rules nothing out.
Survivors survivors(const std::vector<Wanted>& ours, const std::vector<Uid>& uids,
                    const std::vector<TargetMessage>& shown, std::uint32_t uidnext);

}  // namespace postern::sync
