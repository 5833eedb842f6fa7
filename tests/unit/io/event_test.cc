#include "core/io/event.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "core/io/semaphore.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"

namespace postern {
namespace {

using std::chrono::seconds;
using testing::ManualLoop;

struct EventTest : ::testing::Test {
  ManualLoop loop;
  Event event{loop};
  TaskGroup group{loop};
  std::string seen;
};

Task<void> note(Event& event, std::string& seen, std::string name, Wait wait) {
  const Result<void> came = co_await event.wait(wait, "waiting for news");
  seen += name + (came ? "+" : came.error().kind() == ErrorKind::cancelled ? "x" : "-");
}

TEST_F(EventTest, WakesAllInTheOrderTheyCame) {
  group.spawn(note(event, seen, "a", {}));
  group.spawn(note(event, seen, "b", {}));
  event.set();
  EXPECT_EQ(seen, "");  // on a later turn
  loop.run_ready();
  EXPECT_EQ(seen, "a+b+");
}

TEST_F(EventTest, LetsThroughWhileSet) {
  event.set();
  group.spawn(note(event, seen, "a", {}));
  EXPECT_EQ(seen, "a+");
  event.reset();
  group.spawn(note(event, seen, "b", {}));
  loop.run_ready();
  EXPECT_EQ(seen, "a+");
}

TEST_F(EventTest, EndsAtTheDeadlineAndNotBefore) {
  group.spawn(note(event, seen, "a", {.deadline = loop.now() + seconds(10)}));
  loop.advance(seconds(9));
  EXPECT_EQ(seen, "");
  loop.advance(seconds(1));
  EXPECT_EQ(seen, "a-");
}

TEST_F(EventTest, EndsWhenStopped) {
  StopSource stop;
  group.spawn(note(event, seen, "a", {.stop = stop.token()}));
  stop.request_stop();
  loop.run_ready();
  EXPECT_EQ(seen, "ax");
  group.spawn(note(event, seen, "b", {.stop = stop.token()}));
  EXPECT_EQ(seen, "axbx");
}

TEST_F(EventTest, TheFirstReasonCounts) {
  StopSource stop;
  group.spawn(note(event, seen, "a", {.deadline = loop.now() + seconds(1), .stop = stop.token()}));
  stop.request_stop();
  event.set();
  loop.advance(seconds(5));
  EXPECT_EQ(seen, "ax");
  EXPECT_EQ(loop.pending_timers(), 0U);
}

TEST_F(EventTest, AWaitThatEndsLeavesNoTimer) {
  group.spawn(note(event, seen, "a", {.deadline = loop.now() + seconds(60)}));
  EXPECT_EQ(loop.pending_timers(), 1U);
  event.set();
  loop.run_ready();
  EXPECT_EQ(loop.pending_timers(), 0U);
}

TEST_F(EventTest, ErrorsSayWhatWasWaitedFor) {
  const auto ended = loop.run(event.wait({.deadline = loop.now() + seconds(1)}, "waiting for news"));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind(), ErrorKind::transient);
  EXPECT_EQ(ended.error().what(), "timed out while waiting for news");
}

Task<void> put_later(ManualLoop& loop, Completion<std::string>& box) {
  const Result<void> slept = co_await sleep(loop, seconds(3), {});
  EXPECT_TRUE(slept);
  box.set("first");
  box.set("second");
}

TEST_F(EventTest, ACompletionBringsItsFirstValue) {
  Completion<std::string> box(loop);
  group.spawn(put_later(loop, box));
  EXPECT_EQ(*loop.run(box.wait({})), "first");
  EXPECT_EQ(loop.elapsed(), seconds(3));
}

TEST_F(EventTest, SleepIsCutShortByTheWait) {
  const auto slept = loop.run(sleep(loop, seconds(30), {.deadline = loop.now() + seconds(2)}));
  ASSERT_FALSE(slept);
  EXPECT_EQ(slept.error().kind(), ErrorKind::transient);
  EXPECT_EQ(loop.elapsed(), seconds(2));
  EXPECT_TRUE(loop.run(sleep(loop, seconds(-1), {})));
}

Task<void> take_turn(ManualLoop& loop, Semaphore& semaphore, int& now, int& most, std::string& order, char name) {
  auto permit = co_await semaphore.acquire({});
  order += name;
  most = std::max(most, ++now);
  const Result<void> slept = co_await sleep(loop, seconds(1), {});
  EXPECT_TRUE(slept);
  --now;
}

TEST_F(EventTest, ASemaphoreAdmitsInOrder) {
  Semaphore semaphore(loop, 2);
  int now = 0;
  int most = 0;
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) group.spawn(take_turn(loop, semaphore, now, most, seen, name));
  loop.run(group.join());
  EXPECT_EQ(seen, "abcde");
  EXPECT_EQ(most, 2);
  EXPECT_EQ(semaphore.free(), 2U);
}

TEST_F(EventTest, APermitHandedToADestroyedFrameComesBack) {
  Semaphore semaphore(loop, 1);
  int now = 0;
  int most = 0;
  {
    auto held = loop.run(semaphore.acquire({}));
    TaskGroup doomed(loop);
    doomed.spawn(take_turn(loop, semaphore, now, most, seen, 'x'));
    held->release();  // handed over, and not yet picked up
    EXPECT_EQ(semaphore.free(), 0U);
  }
  EXPECT_EQ(semaphore.free(), 1U);
}

TEST_F(EventTest, AcquireHonoursItsWait) {
  Semaphore semaphore(loop, 1);
  auto held = loop.run(semaphore.acquire({}));
  const auto late = loop.run(semaphore.acquire({.deadline = loop.now() + seconds(1)}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind(), ErrorKind::transient);
  EXPECT_EQ(semaphore.waiting(), 0U);
}

TEST_F(EventTest, AYieldThatIsDestroyedIsForgotten) {
  {
    TaskGroup doomed(loop);
    doomed.spawn(yield(loop));
  }
  loop.run_ready();
  loop.run(yield(loop));
}

}  // namespace
}  // namespace postern
