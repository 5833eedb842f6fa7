#pragma once

#include <cstddef>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// What a complete LIST changes in the vault's list of mailboxes.
struct ListingPlan {
  std::vector<MailboxRecord> put;  // new (id 0) and changed ones
};

/// A mailbox that is not listed becomes present=false and keeps its entries: nothing is deleted on the strength of a
/// LIST. A name listed twice counts once. An empty listing says nothing at all (I7): every account has an INBOX.
/// Attributes that come and go with the children or with new mail (\HasChildren, \Marked …) are no change by
/// themselves.
ListingPlan plan_listing(const std::vector<MailboxRecord>& held, const std::vector<ListedMailbox>& listed);

}  // namespace postern::sync
