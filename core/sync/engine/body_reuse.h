#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/shared_fetch.h"
#include "core/sync/planner/reuse.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// New messages of the opened mailbox whose bodies the vault has already: found by what the server says of them, proved
/// by their headers, tried by samples that are downloaded all the same, and entered without a download. One body that
/// turns out to be another ends it: what was entered so far is fetched after all.
class BodyReuse {
 public:
  /// `first_pull`: there was no cursor under this UIDVALIDITY.
  BodyReuse(Context& context, Source& source, CommitPipe& pipe, const MailboxRecord& mailbox, bool first_pull,
            Suspects& suspects, SharedFetches& shares)
      : context_(context),
        source_(source),
        pipe_(pipe),
        mailbox_(mailbox),
        first_pull_(first_pull),
        suspects_(suspects),
        shares_(shares) {}

  /// Enters what is held of `wanted`, durably. Gives what is left to be fetched, which may name messages that were
  /// entered and have to be checked.
  Task<Result<UidSet>> run(UidSet wanted);

 private:
  using Matches = std::vector<ReuseMatch>;
  using Proofs = std::vector<std::pair<Uid, Digest>>;  // ascending

  Task<Result<UidSet>> prove_all(UidSet wanted);
  Task<Result<UidSet>> prove(UidSet window);
  Task<Result<Matches>> match(UidSet window);
  Task<Result<void>> match_by_email_id(Matches& matches);
  Task<Result<void>> match_by_size_and_date(Matches& matches);
  Task<Result<std::map<Place, Entry>>> entries_at(const std::set<Place>& places);
  Task<Result<void>> read_headers(Matches& matches);
  Task<Result<UidSet>> decide(Matches matches);
  Task<Result<UidSet>> try_samples(std::map<Uid, Digest> expected);
  Task<Result<UidSet>> enter_all();
  Task<Result<UidSet>> enter(const Proofs& proofs, std::vector<ListedMessage> messages);
  void report_another(Uid uid);

  Context& context_;
  Source& source_;
  CommitPipe& pipe_;
  const MailboxRecord& mailbox_;
  const bool first_pull_;
  Suspects& suspects_;     // of the samples: as FetchRun's …
  SharedFetches& shares_;  // … both

  std::vector<Proofs> proofs_;              // of each window, to be entered; 36 octets a message
  std::vector<ListedMessage> last_listed_;  // of the last of them
};

}  // namespace postern::sync
