#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// One mailbox of the target, as a record has it. What bears the same name under another UIDVALIDITY may be a record of
/// what was removed there.
using TargetPlace = std::pair<std::string, UidValidity>;
inline TargetPlace target_place(const TargetMailboxRecord& record) { return {record.name.wire(), record.uidvalidity}; }

/// Of source mailboxes that share one of the target: those that did not all see it under one UIDVALIDITY. It was made
/// anew, and some of them were not compared with it since.
std::set<MailboxId> seen_differently(const std::vector<TargetMailboxRecord>& recorded);

}  // namespace postern::sync
