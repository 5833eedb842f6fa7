#include "core/client/pace.h"

#include <algorithm>
#include <string>

namespace postern::client {
namespace {

std::string seconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

void Pace::restart(std::optional<std::chrono::nanoseconds> silence) {
  silence_ = silence.value_or(timeouts_.silence);
  waited_ = window_ = Duration::zero();
  window_octets_ = 0;
}

MonotonicTime Pace::waiting(MonotonicTime now, bool in_body) {
  if (in_body && !in_body_) {
    window_ = Duration::zero();
    window_octets_ = 0;
  }
  in_body_ = in_body;
  since_ = now;
  return now + silence_;
}

Result<void> Pace::received(MonotonicTime now, std::uint64_t octets) {
  const Duration waited = now - since_;
  waited_ += waited;
  window_ += waited;
  window_octets_ += octets;
  return window_ >= timeouts_.rate_window ? end_of_window() : Result<void>();
}

Error Pace::silent() const { return Error(ErrorKind::transient, "timed out: no answer for " + seconds(silence_)); }

Result<void> Pace::end_of_window() {
  const auto least = timeouts_.least_rate *
                     static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(window_).count());
  const bool slow = window_octets_ < least;
  const Duration window = window_;
  const std::uint64_t octets = window_octets_;
  window_ = Duration::zero();
  window_octets_ = 0;
  if (!slow) return {};
  if (in_body_) {
    return fail(Error(ErrorKind::throttle, "the server sends slower than " + std::to_string(timeouts_.least_rate) +
                                               " octets a second: " + std::to_string(octets) + " octets in " +
                                               seconds(window)));
  }
  if (waited_ < std::max<Duration>(timeouts_.command, silence_)) return {};
  return fail(Error(ErrorKind::transient, "timed out: the command is not completed after " + seconds(waited_)));
}

}  // namespace postern::client
