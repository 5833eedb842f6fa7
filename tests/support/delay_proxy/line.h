#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace postern::testing {

/// What a line between two machines is like.
struct LineShape {
  std::chrono::nanoseconds rtt{0};  // half of it each way
  std::uint64_t rate = 0;           // octets a second each way; 0: no limit
};

using LineTime = std::chrono::steady_clock::time_point;

/// One direction of a line: octets, each with the moment at which it comes out at the far end. Pure but for memory: no
/// socket, no clock. Not thread-safe.
class OneWay {
 public:
  explicit OneWay(const LineShape& shape);

  /// Whether the line takes more octets now. It holds what is in flight, and 64 MiB at most; with a rate, what is in
  /// flight at that rate and a queue of 100 ms, as a router's.
  bool roomy() const { return held_ < most_held_; }
  /// How many octets to put in at a time: small on a slow line, so that they do not come out in lumps.
  std::size_t slice() const { return slice_; }
  /// Octets go in at `now`.
  void put(std::string octets, LineTime now);
  /// The sender says that nothing more comes (TCP FIN).
  void put_end(LineTime now);

  bool empty() const { return chunks_.empty(); }
  /// When the next octets, or the end, come out. Not when empty.
  LineTime due() const { return chunks_.front().due; }
  /// The next octets; empty: the end.
  std::string_view front() const;
  /// `octets` of front() have gone; for the end, 0.
  void pop(std::size_t octets);
  bool ended() const { return ended_; }
  std::uint64_t carried() const { return carried_; }

 private:
  struct Chunk {
    LineTime due;
    std::string octets;  // empty: the end
  };
  std::chrono::nanoseconds delay_;
  std::uint64_t rate_;
  std::size_t most_held_;
  std::size_t slice_;
  std::deque<Chunk> chunks_;
  std::size_t gone_ = 0;  // of the first chunk
  std::size_t held_ = 0;
  LineTime free_{};  // when the last octet that was put in has left the near end
  bool ended_ = false;
  std::uint64_t carried_ = 0;
};

}  // namespace postern::testing
