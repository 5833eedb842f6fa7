#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// What the target's records and its LIST say of renames.
struct RenameFacts {
  std::map<MailboxId, MailboxName> wishes;  // the names that renamed source mailboxes are to have on the target
  std::map<MailboxId, TargetMailboxRecord> recorded;
  std::vector<ListedMailbox> listed;  // by the target, now
  std::set<MailboxId> given_up;       // tried in this pass, in vain
  char delimiter = '/';
};

/// One RENAME.
struct RenameStep {
  MailboxId mailbox;
  MailboxName from, to;
  bool for_now = false;  // makes way for another one; the mailbox's own name comes later
  /// The mailboxes followed that the server takes along, this one and those that share its place included, and what
  /// they are called then.
  std::vector<std::pair<MailboxId, MailboxName>> moved;
};

struct RenamePlan {
  std::optional<RenameStep> next;  // then plan again with what it made of the list
  /// Nothing is left to be renamed: the mailbox has its name, or is not there and gets it when it is made.
  std::vector<MailboxId> settled;
  /// The name is another mailbox's on the target.
  std::vector<MailboxId> taken;
};

/// What to do next. Upper levels first, since the server takes along what lies below (RFC 9051 §6.3.6). A name that is
/// given up by another wish is waited for; where wishes wait for each other in a ring, one of them takes a spare name
/// first, and its own when that is free. INBOX is never renamed, nor is anything given its name. Of those that share a
/// mailbox of the target and have one wish the first goes, and takes the others along.
RenamePlan plan_renames(const RenameFacts& facts);

/// What became of the RENAMEs that were under way (`renaming_to`) when the connection broke, or the process ended: a
/// mailbox that is no longer listed under its old name and is under the new one was renamed; every other one was not.
/// Gives the records that change. A level that is no mailbox is as good as nothing.
std::vector<TargetMailboxRecord> settle_renames(const std::map<MailboxId, TargetMailboxRecord>& recorded,
                                                const std::vector<ListedMailbox>& listed);

/// Whether what `before` came to can be told by what is listed no longer when `step` is carried out too.
bool blurs(const RenameStep& step, const MailboxName& before, char delimiter);

/// What the target lists after a RENAME. Subscriptions are to names, and stay behind (RFC 9051 §6.3.6).
std::vector<ListedMailbox> listed_after(const RenameStep& step, std::vector<ListedMailbox> listed, char delimiter);

/// Subscriptions follow the source in three ways: what is to be done on the target.
enum class Subscription : std::uint8_t { leave, subscribe, unsubscribe };
/// `agreed`: what was last carried over; none: nothing yet under this name. A person's own change on the target stays
/// until the source changes again.
Subscription subscription(bool source, std::optional<bool> agreed, bool target);

}  // namespace postern::sync
