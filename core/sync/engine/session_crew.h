#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/io/event.h"
#include "core/io/stop_token.h"
#include "core/io/task_group.h"
#include "core/sync/engine/context.h"
#include "core/sync/engine/reconnects.h"

namespace postern::sync {

/// The sessions of one side of a pass: the first, by which the side fails, and further ones beside it, recruited where
/// the work pays for their logins. A connection that breaks is made again; a further one that is refused, or that
/// breaks again without having brought anything, is done without. Derived classes say what a session does. Lives on the
/// loop's thread, in the side's frame.
class SessionCrew {
 public:
  enum class Part : std::uint8_t { first, further };
  /// One of the sessions, and those that follow it after a cut.
  struct Session {
    Part part;
    Reconnects reconnects;
    std::uint64_t progress = 0;  // what it made durable or learnt, not what the others did
  };

 protected:
  SessionCrew(Context& context, std::uint64_t salt);
  ~SessionCrew() = default;
  /// For the destructor of the derived class: the sessions' frames end before the members that they use.
  void abandon_sessions() { further_.reset(); }

  /// One connection, from connecting to its end. Success: there is nothing left to do.
  virtual Task<Result<void>> session(Session& own) = 0;
  /// Whether there is work that a session without any may begin now.
  virtual bool has_work() const = 0;
  /// Whether everything was handed out once; has_work() may be false before.
  virtual bool is_planned() const = 0;
  /// The first session is about to connect, or to wait before it does.
  virtual void connecting() {}

  /// All sessions, to their end.
  Task<Result<void>> run_sessions();
  /// Begins further sessions: `wanted` with the first. Once.
  void recruit(unsigned wanted);
  /// What session() gives back when connecting failed.
  Result<void> not_connected(const Session& own, Error error) const;
  /// Runs `work_once`, which gives a Task<Result<void>>, while there is work. A session without any stays as long as
  /// another is at work: what breaks there is given back.
  template <class WorkOnce>
  Task<Result<void>> work(WorkOnce work_once);
  /// No connection is waited for any longer than there is work.
  Wait while_worth_it() const { return {context_.wait.deadline, enough_.token()}; }

 private:
  Task<Result<void>> serve();
  Task<void> serve_further(std::uint64_t number);
  /// For good: only a session at work gives something back.
  bool all_done() const { return is_planned() && !has_work() && busy_ == 0; }
  Task<Result<void>> idle();

  StopSource stop_;    // of all sessions, when one of them meets what ends the pass
  StopSource enough_;  // no connection is worth waiting for any more

 protected:
  Context context_;  // the pass's, but that it ends with stop_

 private:
  const std::uint64_t salt_;
  std::size_t busy_ = 0;  // sessions at work

 protected:
  Event changed_;  // a session has come to the end of its work

 private:
  std::optional<Error> further_error_;  // what a further session met that ends the pass
  std::optional<TaskGroup> further_;
};

template <class WorkOnce>
Task<Result<void>> SessionCrew::work(WorkOnce work_once) {
  while (true) {
    if (has_work()) {
      ++busy_;
      auto worked = co_await work_once();
      --busy_;
      changed_.set();
      if (!worked) co_return worked;
      continue;
    }
    if (all_done()) {
      enough_.request_stop();
      co_return {};
    }
    auto changed = co_await idle();
    if (!changed) co_return changed;
  }
}

}  // namespace postern::sync
