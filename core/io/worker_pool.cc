#include "core/io/worker_pool.h"

#include <algorithm>

namespace postern {
namespace {

class LoopWorkers final : public Workers {
 public:
  LoopWorkers(WorkerPool& pool, Scheduler& home) : pool_(pool), home_(home) {}
  void submit(std::function<void()> work, std::function<void()> done) override {
    pool_.submit(home_, std::move(work), std::move(done));
  }

 private:
  WorkerPool& pool_;
  Scheduler& home_;
};

}  // namespace

WorkerPool::WorkerPool(unsigned threads) {
  for (unsigned i = 0; i < std::max(1U, threads); ++i) threads_.emplace_back([this] { serve(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(Scheduler& home, std::function<void()> work, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({&home, std::move(work), std::move(done)});
  }
  wake_.notify_one();
}

std::unique_ptr<Workers> WorkerPool::for_loop(Scheduler& home) { return std::make_unique<LoopWorkers>(*this, home); }

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job.work();
      // What the work holds dies before its result is seen, so that the loop finds itself the only owner.
      job.work = nullptr;
      job.home->run_soon_from_any_thread(std::move(job.done));
    }
    lock.lock();
  }
}

}  // namespace postern
