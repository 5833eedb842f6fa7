#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Brings flag changes to bound messages: equal changes gathered over the whole run are one UID STORE over a set; what
/// both sides then agree on is durable afterwards.
class FlagRun {
 public:
  explicit FlagRun(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Nothing when source and target agree already.
  void add(const Entry& entry, const Binding& binding);
  Task<Result<void>> run();

 private:
  TargetMailbox& mailbox_;
  FlagGroups groups_;
  std::map<Uid, Binding> agreed_;  // by target UID: the binding once the change is done
};

}  // namespace postern::sync
