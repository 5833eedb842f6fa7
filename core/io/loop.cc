#include "core/io/loop.h"

#include <uv.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/io/timer_heap.h"

namespace postern {
namespace {

struct SignalWatch {
  uv_signal_t handle{};
  std::function<void()> action;
};

std::int64_t steady_ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

/// The handles' memory: they live until uv_close() has called back, which the destructor waits for.
struct Loop::Impl {
  uv_loop_t loop{};
  uv_timer_t timer{};      // the earliest of `timers`
  uv_timer_t heartbeat{};  // so that a healthy loop turns each second
  uv_idle_t ready{};       // active while `soon` holds work: keeps the loop from sleeping
  uv_async_t inbox{};      // other threads' way in
  TimerHeap timers;
  std::optional<MonotonicTime> armed;  // what `timer` is set to
  std::deque<std::function<void()>> soon;
  std::mutex mutex;
  std::vector<std::function<void()>> mail;  // guarded by mutex
  std::unordered_map<int, std::unique_ptr<SignalWatch>> signals;
  std::atomic<std::int64_t> last_turn{steady_ticks()};

  static Impl& of(const void* data) { return *static_cast<Impl*>(const_cast<void*>(data)); }
  void arm();
  void run_timers();
  void run_ready();
  void take_mail();
};

void Loop::Impl::arm() {
  const auto next = timers.next();
  if (next == armed) return;
  armed = next;
  if (!next) {
    uv_timer_stop(&timer);
    return;
  }
  using std::chrono::milliseconds;
  constexpr milliseconds kLongest = std::chrono::hours(1);  // then it looks again; keeps clear of overflow
  const MonotonicTime now = std::chrono::steady_clock::now();
  const auto left = *next > now ? *next - now : std::chrono::nanoseconds(0);
  const auto rounded = left > kLongest ? kLongest : std::chrono::ceil<milliseconds>(left);
  // libuv counts from its own idea of now, which is the start of this turn.
  uv_update_time(&loop);
  uv_timer_start(
      &timer,
      [](uv_timer_t* t) {
        of(t->data).armed.reset();
        of(t->data).run_timers();
      },
      static_cast<std::uint64_t>(rounded.count()), 0);
}

void Loop::Impl::run_timers() {
  // Only what is due at this instant: work that sets new timers in the past must not hold the loop for ever.
  const MonotonicTime now = std::chrono::steady_clock::now();
  while (const auto work = timers.take_due(now)) work();
  arm();
}

void Loop::Impl::run_ready() {
  for (std::size_t left = soon.size(); left > 0; --left) {
    const auto work = std::move(soon.front());
    soon.pop_front();
    work();
  }
  if (soon.empty()) uv_idle_stop(&ready);
}

void Loop::Impl::take_mail() {
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard lock(mutex);
    letters.swap(mail);
  }
  for (const auto& work : letters) work();
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  [[maybe_unused]] int failed = uv_loop_init(&impl.loop);
  failed |= uv_timer_init(&impl.loop, &impl.timer);
  failed |= uv_timer_init(&impl.loop, &impl.heartbeat);
  failed |= uv_idle_init(&impl.loop, &impl.ready);
  failed |= uv_async_init(&impl.loop, &impl.inbox, [](uv_async_t* a) { Impl::of(a->data).take_mail(); });
  if (failed != 0) std::abort();  // no descriptors or memory left at the very start
  impl.timer.data = impl.heartbeat.data = impl.ready.data = impl.inbox.data = &impl;
  constexpr std::uint64_t kSecond = 1000;
  uv_timer_start(
      &impl.heartbeat, [](uv_timer_t* t) { Impl::of(t->data).last_turn = steady_ticks(); }, 0, kSecond);
}

Loop::~Loop() {
  Impl& impl = *impl_;
  impl.soon.clear();
  for (auto* handle :
       std::array{reinterpret_cast<uv_handle_t*>(&impl.timer), reinterpret_cast<uv_handle_t*>(&impl.heartbeat),
                  reinterpret_cast<uv_handle_t*>(&impl.ready), reinterpret_cast<uv_handle_t*>(&impl.inbox)}) {
    uv_close(handle, nullptr);
  }
  for (auto& [signum, watch] : impl.signals) uv_close(reinterpret_cast<uv_handle_t*>(&watch->handle), nullptr);
  // One turn to take back an uv_stop(), one for the closing handles; a leaked handle must fail below, not hang here.
  uv_run(&impl.loop, UV_RUN_NOWAIT);
  uv_run(&impl.loop, UV_RUN_NOWAIT);
  [[maybe_unused]] const int busy = uv_loop_close(&impl.loop);
  assert(busy == 0 && "something made with this Loop outlives it");
}

MonotonicTime Loop::now() const { return std::chrono::steady_clock::now(); }
WallTime Loop::wall() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void Loop::run_soon(std::function<void()> work) {
  if (impl_->soon.empty()) uv_idle_start(&impl_->ready, [](uv_idle_t* idle) { Impl::of(idle->data).run_ready(); });
  impl_->soon.push_back(std::move(work));
}

void Loop::run_soon_from_any_thread(std::function<void()> work) {
  // The wake-up is sent under the lock: the loop cannot run the work, and end, before this call has left the handle.
  const std::lock_guard lock(impl_->mutex);
  impl_->mail.push_back(std::move(work));
  if (impl_->mail.size() == 1) uv_async_send(&impl_->inbox);
}

TimerId Loop::call_at(MonotonicTime when, std::function<void()> work) {
  const TimerId id = impl_->timers.add(when, std::move(work));
  if (!impl_->armed || when < *impl_->armed) impl_->arm();
  return id;
}

// The libuv timer is left as it is: at worst it fires once for nothing, which is cheaper than arming it at each cancel.
void Loop::cancel(TimerId timer) { impl_->timers.cancel(timer); }

void Loop::turn_until(const bool& done) {
  impl_->last_turn = steady_ticks();
  while (!done) uv_run(&impl_->loop, UV_RUN_DEFAULT);
}

void Loop::stop_turning() { uv_stop(&impl_->loop); }

void Loop::on_signal(int signum, std::function<void()> action) {
  auto& watch = impl_->signals[signum];
  if (watch == nullptr) {
    watch = std::make_unique<SignalWatch>();
    uv_signal_init(&impl_->loop, &watch->handle);
    watch->handle.data = watch.get();
    uv_signal_start(
        &watch->handle, [](uv_signal_t* s, int) { static_cast<SignalWatch*>(s->data)->action(); }, signum);
  }
  watch->action = std::move(action);
}

std::chrono::nanoseconds Loop::since_last_turn() const {
  return std::chrono::nanoseconds(steady_ticks() - impl_->last_turn.load());
}

uv_loop_s* Loop::native() { return &impl_->loop; }

}  // namespace postern
