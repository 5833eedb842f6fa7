#include "core/client/throttle_pacer.h"

#include <algorithm>

namespace postern::client {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirst{50};
constexpr milliseconds kMost{16'000};
constexpr milliseconds kQuiet{500};

}  // namespace

void ThrottlePacer::completed(MonotonicTime now, bool throttled) {
  if (throttled) {
    delay_ = std::clamp(delay_ * 2, kFirst, kMost);
    last_throttled_ = now;
  } else if (delay_ > milliseconds::zero() && now - last_throttled_ >= kQuiet) {
    delay_ = delay_ * 3 / 4;
    if (delay_ < kFirst) delay_ = milliseconds::zero();
  }
  not_before_ = now + delay_;
}

}  // namespace postern::client
