#pragma once

#include <cstddef>
#include <list>

#include "core/base/result.h"
#include "core/io/driver.h"
#include "core/io/event.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

/// The only way to run several tasks at once: a parent spawns them and waits for all with join(). Destroying the group
/// destroys the frames of those that have not ended, and with them what they wait for; it must not happen from within
/// one of them. Lives on the scheduler's thread.
class TaskGroup {
 public:
  explicit TaskGroup(Scheduler& scheduler) : idle_(scheduler) { idle_.set(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Runs `task` at once up to its first wait.
  void spawn(Task<void> task);
  std::size_t running() const { return running_; }
  /// Returns when no task is running; to end them sooner, ask their stop tokens first.
  Task<void> join();
  /// The same with a limit; those still running when it fails go on, and end with the group.
  Task<Result<void>> join(Wait wait);

 private:
  struct Child {
    detail::Driver driver;
    bool done = false;
  };
  detail::Driver drive(Task<void> task, Child& child);
  void finished(Child& child);

  std::size_t running_ = 0;
  Event idle_;  // set while nothing runs
  std::list<Child> children_;
};

}  // namespace postern
