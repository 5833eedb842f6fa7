#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace postern {

class StopCallback;

namespace detail {

/// A place in a ring of callbacks: registering and forgetting cost neither memory nor a search, and a node that has
/// left the ring points at itself.
struct StopNode {
  StopNode* before = this;
  StopNode* after = this;

  StopNode() = default;
  StopNode(const StopNode&) = delete;
  StopNode& operator=(const StopNode&) = delete;
  ~StopNode() { unlink(); }

  bool linked() const { return after != this; }
  void insert_before(StopNode& other) {
    before = other.before;
    after = &other;
    before->after = this;
    other.before = this;
  }
  void unlink() {
    before->after = after;
    after->before = before;
    before = after = this;
  }
};

struct StopState;

}  // namespace detail

/// Asks for a stop, once and for good. Single-threaded: everything happens on the loop's thread.
class StopToken {
 public:
  StopToken() = default;  // never stops
  bool stop_requested() const;
  /// False for a token that can never stop.
  bool stop_possible() const { return state_ != nullptr; }

 private:
  friend class StopSource;
  friend class StopCallback;
  explicit StopToken(std::shared_ptr<detail::StopState> state) : state_(std::move(state)) {}
  std::shared_ptr<detail::StopState> state_;
};

/// Runs a function when the stop is asked for, unless destroyed before. If it was asked for already, the function does
/// not run: check stop_requested() first. The function may destroy this object, or any other callback.
class StopCallback : private detail::StopNode {
 public:
  StopCallback(const StopToken& token, std::function<void()> function);

 private:
  friend class StopSource;
  std::shared_ptr<detail::StopState> state_;  // keeps the ring's head alive as long as this is in it
  std::function<void()> function_;
};

namespace detail {
struct StopState {
  bool requested = false;
  StopNode callbacks;                    // the ring's head
  std::unique_ptr<StopCallback> parent;  // passes an outer stop on
};
}  // namespace detail

/// The asking side; copies ask for the same stop.
class StopSource {
 public:
  StopSource() : state_(std::make_shared<detail::StopState>()) {}
  /// Stops also when `outer` does: an account's stop within the process's.
  explicit StopSource(const StopToken& outer);

  StopToken token() const { return StopToken(state_); }
  bool stop_requested() const { return state_->requested; }
  /// Runs the registered callbacks, oldest first; one may destroy others, which then do not run.
  void request_stop() { request(state_); }

 private:
  static void request(std::shared_ptr<detail::StopState> state);
  std::shared_ptr<detail::StopState> state_;
};

inline bool StopToken::stop_requested() const { return state_ && state_->requested; }

inline StopCallback::StopCallback(const StopToken& token, std::function<void()> function) {
  if (!token.state_ || token.state_->requested) return;
  state_ = token.state_;
  function_ = std::move(function);
  insert_before(state_->callbacks);
}

inline StopSource::StopSource(const StopToken& outer) : StopSource() {
  if (outer.stop_requested()) {
    state_->requested = true;
  } else if (outer.stop_possible()) {
    state_->parent = std::make_unique<StopCallback>(
        outer, [weak = std::weak_ptr<detail::StopState>(state_)] { request(weak.lock()); });
  }
}

inline void StopSource::request(std::shared_ptr<detail::StopState> state) {
  if (!state || std::exchange(state->requested, true)) return;
  while (state->callbacks.linked()) {
    auto* callback = static_cast<StopCallback*>(state->callbacks.after);
    callback->unlink();
    const auto function = std::move(callback->function_);  // may destroy `callback`
    function();
  }
}

}  // namespace postern
