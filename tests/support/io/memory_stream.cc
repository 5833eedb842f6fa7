#include "tests/support/io/memory_stream.h"

#include <algorithm>

namespace postern::testing {
namespace {

/// Wakes whoever waits on the pipe to look again.
void touch(MemoryPipe& pipe) {
  pipe.changed.set();
  pipe.changed.reset();
}

}  // namespace

Task<Result<std::size_t>> MemoryStream::read_some(std::span<char> into, Wait wait) {
  const std::shared_ptr<MemoryPipe> pipe = in_;
  for (;;) {
    if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
    if (pipe->unread() > 0) break;
    if (pipe->broken) co_return fail(ErrorKind::transient, "connection reset by peer");
    if (pipe->ended) co_return std::size_t{0};
    const Result<void> changed = co_await pipe->changed.wait(wait, "reading");
    if (!changed) co_return fail(changed.error());
  }
  const std::size_t size = std::min({into.size(), pipe->unread(), pipe->options.segment});
  std::copy_n(pipe->octets.data() + pipe->head, size, into.data());
  pipe->head += size;
  if (pipe->head >= pipe->octets.size() / 2) {
    pipe->octets.erase(0, pipe->head);
    pipe->head = 0;
  }
  touch(*pipe);
  co_return size;
}

Task<Result<void>> MemoryStream::write_all(ByteView octets, Wait wait) {
  const std::shared_ptr<MemoryPipe> pipe = out_;
  while (!octets.empty()) {
    if (closed_ || pipe->ended) co_return fail(ErrorKind::transient, "the connection is closed");
    if (pipe->broken) co_return fail(ErrorKind::transient, "connection reset by peer");
    if (pipe->unread() >= pipe->options.capacity) {
      const Result<void> changed = co_await pipe->changed.wait(wait, "writing");
      if (!changed) co_return fail(changed.error());
      continue;
    }
    const PipeOptions& how = pipe->options;
    const std::size_t size = std::min(octets.size(), how.capacity - pipe->unread());
    const std::size_t limit = std::min(how.cut_after, how.stall_after);
    const std::size_t arriving = pipe->written >= limit ? 0 : std::min(size, limit - pipe->written);
    pipe->octets.append(octets.substr(0, arriving));
    pipe->written += size;
    octets.remove_prefix(size);
    if (pipe->written >= how.cut_after) {
      pipe->ended = !how.cut_is_reset;
      pipe->broken = how.cut_is_reset;
    }
    touch(*pipe);
  }
  co_return {};
}

Task<Result<void>> MemoryStream::shutdown(Wait) {
  if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
  out_->ended = true;
  touch(*out_);
  co_return {};
}

void MemoryStream::close() {
  if (closed_) return;
  closed_ = true;
  out_->ended = true;
  in_->broken = true;
  touch(*out_);
  touch(*in_);
}

std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> memory_streams(Scheduler& scheduler,
                                                                                       PipeOptions to_second,
                                                                                       PipeOptions to_first) {
  auto there = std::make_shared<MemoryPipe>(scheduler, to_second);
  auto back = std::make_shared<MemoryPipe>(scheduler, to_first);
  if (there->options.cut_after == 0) there->ended = true;
  if (back->options.cut_after == 0) back->ended = true;
  return {std::make_unique<MemoryStream>(back, there), std::make_unique<MemoryStream>(there, back)};
}

}  // namespace postern::testing
