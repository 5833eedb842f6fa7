#include "daemon/render/pace.h"

#include <cmath>

namespace postern::daemon {

namespace {
constexpr double kMemory = 10.0;  // seconds after which a measurement has lost 63 % of its weight
constexpr auto kLongest = std::chrono::hours(24 * 365);
}  // namespace

void Pace::update(MonotonicTime now, std::uint64_t done) {
  if (!last_ || done < done_) {
    last_ = now;
    done_ = done;
    rate_ = 0;
    measured_ = false;
    return;
  }
  const double seconds = std::chrono::duration<double>(now - *last_).count();
  if (seconds <= 0) return;
  const double measured = static_cast<double>(done - done_) / seconds;
  const double weight = measured_ ? 1 - std::exp(-seconds / kMemory) : 1;
  rate_ += (measured - rate_) * weight;
  measured_ = measured_ || done > done_;
  last_ = now;
  done_ = done;
}

std::optional<std::chrono::seconds> Pace::remaining(std::uint64_t total) const {
  if (total <= done_) return std::chrono::seconds(0);
  if (rate_ <= 0) return std::nullopt;
  const double seconds = static_cast<double>(total - done_) / rate_;
  if (seconds > std::chrono::duration<double>(kLongest).count()) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(seconds)));
}

}  // namespace postern::daemon
