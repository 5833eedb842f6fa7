#include "core/io/task.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/io/event.h"
#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"

namespace postern {
namespace {

using testing::ManualLoop;

Task<int> answer() { co_return 42; }
Task<int> twice(int n) {
  const int half = co_await answer();
  co_return half* n;
}

TEST(Task, GivesItsValueToTheAwaiter) {
  ManualLoop loop;
  EXPECT_EQ(loop.run(twice(2)), 84);
}

Task<Result<void>> fine() { co_return {}; }
Task<Result<std::string>> wrong() { co_return fail(ErrorKind::protocol, "no"); }

TEST(Task, CarriesResults) {
  ManualLoop loop;
  EXPECT_TRUE(loop.run(fine()).has_value());
  EXPECT_EQ(loop.run(wrong()).error().what(), "no");
}

Task<std::unique_ptr<int>> moved() { co_return std::make_unique<int>(7); }

TEST(Task, MovesItsValue) {
  ManualLoop loop;
  EXPECT_EQ(*loop.run(moved()), 7);
}

TEST(Task, IsLazy) {
  bool ran = false;
  const auto run = [](bool& flag) -> Task<void> {
    flag = true;
    co_return;
  };
  { Task<void> never = run(ran); }
  EXPECT_FALSE(ran);
}

Task<std::uint64_t> sum(std::uint64_t count) {
  std::uint64_t total = 0;
  const auto one = []() -> Task<std::uint64_t> { co_return 1; };
  for (std::uint64_t i = 0; i < count; ++i) total += co_await one();
  co_return total;
}

// Each completion transfers to its awaiter without growing the stack.
TEST(Task, AMillionTransfersNeedNoStack) {
  ManualLoop loop;
  EXPECT_EQ(loop.run(sum(1'000'000)), 1'000'000U);
}

Task<int> descend(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await descend(depth - 1);
  co_return below + 1;
}

TEST(Task, DeepChainsUnwindByTransfer) {
  ManualLoop loop;
  EXPECT_EQ(loop.run(descend(50'000)), 50'000);
}

struct Witness {
  explicit Witness(int& count) : alive(&count) { ++*alive; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { --*alive; }
  int* alive;
};

Task<void> hold(Event& event, int& alive) {
  const Witness witness(alive);
  const Result<void> came = co_await event.wait(Wait{});
  ADD_FAILURE() << "resumed after its frame was destroyed: " << came.has_value();
}

Task<void> outer(Event& event, int& alive) {
  const Witness witness(alive);
  co_await hold(event, alive);
}

TEST(Task, DestroyedWhileWaitingDestroysTheWholeChain) {
  ManualLoop loop;
  Event event(loop);
  int alive = 0;
  {
    TaskGroup group(loop);
    group.spawn(outer(event, alive));
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
  event.set();
  loop.run_ready();
}

TEST(Task, DestroyedBetweenSignalAndResumption) {
  ManualLoop loop;
  Event event(loop);
  int alive = 0;
  {
    TaskGroup group(loop);
    group.spawn(outer(event, alive));
    event.set();  // the resumption is on its way, for a later turn
  }
  loop.run_ready();
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace postern
