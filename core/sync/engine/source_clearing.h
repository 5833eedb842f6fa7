#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "core/sync/engine/clearing_work.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/reconnects.h"
#include "core/sync/planner/clearing.h"
#include "core/sync/source_writer.h"

namespace postern::sync {

/// `delete_source: after_verified`: reads back what is bound on the target, and deletes at the source what is durable
/// in the vault, stands on the target octet by octet, has outlived the grace and is at the source as it was pulled. An
/// audit row, and the mark by which the vanishing is known as ours, are durable before. Any doubt keeps the message,
/// and nothing is deleted at a source that did not fill the vault.
class SourceClearing {
 public:
  SourceClearing(Context& context, TargetConnector& target, SourceWriterConnector& source)
      : context_(context),
        target_(target),
        source_(source),
        reconnects_(context.options, context.scheduler, kClearingSalt) {}

  /// After a pull and a replay that both came to their end.
  Task<Result<void>> run();

 private:
  static constexpr std::uint64_t kClearingSalt = 0x636c656172696e67;

  Task<Result<void>> serve();
  Task<Result<void>> session();
  Task<Result<bool>> replayed_to_the_end();
  Task<Result<void>> gather();
  Task<Result<void>> gather(ClearingWork& work);
  Task<Result<void>> visit_target();
  Task<Result<void>> visit_source();
  Task<Result<void>> clear(SourceWriter& writer, ClearingWork& work);
  Task<Result<void>> clear_part(SourceWriter& writer, const ClearingWork& work, UidSet uids);
  Task<Result<std::vector<std::optional<Listed>>>> look(SourceWriter& writer, const std::vector<BoundMessage>& messages,
                                                        UidSet uids);
  Task<Result<void>> leave_restored(const MailboxRecord& source, std::string_view shown);
  Task<Result<bool>> readable(const Entry& entry);
  void leave(MailboxId mailbox, Error error);
  void report_other_source();
  void report_others();
  void report_altered();
  void report_not_handed_out();

  Context& context_;
  TargetConnector& target_;
  SourceWriterConnector& source_;
  Reconnects reconnects_;
  std::uint64_t progress_ = 0;  // messages read back, or deleted
  TargetId id_;
  std::vector<ClearingWork> work_;
  std::set<MailboxId> left_;    // reported, for this pass
  std::set<Place> unreadable_;  // the same
  std::uint64_t other_sizes_ = 0;
  std::uint64_t unlike_ = 0;
};

}  // namespace postern::sync
