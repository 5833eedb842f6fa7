#pragma once

// The one port through which something is changed at a source: apart from Source, which is opened read-only, and used
// only where the configuration says `delete_source: after_verified` or `flags: two_way`.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/result.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/sync/ports.h"

namespace postern::sync {

/// A mailbox of the source, open for writing.
struct OpenedForWriting {
  UidValidity uidvalidity;
  bool read_only = false;
  bool uid_not_sticky = false;  // RFC 4315 UIDNOTSTICKY
  bool any_keyword = true;      // PERMANENTFLAGS has "\*"
  FlagSet permanent_flags = {};
  ModSeq highestmodseq = {};  // CONDSTORE: flags may be stored UNCHANGEDSINCE it; 0: not stated
  std::uint32_t uidnext = 0;  // 0: not stated
};

/// One authenticated session with a source account that may delete, and change flags.
class SourceWriter {
 public:
  virtual ~SourceWriter() = default;
  /// UIDPLUS: messages can be expunged by their UIDs, and no others with them.
  virtual bool can_expunge() const = 0;
  /// What this session has cost the server so far, login included.
  virtual std::uint64_t commands_sent() const = 0;
  /// SELECTs.
  virtual Task<Result<OpenedForWriting>> open(MailboxName name, Wait wait) = 0;
  /// What `uids` of the opened mailbox are, with the digest of their stable header fields; those that are not there, or
  /// of which the server says less, are left out. As Source::identities(): some thousands at a time.
  virtual Task<Result<std::vector<ListedMessage>>> list(UidSet uids, Wait wait) = 0;
  /// Flags of `uids` of the opened mailbox, with their mod-sequences where there is CONDSTORE; those that are not there
  /// are left out.
  virtual Task<Result<std::vector<FlagReport>>> flags(UidSet uids, Wait wait) = 0;
  /// As Target::store_flags().
  virtual Task<Result<StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                                 Wait wait) = 0;
  /// Removes exactly these messages of the opened mailbox: UID STORE of \Deleted, then UID EXPUNGE. Needs
  /// can_expunge().
  virtual Task<Result<void>> expunge(UidSet uids, Wait wait) = 0;
  /// LOGOUT, within a few seconds, then close.
  virtual Task<void> close() = 0;
};

class SourceWriterConnector {
 public:
  virtual ~SourceWriterConnector() = default;
  virtual Task<Result<std::unique_ptr<SourceWriter>>> connect(Wait wait) = 0;
};

}  // namespace postern::sync
