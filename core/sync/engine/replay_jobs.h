#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/sync/engine/mailbox_replay.h"

namespace postern::sync {

/// The mailboxes of a target pass that nobody is at work on. INBOX comes first, then the small ones, so that a big
/// mailbox keeps nobody waiting; a further session takes the big ones meanwhile, so that none of them is left for the
/// end. Equals go by their order in the vault. Shared by the sessions of the pass; lives on the loop's thread.
class ReplayJobs {
 public:
  void add(ReplayJob job);
  /// The next one.
  std::optional<ReplayJob> take_first();
  /// The largest one.
  std::optional<ReplayJob> take_last();
  bool empty() const { return jobs_.empty(); }
  std::size_t size() const { return jobs_.size(); }
  /// Messages to look at, as far as the history tells.
  std::uint64_t messages() const;

 private:
  struct Order {
    bool not_inbox;
    std::uint64_t messages;
    MailboxId id;
    friend auto operator<=>(const Order&, const Order&) = default;
  };
  std::optional<ReplayJob> take(std::map<Order, ReplayJob>::iterator which);

  std::map<Order, ReplayJob> jobs_;
};

}  // namespace postern::sync
