#pragma once

#include "core/base/result.h"
#include "core/io/loop.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/io/waiter.h"

namespace postern {

/// Waits until a descriptor is ready; all sockets of the project wait here. Owns the descriptor, which is non-blocking.
/// Private to core/io; on its loop's thread.
///
/// The kernel is asked to watch only when somebody waits, and the watch is left in place afterwards until it fires with
/// nobody waiting: so a connection that reads to the end of what is there costs one epoll_ctl in its life.
class Poll {
 public:
  Poll(Loop& loop, int fd);
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  ~Poll() { close(); }

  /// -1 once closed.
  int fd() const { return fd_; }
  bool closed() const { return fd_ < 0; }
  Loop& loop() { return loop_; }

  /// False when a wait is due: the last operation found the kernel's buffer empty (or full), or many in a row did not
  /// have to wait and others of the loop must have their turn.
  bool may_read() { return may_go(reading_); }
  bool may_write() { return may_go(writing_); }
  void read_blocked() { reading_.ready = false; }
  void write_blocked() { writing_.ready = false; }

  /// Returns when it may be ready, or why not; `doing` as in to_result().
  Task<Result<void>> readable(Wait wait);
  Task<Result<void>> writable(Wait wait);

  /// The one way to close. Waits under way end with an error on a later turn.
  void close();

 private:
  struct Handle;
  struct Side {
    explicit Side(Scheduler& scheduler) : waiter(scheduler) {}
    Waiter waiter;
    bool ready = true;
    int in_a_row = 0;
  };
  static bool may_go(Side& side);
  Task<Result<void>> ready(Side& side, int event, Wait wait, std::string_view doing);
  void watch(int events);
  void on_event(int status, int events);

  Loop& loop_;
  int fd_;
  Handle* handle_;   // frees itself when libuv has let go of it
  int watched_ = 0;  // UV_READABLE, UV_WRITABLE
  Side reading_;
  Side writing_;
};

}  // namespace postern
