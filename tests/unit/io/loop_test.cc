#include "core/io/loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "core/io/event.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

Task<int> answer() { co_return 42; }
Task<void> nothing() { co_return; }

TEST(Loop, RunsATaskThatNeedsNoLoop) {
  Loop loop;
  EXPECT_EQ(loop.run(answer()), 42);
  EXPECT_EQ(loop.run(answer()), 42);
  loop.run(nothing());
}

Task<void> count_turns(Loop& loop, int& turns) {
  for (int i = 0; i < 1000; ++i) {
    co_await yield(loop);
    ++turns;
  }
}

TEST(Loop, RunsReadyWorkInOrderAndFairly) {
  Loop loop;
  std::string order;
  loop.run_soon([&] {
    order += "a";
    loop.run_soon([&] { order += "c"; });
  });
  loop.run_soon([&] { order += "b"; });
  int turns = 0;
  loop.run(count_turns(loop, turns));
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(turns, 1000);
}

Task<void> nap(Loop& loop, int ms, std::vector<int>& order) {
  const auto start = loop.now();
  const Result<void> slept = co_await sleep(loop, milliseconds(ms), {});
  EXPECT_TRUE(slept);
  EXPECT_GE(loop.now() - start, milliseconds(ms));
  order.push_back(ms);
}

TEST(Loop, TimersFireInTheirOrderAndNotEarly) {
  Loop loop;
  TaskGroup group(loop);
  std::vector<int> order;
  for (const int ms : {30, 10, 20, 0}) group.spawn(nap(loop, ms, order));
  loop.run(group.join());
  EXPECT_EQ(order, (std::vector{0, 10, 20, 30}));
}

TEST(Loop, ThousandsOfDeadlinesThatNeverFireAreForgotten) {
  Loop loop;
  std::vector<TimerId> timers;
  for (int i = 0; i < 100'000; ++i) {
    timers.push_back(loop.call_at(loop.now() + std::chrono::hours(1), [] { FAIL(); }));
  }
  for (const TimerId timer : timers) loop.cancel(timer);
  std::vector<int> order;
  loop.run(nap(loop, 1, order));
}

TEST(Loop, AFiredTimerMaySetOneInThePast) {
  Loop loop;
  Event third(loop);
  loop.call_at(loop.now(), [&] {
    loop.call_at(loop.now() - milliseconds(5), [&] { loop.call_at(MonotonicTime::min(), [&] { third.set(); }); });
  });
  EXPECT_TRUE(loop.run(third.wait({})));
}

TEST(Loop, OtherThreadsReachIt) {
  Loop loop;
  Event all(loop);
  constexpr int kThreads = 4;
  constexpr int kEach = 1000;
  int arrived = 0;  // touched by the loop's thread alone
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        loop.run_soon_from_any_thread([&] {
          if (++arrived == kThreads * kEach) all.set();
        });
      }
    });
  }
  EXPECT_TRUE(loop.run(all.wait({})));
  for (auto& thread : threads) thread.join();
}

TEST(Loop, SignalsCallTheLatestAction) {
  Loop loop;
  Event came(loop);
  loop.on_signal(SIGUSR1, [] { FAIL() << "replaced"; });
  loop.on_signal(SIGUSR1, [&] { came.set(); });
  raise(SIGUSR1);
  EXPECT_TRUE(loop.run(came.wait({})));
}

TEST(Loop, TellsWhenItLastTurned) {
  Loop loop;
  loop.run(nothing());
  EXPECT_LT(loop.since_last_turn(), std::chrono::minutes(1));
  EXPECT_GE(loop.since_last_turn().count(), 0);
}

TEST(Loop, WorkThatNeverRanDiesWithIt) {
  auto witness = std::make_shared<int>(0);
  {
    Loop loop;
    loop.run_soon([witness] { FAIL(); });
    loop.run_soon_from_any_thread([witness] { FAIL(); });
    loop.call_at(loop.now() + std::chrono::hours(1), [witness] { FAIL(); });
    EXPECT_EQ(witness.use_count(), 4);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace postern
