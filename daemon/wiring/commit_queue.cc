#include "daemon/wiring/commit_queue.h"

#include <utility>

namespace postern::daemon {
namespace {

/// Bodies sealed in one job: enough that what is small in them compresses well together, little enough that all workers
/// share a commit.
constexpr std::size_t kBatchOctets = 384u << 10;

}  // namespace

CommitQueue::CommitQueue(storage::Vault& vault, AccountId account, Workers& workers, Scheduler& scheduler,
                         std::shared_ptr<InFlight> in_flight)
    : vault_(vault),
      account_(account),
      workers_(workers),
      scheduler_(scheduler),
      in_flight_(std::move(in_flight)),
      line_(std::make_shared<storage::CommitLine>()) {}

void CommitQueue::begin(sync::MailboxChanges changes, std::shared_ptr<Done> done) {
  const auto pending = std::make_shared<Pending>();
  pending->done = std::move(done);
  storage::Changes& out = pending->changes;
  out.mailbox = changes.mailbox;
  out.uidvalidity = changes.uidvalidity;
  out.vanished = std::move(changes.vanished);
  out.cursor = std::move(changes.cursor);
  out.line = line_;
  for (sync::FlagReport& flag : changes.flags) out.flags.push_back({flag.uid, std::move(flag.flags), flag.modseq});
  waiting_.push_back(pending);

  pending->sealing = 1;  // this function
  Batch batch;
  std::size_t batch_octets = 0;
  out.appended.reserve(changes.appended.size());
  for (sync::NewEntry& entry : changes.appended) {
    sync::ArrivedMessage& message = entry.message;
    const std::size_t index = out.appended.size();
    out.appended.push_back({message.uid,
                            std::move(message.flags),
                            message.internaldate,
                            message.modseq,
                            {},
                            std::move(message.email_id),
                            entry.held});
    if (entry.held) continue;
    auto taken = static_cast<PortBody&>(*entry.body).take();
    if (taken.strand) {
      seal_large(pending, index, taken.strand);
      continue;
    }
    pending->octets += taken.whole.size();
    batch_octets += taken.whole.size();
    batch.indexes.push_back(index);
    batch.bodies.push_back(std::move(taken.whole));
    if (batch_octets < kBatchOctets) continue;
    seal(pending, std::exchange(batch, {}));
    batch_octets = 0;
  }
  if (!batch.bodies.empty()) seal(pending, std::move(batch));
  sealed(pending);
}

void CommitQueue::seal(const PendingPtr& pending, Batch batch) {
  struct Job {
    Batch batch;
    std::vector<storage::SealedBody> sealed;
    std::optional<Error> error;
  };
  const auto job = std::make_shared<Job>();
  job->batch = std::move(batch);
  ++pending->sealing;
  workers_.submit(
      [&vault = vault_, job] {
        auto sealed = vault.seal(job->batch.bodies);
        job->batch.bodies.clear();
        if (sealed) {
          job->sealed = *std::move(sealed);
        } else {
          job->error = sealed.error();
        }
      },
      [self = shared_from_this(), pending, job] {
        for (std::size_t i = 0; i < job->sealed.size(); ++i) {
          pending->changes.appended[job->batch.indexes[i]].body = std::move(job->sealed[i]);
        }
        if (job->error) pending->error = job->error;
        self->sealed(pending);
      });
}

void CommitQueue::seal_large(const PendingPtr& pending, std::size_t index, const std::shared_ptr<BodyStrand>& strand) {
  ++pending->sealing;
  strand->finish([self = shared_from_this(), pending, index](Result<storage::SealedBody> body) {
    if (body) {
      pending->changes.appended[index].body = *std::move(body);
    } else {
      pending->error = body.error();
    }
    self->sealed(pending);
  });
}

/// One job less; with the last, the commit is ready for its turn.
void CommitQueue::sealed(const PendingPtr& pending) {
  if (--pending->sealing > 0) return;
  if (pending->failed) return in_flight_->finished(pending->octets);
  hand_over();
}

void CommitQueue::hand_over() {
  while (!waiting_.empty() && waiting_.front()->sealing == 0) {
    const PendingPtr pending = waiting_.front();
    if (pending->error) {
      pending->changes.line->broken = true;
      return fail_waiting(*pending->error);
    }
    waiting_.pop_front();
    storage::Changes changes = std::move(pending->changes);
    // What is captured moves on, so that the last reference is given up on the loop's thread.
    vault_.commit(
        account_, std::move(changes),
        [self = shared_from_this(), pending, &scheduler = scheduler_](Result<storage::Committed> result) mutable {
          auto shared = std::make_shared<Result<storage::Committed>>(std::move(result));
          scheduler.run_soon_from_any_thread([self = std::move(self), pending = std::move(pending), shared] {
            self->committed(pending, std::move(*shared));
          });
        });
  }
}

void CommitQueue::committed(const PendingPtr& pending, Result<storage::Committed> result) {
  in_flight_->finished(pending->octets);
  if (result) {
    pending->done->set(sync::Committed{result->messages, result->octets, result->bodies_reused});
    return;
  }
  pending->done->set(fail(result.error()));
  fail_waiting(result.error());
}

void CommitQueue::fail_waiting(const Error& error) {
  line_ = std::make_shared<storage::CommitLine>();
  for (const PendingPtr& pending : std::exchange(waiting_, {})) {
    pending->failed = true;
    pending->done->set(fail(error));
    if (pending->sealing == 0) in_flight_->finished(pending->octets);
  }
}

}  // namespace postern::daemon
