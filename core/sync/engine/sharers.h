#pragma once

#include <optional>
#include <set>

#include "core/mail/records.h"

namespace postern::sync {

/// The source mailboxes of one target mailbox: one as a rule; several where they are merged (merge: true), those too
/// that are not in this pass's mapping and went there before, for their messages are there. What is bound to one of
/// them is nobody else's. They have their turns one after the other: what is bound is read from the vault once a pass,
/// and kept up by whose turn it is.
struct Sharers {
  std::set<MailboxId> ids;
  UidValidity uidvalidity;  // of the target mailbox as it was opened last
  bool loaded = false;      // `bound` is all that is bound under it
  UidSet bound;             // UIDs there

  void join(const std::set<MailboxId>& others) {
    const std::size_t before = ids.size();
    ids.insert(others.begin(), others.end());
    if (ids.size() != before) loaded = false;
  }
  void opened(UidValidity now) {
    if (now == uidvalidity) return;
    uidvalidity = now;
    loaded = false;
    bound = {};
  }
};

}  // namespace postern::sync
