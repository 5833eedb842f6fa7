#pragma once

#include <cstddef>
#include <list>
#include <utility>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/io/waiter.h"

namespace postern {

/// At most `permits` coroutines at a time; those who wait are served in the order they came. With one permit, a mutex.
/// Lives on the scheduler's thread and outlives its permits and waits.
class Semaphore {
 public:
  Semaphore(Scheduler& scheduler, std::size_t permits) : scheduler_(scheduler), free_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  /// The right to go on, given back when destroyed.
  class Permit {
   public:
    explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      if (this != &other) {
        release();
        semaphore_ = std::exchange(other.semaphore_, nullptr);
      }
      return *this;
    }
    ~Permit() { release(); }
    void release() {
      if (semaphore_) std::exchange(semaphore_, nullptr)->give_back();
    }

   private:
    Semaphore* semaphore_;
  };

  Task<Result<Permit>> acquire(Wait wait);
  std::size_t free() const { return free_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Entry;
  void give_back();

  Scheduler& scheduler_;
  std::size_t free_;
  std::list<Entry*> queue_;
};

}  // namespace postern
