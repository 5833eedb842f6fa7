#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Brings flag changes to bound messages: equal changes gathered over the whole run are one UID STORE over a set; what
/// both sides then agree on is durable afterwards. Where the target has CONDSTORE, a message that somebody changed
/// since the mailbox was opened is read and merged again before it is told anything.
class FlagRun {
 public:
  explicit FlagRun(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Nothing when source and target agree already.
  void add(const Entry& entry, const Binding& binding);
  Task<Result<void>> run();

 private:
  Task<Result<IntentId>> intend(UidSet uids, FlagDelta delta);
  Task<Result<void>> store(UidSet uids, FlagDelta delta);
  Task<Result<UidSet>> merge_again(UidSet uids, bool last_try);

  struct Agreement {
    FlagSet before;
    Binding after;  // once the change is done
  };

  TargetMailbox& mailbox_;
  FlagGroups groups_;
  std::map<Uid, Agreement> agreed_;  // by target UID
};

}  // namespace postern::sync
