#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/mail/records.h"
#include "core/sync/planner/target_name.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Where a source mailbox goes on the target.
struct MappedMailbox {
  MailboxName name;
  bool exists = false;           // listed by the target
  bool recorded = false;         // decided in an earlier pass, and kept
  MailboxName strict_name = {};  // what to call it when the target refuses the name; empty: nothing else
  bool blanks_at_risk = false;   // the target may take blanks of the name away without a word
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
  /// Source mailboxes left out since they can have no name on the target.
  struct Unnamed {
    MailboxId mailbox;
    Error error;
  };
  std::vector<Unnamed> unnamed;
};

struct MapFacts {
  std::vector<MailboxRecord> sources;    // the selectable ones to be replayed
  std::vector<MailboxName> source_tree;  // every name of the source, for its namespace
  std::vector<ListedMailbox> listed;     // by the target
  std::vector<TargetMailboxRecord> recorded;
  /// Of these the ones whose mailbox is gone at the source and is merged by no rule. What they name on the target may
  /// be another mailbox by now: they share it with nobody.
  std::set<MailboxId> left_over;
  TargetTree tree;
  /// Of the sources that the configuration gives another name: that name, spelled as if they bore it at the source.
  std::map<MailboxId, std::string> ruled;
  /// Of those the ones that may share it with others (merge: true).
  std::set<MailboxId> merging;
  /// The same of the recorded ones, by what they were called when their name on the target was decided.
  std::map<MailboxId, std::string> ruled_before;
};

/// A name decided once is kept. Else the configuration's is taken, where it gives one. Else INBOX is INBOX; the
/// source's mailbox for \Sent, \Trash, \Drafts, \Junk or \Archive (SpecialUses) goes to the target's mailbox of that
/// use, unless the target has one of its own name or another source mailbox goes or is called there; else the name is
/// carried over with the target's prefix and delimiter and lossless escapes. Two sources share a target mailbox only
/// when all of them but one may, or when they shared it before: of others a recorded one wins, then the one with the
/// lower id. Where the recorded one
/// was renamed at the source since, and its old name given to another mailbox, that one becomes "Name (2)".
MailboxMap map_mailboxes(const MapFacts& facts);

/// The names that recorded mailboxes are to have since theirs were decided: of those that were renamed at the source,
/// and of those of which it is not known what they were called. It is the old one where the configuration gives both
/// the same, where the target's mailbox has a special use there, or is INBOX, and where it is shared, be it with one
/// that is not to be replayed, or may be.
std::map<MailboxId, MailboxName> renamed_names(const MapFacts& facts);

}  // namespace postern::sync
