#include "core/io/semaphore.h"

#include <list>
#include <optional>

namespace postern {

/// A place in the queue. The permit is handed over by give_back(), not fought for after the wake-up: so nobody
/// overtakes, and a frame that is destroyed between the two gives it back with the rest of its locals.
struct Semaphore::Entry {
  explicit Entry(Semaphore& from) : semaphore(from), waiter(from.scheduler_) {
    place = semaphore.queue_.insert(semaphore.queue_.end(), this);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { leave(); }
  void leave() {
    if (queued) semaphore.queue_.erase(place);
    queued = false;
  }

  Semaphore& semaphore;
  Waiter waiter;
  bool queued = true;
  std::list<Entry*>::iterator place;
  std::optional<Permit> permit;
};

void Semaphore::give_back() {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  Entry& next = *queue_.front();
  next.leave();
  next.permit.emplace(*this);
  next.waiter.wake_soon();
}

Task<Result<Semaphore::Permit>> Semaphore::acquire(Wait wait) {
  if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while waiting for a turn");
  if (free_ > 0) {
    --free_;
    co_return Permit(*this);
  }
  Entry entry(*this);
  const Wakeup wakeup = co_await entry.waiter.wait(wait);
  if (entry.permit) co_return std::move(*entry.permit);
  const auto ended = to_result(wakeup, "waiting for a turn");
  co_return fail(ended.error());
}

}  // namespace postern
