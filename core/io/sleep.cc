#include "core/io/sleep.h"

#include <memory>

#include "core/io/waiter.h"

namespace postern {

Task<Result<void>> sleep(Scheduler& scheduler, std::chrono::nanoseconds duration, Wait wait) {
  Waiter waiter(scheduler);
  const auto now = scheduler.now();
  const auto until = MonotonicTime::max() - now > duration ? now + duration : MonotonicTime::max();
  const Wait shorter = wait.until(until);
  const Wakeup wakeup = co_await waiter.wait(shorter);
  if (wakeup == Wakeup::timed_out && until <= wait.deadline) co_return {};
  co_return to_result(wakeup, "sleeping");
}

Task<void> yield(Scheduler& scheduler) {
  Waiter waiter(scheduler);
  struct Link {
    explicit Link(Waiter* to) : target(std::make_shared<Waiter*>(to)) {}
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { *target = nullptr; }  // the frame may be destroyed before its turn
    std::shared_ptr<Waiter*> target;
  };
  const Link link(&waiter);
  scheduler.run_soon([target = link.target] {
    if (*target != nullptr) (*target)->wake();
  });
  const Wait forever;
  co_await waiter.wait(forever);
}

}  // namespace postern
