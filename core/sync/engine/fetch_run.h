#pragma once

#include "core/sync/engine/body_sink.h"
#include "core/sync/engine/shared_fetch.h"
#include "core/sync/planner/enumeration.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// Tells people of bodies that came twice; nothing when there are none.
void report_repeated(Context& context, const MailboxName& name, const UidSet& repeated);

/// Brings messages of the opened mailbox into the vault. A UID missing from an answer that ended well is asked for
/// alone; still missing it has vanished by a complete listing without it, else it is quarantined. A refused set is
/// bisected down to the message that is refused. After a cut those that were asked for are `suspects`, and asked for
/// with care in the next session; one that breaks the connection by itself while others come is quarantined. Nothing is
/// inferred from silence.
class FetchRun {
 public:
  FetchRun(Context& context, Source& source, CommitPipe& pipe, const MailboxRecord& mailbox, UidSet wanted,
           Suspects& suspects, SharedFetches& shares)
      : context_(context),
        source_(source),
        pipe_(pipe),
        record_(mailbox),
        name_(mailbox.name),
        mailbox_(mailbox.id),
        uidvalidity_(mailbox.uidvalidity),
        wanted_(wanted),
        suspects_(suspects),
        shares_(shares),
        sink_(context, pipe, mailbox_, uidvalidity_, std::move(wanted)) {}

  /// True when each wanted UID is in the vault (or on its way), vanished or quarantined; false when some are left for
  /// the next pass.
  Task<Result<bool>> run();
  /// Those that had vanished, and those that were quarantined.
  const UidSet& decided() const { return decided_; }

 private:
  Task<Result<bool>> run_all();
  Task<Result<void>> probe();
  Task<Result<void>> fetch(UidSet uids);
  Task<Result<void>> fetch_shared(UidSet uids);
  Task<Result<void>> suspect();
  Task<Result<void>> judge();
  Task<Result<void>> take(Result<FetchOutcome> outcome);
  UidSet arrived() const { return sink_.arrived().united(others_); }
  Task<Result<bool>> bisect();
  Task<Result<bool>> ask_alone();
  Task<Result<void>> judge(UidSet ghosts);
  Task<Result<Enumeration>> list_again(UidSet ghosts);
  Task<Result<void>> quarantine(Uid uid, const Error& why);
  Task<Result<void>> clear_arrived();
  UidSet missing() const { return wanted_.without(arrived()).without(decided_); }

  Context& context_;
  Source& source_;
  CommitPipe& pipe_;
  const MailboxRecord& record_;
  MailboxName name_;
  MailboxId mailbox_;
  UidValidity uidvalidity_;
  UidSet wanted_;
  Suspects& suspects_;
  SharedFetches& shares_;
  UidSet others_;    // arrived in other sessions
  UidSet decided_;   // vanished or quarantined
  UidSet repeated_;  // sent twice
  std::vector<FetchOutcome::Refused> refused_;
  std::uint64_t quarantined_ = 0;
  BodySink sink_;
};

}  // namespace postern::sync
