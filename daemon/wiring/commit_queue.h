#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/io/event.h"
#include "core/io/workers.h"
#include "core/sync/ports.h"
#include "daemon/wiring/incoming_body.h"
#include "storage/vault.h"

namespace postern::daemon {

/// One account's commits: bodies are sealed on the workers, many commits at a time and in any order; the commits are
/// handed to the vault in the order of the calls. Once one has failed, those behind it fail too (I2). Loop's thread;
/// kept alive by what is under way.
class CommitQueue : public std::enable_shared_from_this<CommitQueue> {
 public:
  CommitQueue(storage::Vault& vault, AccountId account, Workers& workers, Scheduler& scheduler,
              std::shared_ptr<InFlight> in_flight);

  using Done = Completion<Result<sync::Committed>>;
  /// Begins at once; the result comes to `done`.
  void begin(sync::MailboxChanges changes, std::shared_ptr<Done> done);

 private:
  struct Pending {
    storage::Changes changes;
    std::shared_ptr<Done> done;
    std::size_t sealing = 0;   // jobs under way
    std::uint64_t octets = 0;  // of bodies held whole
    std::optional<Error> error;
    bool failed = false;  // its result is out
  };
  using PendingPtr = std::shared_ptr<Pending>;
  /// Bodies that are sealed in one job, and where they stand in their commit.
  struct Batch {
    std::vector<std::size_t> indexes;
    std::vector<Bytes> bodies;
  };

  void seal(const PendingPtr& pending, Batch batch);
  void seal_large(const PendingPtr& pending, std::size_t index, const std::shared_ptr<BodyStrand>& strand);
  void sealed(const PendingPtr& pending);
  void hand_over();
  void committed(const PendingPtr& pending, Result<storage::Committed> result);
  void fail_waiting(const Error& error);

  storage::Vault& vault_;
  const AccountId account_;
  Workers& workers_;
  Scheduler& scheduler_;
  const std::shared_ptr<InFlight> in_flight_;
  std::deque<PendingPtr> waiting_;  // not handed over yet
  std::shared_ptr<storage::CommitLine> line_;
};

}  // namespace postern::daemon
