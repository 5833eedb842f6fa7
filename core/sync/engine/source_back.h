#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"

namespace postern::sync {

/// Makes durable that a mailbox of the source is to be compared before its UIDs are believed. The cursor of a
/// comparison that came to its end takes that back.
Task<Result<void>> note_source_back(Vault& vault, const MailboxRecord& mailbox);

/// A mailbox of the source, opened, that went back to an earlier state under the same UIDVALIDITY: UIDs may name other
/// messages than those that are held. `record`: as it was before note().
class SourceBack {
 public:
  SourceBack(Context& context, Source& source, CommitPipe& pipe, const MailboxRecord& record)
      : context_(context), source_(source), pipe_(pipe), record_(record) {}

  /// Reports it, and makes it durable. `stated`: as it is now.
  Task<Result<void>> note(MailboxStatus stated);
  /// Which of `uids` are not, by size and date, the messages that are held, or are not told of.
  Task<Result<UidSet>> others(UidSet uids);
  /// Takes over the flags of `uids`. What the source has lost of them stays on the target.
  Task<Result<void>> sweep_flags(UidSet uids);
  /// Of `others` some may turn out to be the messages that are held, and will have the source's flags then: what it
  /// has lost of them stays on the target too. Before they are fetched.
  Task<Result<void>> keep_flags(UidSet others);
  /// Which of `others` that was true of, once they are durable: reported.
  Task<Result<void>> report_kept();
  /// What has vanished with it is held for the target, durably. `of`: messages that were held.
  Task<Result<void>> hold(UidSet vanished, std::uint64_t of);

 private:
  Task<Result<UidSet>> others_of(UidSet page);
  /// Flags in the target's words.
  using Losses = std::map<Uid, FlagSet>;
  Task<Result<std::vector<FlagReport>>> flags_of(const UidSet& page);
  Task<Result<Losses>> keep_on_target(const std::vector<FlagReport>& reports);
  Task<Result<void>> look_anew_at_target();
  void report_lost();
  bool is_resumed() const;
  std::string what_went_back(const MailboxStatus& stated) const;

  Context& context_;
  Source& source_;
  CommitPipe& pipe_;
  const MailboxRecord& record_;
  std::map<std::string, std::uint64_t> lost_;  // messages by flag, in the target's words
  struct Kept {
    Digest digest;
    FlagSet flags;
  };
  std::map<Uid, Kept> kept_;  // of those that may be other messages
};

}  // namespace postern::sync
