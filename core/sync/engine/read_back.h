#pragma once

#include <cstdint>

#include "core/sync/engine/clearing_work.h"
#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// The target's part of `delete_source`, for one mailbox: reads back what was not read yet, durably, and leaves `due`
/// only what the target has at this moment. A mailbox that is not the one it was is left to the next pass.
class ReadBack {
 public:
  ReadBack(Context& context, Target& target, TargetId id, ClearingWork& work)
      : context_(context), target_(target), id_(id), work_(work) {}
  Task<Result<void>> run();
  /// Messages whose reading back is durable.
  std::uint64_t progress() const { return progress_; }

 private:
  Task<Result<void>> read(TargetMailbox& mailbox);
  Task<Result<std::vector<KnownDigest>>> read_octets(TargetMailbox& mailbox, UidSet uids);
  Task<Result<UidSet>> others(TargetMailbox& mailbox, std::vector<BoundMessage> differing, bool keeps_octets);
  Task<Result<void>> look(TargetMailbox& mailbox);
  Task<Result<UidSet>> still_there(TargetMailbox& mailbox, std::vector<BoundMessage> messages);

  Context& context_;
  Target& target_;
  TargetId id_;
  ClearingWork& work_;
  std::uint64_t progress_ = 0;
  std::uint64_t others_ = 0;  // UIDs that are another message's now
};

}  // namespace postern::sync
