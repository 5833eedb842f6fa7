#pragma once

#include <optional>

#include "core/io/task_group.h"
#include "core/sync/pass.h"
#include "core/sync/ports.h"

namespace postern::sync {

/// Commits under way: several at a time, durable in the order they were submitted. The first failure stays, and nothing
/// is submitted after it, so that no cursor can overtake what it stands for (I2).
class CommitPipe {
 public:
  CommitPipe(Vault& vault, Scheduler& scheduler, SourceTotals& totals)
      : vault_(vault), totals_(totals), group_(scheduler) {}

  void submit(MailboxChanges changes);
  /// Waits until everything submitted is durable, or says what was not.
  Task<Result<void>> drain();
  /// drain() of these changes.
  Task<Result<void>> commit(MailboxChanges changes);
  const std::optional<Error>& error() const { return error_; }
  /// New messages that are durable.
  std::uint64_t messages() const { return messages_; }

 private:
  Task<void> run(MailboxChanges changes);

  Vault& vault_;
  SourceTotals& totals_;
  std::optional<Error> error_;
  std::uint64_t messages_ = 0;
  TaskGroup group_;  // last: ends before what its tasks use
};

}  // namespace postern::sync
