#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

namespace postern::client {

/// Where a connection's reads go: grows while reads fill it, so that a busy line costs few system calls, and is given
/// back when they get small, so that an idle connection holds next to nothing.
class ReadBuffer {
 public:
  static constexpr std::size_t kSmallest = 4 * 1024;
  static constexpr std::size_t kLargest = 128 * 1024;

  /// For the next read, sized after how the last one went. What was read before is gone.
  std::span<char> next() {
    const std::size_t wanted = got_ == capacity_       ? std::min(std::max(2 * capacity_, kSmallest), kLargest)
                               : got_ < capacity_ / 16 ? std::max(capacity_ / 4, kSmallest)
                                                       : capacity_;
    if (wanted != capacity_) {
      octets_ = std::make_unique_for_overwrite<char[]>(wanted);
      capacity_ = wanted;
    }
    return {octets_.get(), capacity_};
  }
  /// The read has brought so many octets.
  void got(std::size_t octets) { got_ = octets; }
  const char* data() const { return octets_.get(); }

 private:
  std::unique_ptr<char[]> octets_;
  std::size_t capacity_ = 0;
  std::size_t got_ = 0;
};

}  // namespace postern::client
