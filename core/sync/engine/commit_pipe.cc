#include "core/sync/engine/commit_pipe.h"

#include <utility>

namespace postern::sync {

void CommitPipe::submit(MailboxChanges changes) {
  if (!error_) group_.spawn(run(std::move(changes)));
}

Task<void> CommitPipe::run(MailboxChanges changes) {
  const std::uint64_t flags = changes.flags.size();
  const std::uint64_t vanished = changes.vanished.size();
  const auto done = co_await vault_.commit(std::move(changes));
  if (!done) {
    if (!error_) error_ = done.error();
    co_return;
  }
  messages_ += done->messages;
  totals_.messages_fetched += done->messages;
  totals_.bytes_fetched += done->octets;
  totals_.bodies_reused += done->bodies_reused;
  totals_.flag_changes += flags;
  totals_.vanished += vanished;
}

Task<Result<void>> CommitPipe::drain() {
  co_await group_.join();
  if (error_) co_return fail(*error_);
  co_return {};
}

Task<Result<void>> CommitPipe::commit(MailboxChanges changes) {
  submit(std::move(changes));
  auto drained = co_await drain();
  co_return drained;
}

}  // namespace postern::sync
