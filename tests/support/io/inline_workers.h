#pragma once

#include <functional>
#include <utility>

#include "core/io/scheduler.h"
#include "core/io/workers.h"

namespace postern::testing {

/// Workers without threads: work and its completion each run on a turn of the loop, in the order they were submitted.
class InlineWorkers final : public Workers {
 public:
  explicit InlineWorkers(Scheduler& scheduler) : scheduler_(scheduler) {}
  void submit(std::function<void()> work, std::function<void()> done) override {
    scheduler_.run_soon([&scheduler = scheduler_, work = std::move(work), done = std::move(done)]() mutable {
      work();
      scheduler.run_soon(std::move(done));
    });
  }

 private:
  Scheduler& scheduler_;
};

}  // namespace postern::testing
