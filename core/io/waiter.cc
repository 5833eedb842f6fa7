#include "core/io/waiter.h"

#include <string>
#include <utility>

namespace postern {

Result<void> to_result(Wakeup wakeup, std::string_view doing) {
  switch (wakeup) {
    case Wakeup::signalled:
      break;
    case Wakeup::timed_out:
      return fail(ErrorKind::transient, "timed out while " + std::string(doing));
    case Wakeup::stopped:
      return fail(ErrorKind::cancelled, "stopped while " + std::string(doing));
  }
  return {};
}

void Waiter::wake() {
  if (outcome_) return;
  if (sleeper_) return finish(Wakeup::signalled);
  outcome_ = Wakeup::signalled;
}

void Waiter::wake_soon() {
  if (outcome_) return;
  if (sleeper_) return finish_soon(Wakeup::signalled);
  outcome_ = Wakeup::signalled;
}

void Waiter::disarm() {
  if (timer_) scheduler_.cancel(*std::exchange(timer_, std::nullopt));
  stop_.reset();
}

void Waiter::forget() {
  disarm();
  sleeper_ = {};
  outcome_.reset();
  if (posted_) *std::exchange(posted_, nullptr) = nullptr;
}

void Waiter::finish(Wakeup why) {
  disarm();
  outcome_ = why;
  sleeper_.resume();
}

void Waiter::finish_soon(Wakeup why) {
  disarm();
  outcome_ = why;
  posted_ = std::make_shared<Waiter*>(this);
  scheduler_.run_soon([link = posted_] {
    Waiter* const self = *link;
    if (self == nullptr) return;
    self->posted_.reset();
    self->sleeper_.resume();
  });
}

bool Waiter::Awaiter::await_ready() {
  if (waiter_.outcome_) return true;
  if (wait_.stop.stop_requested()) {
    waiter_.outcome_ = Wakeup::stopped;
  } else if (wait_.deadline != MonotonicTime::max() && wait_.deadline <= waiter_.scheduler_.now()) {
    waiter_.outcome_ = Wakeup::timed_out;
  }
  return waiter_.outcome_.has_value();
}

void Waiter::Awaiter::await_suspend(std::coroutine_handle<> sleeper) {
  suspended_ = true;
  waiter_.sleeper_ = sleeper;
  Waiter* const waiter = &waiter_;
  if (wait_.deadline != MonotonicTime::max()) {
    waiter_.timer_ = waiter_.scheduler_.call_at(wait_.deadline, [waiter] {
      waiter->timer_.reset();
      waiter->finish(Wakeup::timed_out);
    });
  }
  if (wait_.stop.stop_possible()) {
    waiter_.stop_.emplace(wait_.stop, [waiter] { waiter->finish_soon(Wakeup::stopped); });
  }
}

Wakeup Waiter::Awaiter::await_resume() {
  suspended_ = false;
  waiter_.sleeper_ = {};
  return *std::exchange(waiter_.outcome_, std::nullopt);
}

}  // namespace postern
