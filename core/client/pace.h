#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/client/imap_settings.h"

namespace postern::client {

/// Decides when a server has been too slow: silent while an answer is due, dripping a message slower than the least
/// rate, or at one command for too long. Only the time spent waiting for the server counts, never our own
/// back-pressure. Pure: the caller brings the time.
class Pace {
 public:
  explicit Pace(const ImapTimeouts& timeouts) : timeouts_(timeouts), silence_(timeouts.silence) {}

  /// A command was sent while none was under way, or one completed: the limits start anew. `silence` overrides the
  /// configured one until the next restart.
  void restart(std::optional<std::chrono::nanoseconds> silence = std::nullopt);
  /// A read begins; `in_body` says that a message body is under way. Gives the moment when silence has lasted too long.
  MonotonicTime waiting(MonotonicTime now, bool in_body);
  /// The read gave `octets`. The error, if there is one, ends the connection.
  Result<void> received(MonotonicTime now, std::uint64_t octets);
  /// Why a read that lasted until the moment given by waiting() ends the connection.
  Error silent() const;

 private:
  using Duration = std::chrono::nanoseconds;
  Result<void> end_of_window();

  ImapTimeouts timeouts_;
  Duration silence_;
  MonotonicTime since_{};  // when the present wait began
  Duration waited_{};      // since restart()
  Duration window_{};      // waited in the present window
  std::uint64_t window_octets_ = 0;
  bool in_body_ = false;
};

}  // namespace postern::client
