#include "core/io/task_group.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>

#include "core/io/sleep.h"
#include "tests/support/io/manual_loop.h"

namespace postern {
namespace {

using std::chrono::seconds;
using testing::ManualLoop;

Task<void> work(ManualLoop& loop, int& finished, int duration) {
  const Result<void> slept = co_await sleep(loop, seconds(duration), {});
  EXPECT_TRUE(slept);
  ++finished;
}

TEST(TaskGroup, JoinWaitsForAll) {
  ManualLoop loop;
  TaskGroup group(loop);
  int finished = 0;
  for (int i = 1; i <= 100; ++i) group.spawn(work(loop, finished, i % 7));
  loop.run(group.join());
  EXPECT_EQ(finished, 100);
  EXPECT_EQ(group.running(), 0U);
  EXPECT_EQ(loop.elapsed(), seconds(6));
}

TEST(TaskGroup, JoiningNothingReturnsAtOnce) {
  ManualLoop loop;
  TaskGroup group(loop);
  loop.run(group.join());
}

TEST(TaskGroup, JoinWithALimitLeavesTheOthersRunning) {
  ManualLoop loop;
  TaskGroup group(loop);
  int finished = 0;
  group.spawn(work(loop, finished, 1));
  group.spawn(work(loop, finished, 9));
  const auto joined = loop.run(group.join({.deadline = loop.now() + seconds(5)}));
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().kind(), ErrorKind::transient);
  EXPECT_EQ(group.running(), 1U);
  loop.run(group.join());
  EXPECT_EQ(finished, 2);
}

Task<void> spawn_more(ManualLoop& loop, TaskGroup& group, int& finished, int depth) {
  co_await yield(loop);
  ++finished;
  if (depth > 0) {
    group.spawn(spawn_more(loop, group, finished, depth - 1));
    group.spawn(spawn_more(loop, group, finished, depth - 1));
  }
}

TEST(TaskGroup, AChildMaySpawnSiblings) {
  ManualLoop loop;
  TaskGroup group(loop);
  int finished = 0;
  group.spawn(spawn_more(loop, group, finished, 9));
  loop.run(group.join());
  EXPECT_EQ(finished, 1023);
}

TEST(TaskGroup, DestructionEndsWhatStillWaits) {
  ManualLoop loop;
  int finished = 0;
  {
    TaskGroup group(loop);
    for (int i = 0; i < 10; ++i) group.spawn(work(loop, finished, 5));
    EXPECT_EQ(loop.pending_timers(), 10U);
  }
  EXPECT_EQ(loop.pending_timers(), 0U);
  EXPECT_EQ(finished, 0);
}

Task<void> wait_for_ever(Event& event) {
  const Result<void> came = co_await event.wait({});
  EXPECT_TRUE(came);
}

TEST(ManualLoop, NoticesADeadlock) {
  ManualLoop loop;
  Event event(loop);
  EXPECT_THROW(loop.run(wait_for_ever(event)), std::runtime_error);
}

}  // namespace
}  // namespace postern
