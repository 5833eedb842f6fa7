#pragma once

#include <vector>

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Keeps back what a target mailbox's quota has no room for, before anything of it is sent. The target is asked once,
/// when there is something to send, and once more when what was sent since would make the difference.
class QuotaWatch {
 public:
  explicit QuotaWatch(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Those of `entries` that fit, in order. What does not is noted in the Context, and waits for another pass.
  Task<Result<std::vector<Entry>>> fitting(std::vector<Entry> entries);
  bool kept_back() const { return !kept_back_.empty(); }

 private:
  Task<Result<void>> ask();
  void note(const QuotaLimit& limit, const Entry& entry);

  TargetMailbox& mailbox_;
  Quotas::Roots roots_;
  int asked_ = 0;
  std::vector<OverQuota> kept_back_;
};

}  // namespace postern::sync
