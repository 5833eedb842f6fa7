#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/waiter.h"
#include "core/io/workers.h"

namespace postern {

/// Threads shared by all loops. Thread-safe. The destructor finishes the work already submitted; it runs before the
/// loops are destroyed, and results that find their loop at rest are dropped with it.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Runs `work` on a thread of the pool, then `done` on `home`. Work is begun in the order of the calls. Neither
  /// throws.
  void submit(Scheduler& home, std::function<void()> work, std::function<void()> done);
  /// The pool as one loop sees it. The pool and `home` outlive it.
  std::unique_ptr<Workers> for_loop(Scheduler& home);

 private:
  struct Job {
    Scheduler* home;
    std::function<void()> work;
    std::function<void()> done;
  };
  void serve();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;  // guarded by mutex_
  bool ending_ = false;   // guarded by mutex_
  std::vector<std::thread> threads_;
};

namespace detail {

template <class Function>
struct WorkerCall {
  using Value = std::invoke_result_t<Function&>;
  static constexpr bool kVoid = std::is_void_v<Value>;

  explicit WorkerCall(Function f) : function(std::move(f)) {}
  void run() {
    if constexpr (kVoid) {
      function();
    } else {
      value.emplace(function());
    }
  }

  Function function;
  std::optional<std::conditional_t<kVoid, bool, Value>> value;
  Waiter* waiter = nullptr;  // the loop's thread only; null when the awaiting frame is gone
};

}  // namespace detail

/// `co_await run_on(workers, scheduler, f)`: f() on a worker, its value here. `function` owns what it touches: when the
/// awaiting frame is destroyed, it still runs to its end.
template <class Function>
Task<std::invoke_result_t<Function&>> run_on(Workers& workers, Scheduler& scheduler, Function function) {
  using Call = detail::WorkerCall<Function>;
  Waiter waiter(scheduler);
  const auto call = std::make_shared<Call>(std::move(function));
  struct Link {
    explicit Link(Call& to) : target(to) {}
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { target.waiter = nullptr; }
    Call& target;
  };
  const Link link(*call);
  call->waiter = &waiter;
  workers.submit([call] { call->run(); },
                 [call] {
                   if (call->waiter != nullptr) call->waiter->wake();
                 });
  const Wait forever;
  co_await waiter.wait(forever);
  if constexpr (!Call::kVoid) co_return std::move(*call->value);
}

}  // namespace postern
