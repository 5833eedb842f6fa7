#include "core/io/poll.h"

#include <unistd.h>
#include <uv.h>

#include <utility>

namespace postern {

struct Poll::Handle {
  uv_poll_t poll{};
  Poll* owner = nullptr;
};

Poll::Poll(Loop& loop, int fd) : loop_(loop), fd_(fd), handle_(new Handle), reading_(loop), writing_(loop) {
  handle_->owner = this;
  handle_->poll.data = handle_;
  if (uv_poll_init(loop.native(), &handle_->poll, fd) != 0) {
    delete std::exchange(handle_, nullptr);
    ::close(std::exchange(fd_, -1));
  }
}

bool Poll::may_go(Side& side) {
  constexpr int kTurn = 16;
  if (!side.ready || ++side.in_a_row > kTurn) side.ready = false;
  return side.ready;
}

Task<Result<void>> Poll::readable(Wait wait) { return ready(reading_, UV_READABLE, std::move(wait), "reading"); }
Task<Result<void>> Poll::writable(Wait wait) { return ready(writing_, UV_WRITABLE, std::move(wait), "writing"); }

Task<Result<void>> Poll::ready(Side& side, int event, Wait wait, std::string_view doing) {
  if (closed()) co_return fail(ErrorKind::transient, "the connection is closed");
  watch(watched_ | event);
  const Wakeup wakeup = co_await side.waiter.wait(wait);
  if (closed()) co_return fail(ErrorKind::transient, "the connection is closed");
  if (wakeup == Wakeup::signalled) {
    side.ready = true;
    side.in_a_row = 0;
  }
  co_return to_result(wakeup, doing);
}

void Poll::watch(int events) {
  if (events == watched_) return;
  watched_ = events;
  if (events == 0) {
    uv_poll_stop(&handle_->poll);
    return;
  }
  uv_poll_start(&handle_->poll, events, [](uv_poll_t* poll, int status, int happened) {
    auto* const handle = static_cast<Handle*>(poll->data);
    if (handle->owner != nullptr) handle->owner->on_event(status, happened);
  });
}

void Poll::on_event(int status, int events) {
  if (status < 0) {  // the socket is broken: libuv has stopped watching, and the next operation tells why
    watched_ = 0;
    events = UV_READABLE | UV_WRITABLE;
  }
  int idle = 0;
  if ((events & UV_READABLE) != 0 && !reading_.waiter.waiting()) idle |= UV_READABLE;
  if ((events & UV_WRITABLE) != 0 && !writing_.waiter.waiting()) idle |= UV_WRITABLE;
  watch(watched_ & ~idle);
  // Each may destroy this object: look at it through the handle, which lives on.
  Handle* const handle = handle_;
  const bool write = (events & UV_WRITABLE) != 0 && writing_.waiter.waiting();
  if ((events & UV_READABLE) != 0 && reading_.waiter.waiting()) reading_.waiter.wake();
  if (write && handle->owner != nullptr && writing_.waiter.waiting()) writing_.waiter.wake();
}

void Poll::close() {
  if (closed()) return;
  handle_->owner = nullptr;
  uv_poll_stop(&handle_->poll);
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* poll) { delete static_cast<Handle*>(poll->data); });
  handle_ = nullptr;
  ::close(std::exchange(fd_, -1));
  if (reading_.waiter.waiting()) reading_.waiter.wake_soon();
  if (writing_.waiter.waiting()) writing_.waiter.wake_soon();
}

}  // namespace postern
