#include "tests/support/delay_proxy/line.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace postern::testing {
namespace {

constexpr std::size_t kMostHeld = 64 * 1024 * 1024;
constexpr std::size_t kLeastHeld = 64 * 1024;
constexpr std::size_t kMostSlice = 64 * 1024;
constexpr std::size_t kLeastSlice = 1448;  // a segment of Ethernet
constexpr std::chrono::milliseconds kQueue{100};

std::size_t octets_in(std::chrono::nanoseconds time, std::uint64_t rate) {
  return static_cast<std::size_t>(std::chrono::duration<double>(time).count() * static_cast<double>(rate));
}

}  // namespace

OneWay::OneWay(const LineShape& shape)
    : delay_(shape.rtt / 2),
      rate_(shape.rate),
      most_held_(rate_ == 0 ? kMostHeld : std::clamp(octets_in(delay_ + kQueue, rate_), kLeastHeld, kMostHeld)),
      slice_(rate_ == 0 ? kMostSlice
                        : std::clamp(octets_in(std::chrono::milliseconds(1), rate_), kLeastSlice, kMostSlice)) {}

void OneWay::put(std::string octets, LineTime now) {
  LineTime leaves = std::max(now, free_);
  if (rate_ != 0) {
    const std::chrono::duration<double> takes(static_cast<double>(octets.size()) / static_cast<double>(rate_));
    leaves += std::chrono::duration_cast<std::chrono::nanoseconds>(takes);
  }
  free_ = leaves;
  held_ += octets.size();
  carried_ += octets.size();
  chunks_.push_back({leaves + delay_, std::move(octets)});
}

void OneWay::put_end(LineTime now) {
  ended_ = true;
  chunks_.push_back({std::max(now, free_) + delay_, {}});
}

std::string_view OneWay::front() const { return std::string_view(chunks_.front().octets).substr(gone_); }

void OneWay::pop(std::size_t octets) {
  gone_ += octets;
  held_ -= octets;
  if (gone_ < chunks_.front().octets.size()) return;
  chunks_.pop_front();
  gone_ = 0;
}

}  // namespace postern::testing
