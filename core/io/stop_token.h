#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace postern {

namespace detail {
struct StopState {
  bool requested = false;
  std::list<std::function<void()>> callbacks;
};
}  // namespace detail

/// Asks for a stop, once and for good. Single-threaded: everything happens on the loop's thread.
class StopToken {
 public:
  StopToken() = default;  // never stops
  bool stop_requested() const { return state_ && state_->requested; }

 private:
  friend class StopSource;
  friend class StopCallback;
  explicit StopToken(std::shared_ptr<detail::StopState> state) : state_(std::move(state)) {}
  std::shared_ptr<detail::StopState> state_;
};

class StopSource {
 public:
  StopToken token() const { return StopToken(state_); }
  bool stop_requested() const { return state_->requested; }
  /// Runs the registered callbacks, oldest first; one may destroy others, which then do not run.
  void request_stop() {
    if (std::exchange(state_->requested, true)) return;
    const auto state = state_;
    while (!state->callbacks.empty()) {
      auto callback = std::move(state->callbacks.front());
      state->callbacks.pop_front();
      callback();
    }
  }

 private:
  std::shared_ptr<detail::StopState> state_ = std::make_shared<detail::StopState>();
};

/// Runs a function when the stop is asked for, unless destroyed before. If it was asked for already, the function does
/// not run: check stop_requested() first.
class StopCallback {
 public:
  StopCallback(const StopToken& token, std::function<void()> function) : state_(token.state_) {
    if (!state_ || state_->requested) return;
    // The list node outlives neither this object nor its own run: `live_` says which came first.
    state_->callbacks.push_back([live = live_, function = std::move(function)] {
      if (*live) function();
    });
    node_ = std::prev(state_->callbacks.end());
    registered_ = true;
  }
  StopCallback(const StopCallback&) = delete;
  StopCallback& operator=(const StopCallback&) = delete;
  ~StopCallback() {
    *live_ = false;
    if (registered_ && !state_->requested) state_->callbacks.erase(node_);
  }

 private:
  std::shared_ptr<detail::StopState> state_;
  std::shared_ptr<bool> live_ = std::make_shared<bool>(true);
  std::list<std::function<void()>>::iterator node_;
  bool registered_ = false;
};

}  // namespace postern
