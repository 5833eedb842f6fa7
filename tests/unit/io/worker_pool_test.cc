#include "core/io/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <thread>

#include "core/io/loop.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/support/io/inline_workers.h"
#include "tests/support/io/manual_loop.h"

namespace postern {
namespace {

Task<void> square(Workers& workers, Scheduler& scheduler, int n, long& sum) {
  const auto home = std::this_thread::get_id();
  const int result = co_await run_on(workers, scheduler, [n] { return n * n; });
  EXPECT_EQ(std::this_thread::get_id(), home);
  sum += result;
}

TEST(WorkerPool, BringsResultsBackToTheLoop) {
  Loop loop;
  WorkerPool pool(4);
  const auto workers = pool.for_loop(loop);
  TaskGroup group(loop);
  long sum = 0;
  for (int i = 0; i < 1000; ++i) group.spawn(square(*workers, loop, i, sum));
  loop.run(group.join());
  EXPECT_EQ(sum, 332'833'500);
}

TEST(WorkerPool, RunsOnOtherThreads) {
  Loop loop;
  WorkerPool pool(1);
  const auto workers = pool.for_loop(loop);
  const auto there = loop.run(run_on(*workers, loop, [] { return std::this_thread::get_id(); }));
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST(WorkerPool, OneThreadKeepsTheOrder) {
  Loop loop;
  WorkerPool pool(1);
  const auto workers = pool.for_loop(loop);
  std::string order;
  for (const char c : std::string("abcdef")) workers->submit([&order, c] { order += c; }, [] {});
  loop.run(run_on(*workers, loop, [] {}));
  EXPECT_EQ(order, "abcdef");
}

TEST(WorkerPool, TheDestructorFinishesWhatWasSubmitted) {
  Loop loop;
  std::atomic<int> ran{0};
  {
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i)
      pool.submit(
          loop, [&] { ++ran; }, [] { FAIL() << "the loop is at rest"; });
  }
  EXPECT_EQ(ran, 100);
}

TEST(WorkerPool, AnAwaitingFrameMayDieBeforeItsWorkIsDone) {
  Loop loop;
  WorkerPool pool(1);
  const auto workers = pool.for_loop(loop);
  std::promise<void> gate;
  auto opened = std::make_shared<std::future<void>>(gate.get_future());
  long sum = 0;
  {
    TaskGroup doomed(loop);
    workers->submit([opened] { opened->wait(); }, [] {});
    doomed.spawn(square(*workers, loop, 3, sum));
  }
  gate.set_value();
  loop.run(run_on(*workers, loop, [] {}));
  EXPECT_EQ(sum, 0);
}

TEST(InlineWorkers, RunWithoutThreads) {
  testing::ManualLoop loop;
  testing::InlineWorkers workers(loop);
  long sum = 0;
  loop.run(square(workers, loop, 5, sum));
  EXPECT_EQ(sum, 25);
}

}  // namespace
}  // namespace postern
