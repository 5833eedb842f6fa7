#include "core/io/task_group.h"

#include <utility>

namespace postern {

detail::Driver TaskGroup::drive(Task<void> task, Child& child) {
  {
    Task<void> body = std::move(task);
    co_await std::move(body);
  }
  finished(child);
}

/// Called from within the child's own frame, which therefore stays until the next spawn, end or join.
void TaskGroup::finished(Child& child) {
  children_.remove_if([](const Child& other) { return other.done; });
  child.done = true;
  if (--running_ == 0) idle_.set();
}

void TaskGroup::spawn(Task<void> task) {
  children_.remove_if([](const Child& child) { return child.done && child.driver.done(); });
  ++running_;
  idle_.reset();
  Child& child = children_.emplace_back();
  child.driver = drive(std::move(task), child);
}

Task<void> TaskGroup::join() { co_await join(Wait{}); }

Task<Result<void>> TaskGroup::join(Wait wait) {
  while (running_ > 0) {
    const Result<void> ended = co_await idle_.wait(wait, "waiting for tasks to end");
    if (!ended) co_return fail(ended.error());
  }
  co_return {};
}

}  // namespace postern
