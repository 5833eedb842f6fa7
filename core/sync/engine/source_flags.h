#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/sync/engine/context.h"
#include "core/sync/source_writer.h"

namespace postern::sync {

/// `flags: two_way`: what people changed on the target is changed at the source. What is asked for there is compared
/// with the source as it is at that moment, stored UNCHANGEDSINCE that moment under an intent that is durable before,
/// and read back: what the source shows then is what the vault holds and both sides agree on. So the next pull brings
/// nothing new. A connection that breaks ends it: the next pass goes on.
class SourceFlags {
 public:
  SourceFlags(Context& context, SourceWriterConnector& source) : context_(context), source_(source) {}

  /// Takes over STOREs whose end is not durable. Before the target is told anything: what a person there asked for
  /// last time must not come back to it as the source's own wish.
  Task<Result<void>> settle();
  /// After a pull and a replay that both came to their end.
  Task<Result<void>> carry(FlagWishes wishes);

 private:
  using Seen = std::map<Uid, FlagReport>;
  Task<Result<bool>> is_the_account();
  Task<Result<void>> settle(SourceWriter& writer, StoreIntent intent);
  Task<Result<void>> carry_each(SourceWriter& writer, FlagWishes wishes);
  Task<Result<void>> carry(SourceWriter& writer, MailboxRecord source, MailboxWishes wishes);
  Task<Result<void>> tell(SourceWriter& writer, StoreIntent intent, ModSeq selected);
  Task<Result<void>> store(SourceWriter& writer, const StoreIntent& intent, Seen& seen);
  Task<Result<void>> store_less(SourceWriter& writer, UidSet uids, FlagDelta delta, Error refusal);
  Task<Result<void>> read(SourceWriter& writer, UidSet uids, Seen& seen);
  Task<Result<void>> take_over(StoreIntent intent, UidSet uids, Seen seen);
  Task<Result<void>> announce(const StoreIntent& intent, const std::vector<Binding>& bindings, const Seen& seen);
  Task<Result<void>> reached(MailboxId mailbox, FlagCursor cursor);
  void report(const MailboxRecord& source, bool first);

  Context& context_;
  SourceWriterConnector& source_;
  TargetId id_;
  std::optional<Error> refusal_;  // the first one
  FlagSet refused_;               // what the source does not set or take away, of so many messages
  std::uint64_t refused_messages_ = 0;
  FlagSet not_kept_;  // what PERMANENTFLAGS lacks
};

}  // namespace postern::sync
