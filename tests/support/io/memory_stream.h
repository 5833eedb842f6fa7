#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

#include "core/base/bytes.h"
#include "core/io/event.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"

namespace postern::testing {

inline constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

/// How octets travel in one direction of a memory stream.
struct PipeOptions {
  std::size_t segment = kUnlimited;      // a read gives at most this many octets; 1 finds every split point
  std::size_t capacity = 256 * 1024;     // a write waits while so many octets are unread
  std::size_t cut_after = kUnlimited;    // after so many octets the line is cut…
  bool cut_is_reset = false;             // …by a reset (an error) instead of a bare end
  std::size_t stall_after = kUnlimited;  // octets after this many never arrive, and the writer is not told
};

/// One direction. Shared by its two ends.
struct MemoryPipe {
  MemoryPipe(Scheduler& scheduler, PipeOptions how) : options(how), changed(scheduler) {}
  PipeOptions options;
  Event changed;
  Bytes octets;  // written and not yet read, from `head` on
  std::size_t head = 0;
  std::size_t written = 0;  // in all
  bool ended = false;       // the writer has shut down or closed
  bool broken = false;      // reset, or closed by the reader
  std::size_t unread() const { return octets.size() - head; }
};

/// One end of a connection in memory. Follows Stream's contract: deadlines, stops, an orderly end, errors after
/// close().
class MemoryStream final : public Stream {
 public:
  MemoryStream(std::shared_ptr<MemoryPipe> in, std::shared_ptr<MemoryPipe> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { close(); }

  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override;
  Task<Result<void>> write_all(ByteView octets, Wait wait) override;
  Task<Result<void>> shutdown(Wait wait) override;
  void close() override;

  /// Octets this end has been asked to write, whether or not they arrived.
  std::size_t written() const { return out_->written; }

 private:
  std::shared_ptr<MemoryPipe> in_;
  std::shared_ptr<MemoryPipe> out_;
  bool closed_ = false;
};

/// Two ends of one connection. `to_second` is how octets travel from the first to the second.
std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> memory_streams(Scheduler& scheduler,
                                                                                       PipeOptions to_second = {},
                                                                                       PipeOptions to_first = {});

}  // namespace postern::testing
