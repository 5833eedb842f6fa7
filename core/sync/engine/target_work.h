#pragma once

#include <map>
#include <vector>

#include "core/sync/engine/context.h"
#include "core/sync/engine/departure_plan.h"
#include "core/sync/planner/history_fold.h"

namespace postern::sync {

/// What there is to do on a target, from the vault alone: a target that is up to date is not even connected to.
class TargetWork {
 public:
  explicit TargetWork(Context& context) : context_(context) {}

  Task<Result<void>> gather();

  TargetId id() const { return id_; }
  /// The mailboxes with something to do: source UIDs of their current generation whose entries are to be looked at.
  const std::map<MailboxId, UidSet>& touched() const { return touched_; }
  const std::vector<MailboxRecord>& mailboxes() const { return mailboxes_; }
  /// What leaves a mailbox, or comes to it from others.
  Departures departures(MailboxId id) const;
  const std::map<MailboxId, TargetMailboxRecord>& recorded() const { return recorded_; }
  /// Changes a record, durably.
  Task<Result<void>> put(TargetMailboxRecord record);
  /// Null: the vault knows none of that id.
  const MailboxRecord* mailbox(MailboxId id) const;
  /// Everything in the history was seen to: the cursor may move to its end.
  Task<Result<void>> finished();

 private:
  Task<Result<void>> fold_history();
  Task<Result<void>> read_mailboxes();
  Task<Result<void>> follow_doubts();
  Task<Result<void>> follow_departures();
  Task<Result<void>> follow_keyword_map();
  Task<Result<void>> forget_unwanted();
  void follow_sharers();
  bool differs(const MailboxRecord& source, const TargetMailboxRecord& known) const;

  Context& context_;
  TargetId id_;
  HistorySeq cursor_;
  HistoryFold fold_;
  std::vector<MailboxRecord> mailboxes_;  // ascending by id
  std::map<MailboxId, TargetMailboxRecord> recorded_;
  std::map<MailboxId, UidSet> touched_;
  std::map<MailboxId, Departures> departures_;
};

}  // namespace postern::sync
