#pragma once

#include <map>

#include "core/mail/records.h"

namespace postern::sync {

/// What one mailbox's part of the history asks of a target.
struct MailboxWork {
  UidValidity uidvalidity;  // of the newest generation named; 0: rows about the mailbox itself alone
  UidSet touched;           // appended or with other flags: the entry's present state decides what is to do
  UidSet appeared;          // of `touched` those that were entered, again too
  UidSet vanished;
  UidSet returned;              // of `appeared` those that had vanished: what was done to their copies is not known
  bool gone = false;            // the mailbox itself is no longer there …
  bool created = false;         // … or is there, for the first time or again
  bool new_generation = false;  // what was bound under older UIDVALIDITYs may have to be bound again
};

/// Folds history rows, in order, into work per mailbox. Costs memory by runs of UIDs, not by rows. Rows of a generation
/// that a later row replaces are forgotten: its messages are in the new one, or gone.
class HistoryFold {
 public:
  void add(const HistoryRecord& row);
  /// Everything up to and including this is folded.
  HistorySeq end() const { return end_; }
  const std::map<MailboxId, MailboxWork>& work() const { return work_; }

 private:
  std::map<MailboxId, MailboxWork> work_;
  HistorySeq end_;
};

}  // namespace postern::sync
