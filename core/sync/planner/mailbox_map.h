#pragma once

#include <map>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/target_name.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Where a source mailbox goes on the target.
struct MappedMailbox {
  MailboxName name;
  bool exists = false;    // listed by the target
  bool recorded = false;  // decided in an earlier pass, and kept
};

struct MailboxMap {
  std::map<MailboxId, MappedMailbox> mailboxes;
  /// Source mailboxes left out since another one has their name on the target already.
  struct Collision {
    MailboxId mailbox;
    MailboxId other;
    MailboxName name;
  };
  std::vector<Collision> collisions;
};

struct MapFacts {
  std::vector<MailboxRecord> sources;    // the selectable ones to be replayed
  std::vector<MailboxName> source_tree;  // every name of the source, for its namespace
  std::vector<ListedMailbox> listed;     // by the target
  std::vector<TargetMailboxRecord> recorded;
  TargetTree tree;
};

/// A name decided once is kept. Else INBOX is INBOX; a source mailbox with \Sent, \Trash, \Drafts, \Junk or \Archive
/// goes to the target's mailbox of that use, unless the target has one of its own name or another source mailbox is
/// called so; else the name is carried over with the target's prefix and delimiter and lossless escapes. Two sources
/// never share a target mailbox: of those, a recorded one wins, then the one with the lower id. Where the recorded one
/// was renamed at the source since, and its old name given to another mailbox, that one becomes "Name (2)".
MailboxMap map_mailboxes(const MapFacts& facts);

}  // namespace postern::sync
