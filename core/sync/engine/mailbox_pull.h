#pragma once

#include <optional>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/shared_fetch.h"
#include "core/sync/engine/source_back.h"
#include "core/sync/planner/enumeration.h"
#include "core/sync/planner/rung.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// One mailbox of a source pass: what changed, by the best rung the server offers; bodies; and the cursor, last, when
/// all before it is durable and nothing failed.
class MailboxPull {
 public:
  MailboxPull(Context& context, Source& source, CommitPipe& pipe, MailboxRecord record, MailboxStatus listed,
              Suspects& suspects, SharedFetches& shares)
      : context_(context),
        source_(source),
        pipe_(pipe),
        record_(std::move(record)),
        listed_(listed),
        suspects_(suspects),
        shares_(shares) {}

  Task<Result<void>> run();

 private:
  Task<Result<void>> open();
  Task<Result<void>> check_calm();
  Task<Result<void>> start_generation();
  Task<Result<void>> clear_quarantine_of_held();
  Task<Result<void>> find_changes();
  Task<Result<void>> believe_changes(Rung rung, UidSet vanished, std::vector<FlagReport> reports);
  Task<Result<void>> enumerate(UidSet due);
  void report_enumeration(const Enumeration& listings, const Enumeration::Plan& plan);
  Task<Result<void>> compare_all();
  Task<Result<void>> end_comparison();
  Task<Result<void>> sweep_flags();
  Task<Result<void>> apply_flags(std::vector<FlagReport> reports);
  Task<Result<void>> apply_vanished();
  Task<Result<void>> fetch_bodies();
  Task<Result<bool>> bring();
  Task<Result<void>> store_cursor();
  MailboxChanges changes() const;

  Context& context_;
  Source& source_;
  CommitPipe& pipe_;
  MailboxRecord record_;
  MailboxStatus listed_;
  Suspects& suspects_;     // of the pass …
  SharedFetches& shares_;  // … both

  UidSet held_;  // in the vault, not vanished
  Quarantine::Held quarantined_;
  OpenedMailbox opened_;  // as first opened: its mod-sequence is what the cursor may take
  std::uint32_t exists_ = 0;
  UidSet fetch_;
  UidSet vanished_;
  UidSet shown_;                    // by the last listing
  UidSet no_longer_listed_;         // quarantined, and gone
  bool reverted_ = false;           // UIDs may name other messages than those held …
  std::optional<SourceBack> back_;  // … and were compared
  UidSet not_brought_;              // of `fetch_`: gone meanwhile, or quarantined
  bool swept_ = false;              // every flag was compared
  bool complete_ = true;            // nothing was left undone
};

}  // namespace postern::sync
