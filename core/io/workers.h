#pragma once

#include <functional>

namespace postern {

/// Threads for work that would hold up the loop: hashing, compression, the database. `work` runs on any thread and must
/// own what it touches; `done` then runs on the loop that submitted it. WorkerPool::for_loop() gives the real one,
/// run_on() awaits it.
class Workers {
 public:
  virtual ~Workers() = default;
  virtual void submit(std::function<void()> work, std::function<void()> done) = 0;
};

}  // namespace postern
