#pragma once

#include <cstddef>
#include <map>
#include <string_view>
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

/// Takes what was put, with the ids it was given, into `held`.
void carry_out(std::vector<MailboxRecord>& held, std::vector<MailboxRecord> put);

/// The held mailboxes by the names they are listed under, once the plan has been carried out. Of a name that was given
/// on, an absent mailbox may keep a record too: that one is not found. `held` stays as it is meanwhile.
class PresentMailboxes {
 public:
  explicit PresentMailboxes(const std::vector<MailboxRecord>& held);
  /// Null when there is none.
  const MailboxRecord* find(const MailboxName& name) const;

 private:
  std::map<std::string_view, const MailboxRecord*> by_name_;
};

}  // namespace postern::sync
