#pragma once

#include <chrono>

#include "core/base/clock.h"

namespace postern::client {

/// Spaces out commands while a server asks for patience in its answers without refusing them ("OK Success
/// [THROTTLED]"): 50 ms after the first time, doubled up to 16 s with each further one, shrunk to three quarters for
/// each answer that does not ask after half a second of quiet. Pure: the caller brings the time.
class ThrottlePacer {
 public:
  void completed(MonotonicTime now, bool throttled);
  /// When the next command may be sent.
  MonotonicTime not_before() const { return not_before_; }

 private:
  std::chrono::milliseconds delay_{};
  MonotonicTime last_throttled_{};
  MonotonicTime not_before_{};
};

}  // namespace postern::client
