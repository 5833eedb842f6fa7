#pragma once

#include <cstddef>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// What a complete LIST changes in the vault's list of mailboxes.
struct ListingPlan {
  std::vector<MailboxRecord> put;  // in this order: those under a new name first, then new (id 0) and changed ones
};

/// A mailbox that is not listed becomes present=false and keeps its entries: nothing is deleted on the strength of a
/// LIST. A name listed twice counts once. An empty listing says nothing at all (I7): every account has an INBOX.
/// Attributes that come and go with the children or with new mail (\HasChildren, \Marked …) are no change by
/// themselves.
///
/// A mailbox listed with the MAILBOXID of one that is held under another name is that one, renamed (RFC 8474 §4.1),
/// where its old name is no longer listed or has another MAILBOXID now. A MAILBOXID that is listed twice, or held by
/// several mailboxes, is not believed. INBOX is never renamed: RENAME INBOX moves its messages and leaves it (RFC 9051
/// §6.3.6). A name that comes with a MAILBOXID never seen is the mailbox that had the name, made anew.
ListingPlan plan_listing(const std::vector<MailboxRecord>& held, const std::vector<ListedMailbox>& listed);

/// The held mailbox that is listed as `name` now, once the plan has been carried out; null when there is none. Of a
/// name that was given on, an absent mailbox may keep a record too.
const MailboxRecord* find_present(const std::vector<MailboxRecord>& held, const MailboxName& name);

}  // namespace postern::sync
