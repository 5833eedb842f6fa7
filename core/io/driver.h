#pragma once

#include <coroutine>
#include <exception>
#include <utility>

namespace postern::detail {

/// The outermost coroutine, which turns a Task into something a plain function can start: runs at once up to its first
/// wait, and its owner destroys the frame. Made by Loop::run() and TaskGroup only.
class Driver {
 public:
  struct promise_type {
    Driver get_return_object() { return Driver(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };

  Driver() = default;
  Driver(Driver&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Driver& operator=(Driver&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Driver() { destroy(); }
  bool done() const { return !handle_ || handle_.done(); }

 private:
  explicit Driver(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  void destroy() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace postern::detail
