#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/sync/engine/context.h"
#include "core/sync/engine/writer_session.h"

namespace postern::sync {

/// `flags: two_way`: what people changed on the target is changed at the source. What is asked for there is compared
/// with the source as it is at that moment, stored UNCHANGEDSINCE that moment under an intent that is durable before,
/// and read back: what the source shows then is what the vault holds and both sides agree on. So the next pull brings
/// nothing new. A mailbox that breaks the connection is left to the next pass.
class SourceFlags {
 public:
  SourceFlags(Context& context, SourceWriterConnector& source) : context_(context), session_(context, source) {}

  /// Takes over STOREs whose end is not durable. Before the target is told anything: what a person there asked for
  /// last time must not come back to it as the source's own wish. What cannot be settled is left in the Context.
  Task<Result<void>> settle();
  /// After a pull and a replay that both came to their end.
  Task<Result<void>> carry(FlagWishes wishes);

 private:
  using Seen = std::map<Uid, FlagReport>;
  Task<Result<bool>> is_the_account();
  Task<Result<void>> check_uids(const MailboxRecord& source, std::uint32_t stated);
  Task<Result<void>> settle(StoreIntent intent);
  Task<Result<void>> look(MailboxRecord source, const StoreIntent& intent, Seen& seen);
  Task<Result<void>> carry_each(FlagWishes wishes);
  Task<Result<void>> carry(const MailboxRecord& source, MailboxWishes wishes);
  Task<Result<void>> carry(SourceWriter& writer, MailboxRecord source, MailboxWishes wishes);
  Task<Result<void>> tell(SourceWriter& writer, StoreIntent intent, ModSeq selected);
  Task<Result<void>> store(SourceWriter& writer, const StoreIntent& intent, Seen& seen);
  Task<Result<void>> store_less(SourceWriter& writer, UidSet uids, FlagDelta delta, Error refusal);
  Task<Result<void>> read(SourceWriter& writer, UidSet uids, Seen& seen);
  Task<Result<void>> take_over(StoreIntent intent, UidSet uids, Seen seen);
  Task<Result<void>> announce(const StoreIntent& intent, const std::vector<Binding>& bindings, const Seen& seen);
  Task<Result<void>> reached(MailboxId mailbox, FlagsReached reached);
  void report(const MailboxRecord& source, bool first);

  Context& context_;
  WriterSession session_;
  TargetId id_;
  std::optional<Error> refusal_;  // the first one
  FlagSet refused_;               // what the source does not set or take away, of so many messages
  std::uint64_t refused_messages_ = 0;
  FlagSet not_kept_;  // what PERMANENTFLAGS lacks
};

}  // namespace postern::sync
