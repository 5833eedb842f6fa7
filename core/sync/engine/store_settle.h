#pragma once

#include <map>
#include <vector>

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Ends an intent with what both sides agree on by what is seen now; `seen` are the messages of `bindings`, in order.
Vault::TargetChanges settled_store(const StoreIntent& intent, std::vector<Binding> bindings,
                                   const std::vector<StoreSeen>& seen);

/// UID STOREs of one mailbox whose end is not durable: the process ended, or the answer was lost. The target's flags
/// tell what took effect.
class StoreSettle {
 public:
  explicit StoreSettle(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Takes over what was stored in the target mailbox as it is opened, and ends those intents. Gives the source UIDs
  /// whose flags are to be compared again. Before anything moves bindings.
  Task<Result<UidSet>> run();
  /// Those that were meant for a generation of the target mailbox that is no more: adoption judges them.
  const std::vector<StoreIntent>& of_older_generations() const { return older_; }
  /// When adoption is durable.
  Task<Result<void>> end_older();

 private:
  using Bound = std::multimap<Uid, Binding>;

  Task<Result<Bound>> read_bound(const UidSet& uids);
  Task<Result<std::map<Uid, FlagReport>>> read_flags(const UidSet& uids);
  Task<Result<void>> settle(const StoreIntent& intent, Bound& bound, const std::map<Uid, FlagReport>& now);

  TargetMailbox& mailbox_;
  std::vector<StoreIntent> older_;
};

}  // namespace postern::sync
