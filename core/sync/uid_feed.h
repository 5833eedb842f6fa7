#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/mail/uid_set.h"

namespace postern::sync {

/// Gives out the UIDs to fetch as a pipeline has room for them, so that several sessions can share a mailbox.
class UidFeed {
 public:
  virtual ~UidFeed() = default;
  /// The next ones, at most `most`; empty: there are none left.
  virtual UidSet take(std::uint64_t most) = 0;
};

/// A set, in ascending order. Taking costs what is taken, whatever the size of the whole.
class UidSetFeed final : public UidFeed {
 public:
  explicit UidSetFeed(UidSet uids) : uids_(std::move(uids)), left_(uids_.size()) {}

  UidSet take(std::uint64_t most) override {
    UidSet part;
    while (most > 0 && range_ < uids_.ranges().size()) {
      const UidRange range = uids_.ranges()[range_];
      const std::uint64_t count = std::min(most, range.size() - taken_);
      const std::uint64_t first = range.first + taken_;
      part.add(UidRange{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first + count - 1)});
      most -= count;
      left_ -= count;
      taken_ += count;
      if (taken_ == range.size()) {
        ++range_;
        taken_ = 0;
      }
    }
    return part;
  }
  /// How many UIDs are left.
  std::uint64_t left() const { return left_; }

 private:
  UidSet uids_;
  std::uint64_t left_;
  std::size_t range_ = 0;    // from which the next part is taken
  std::uint64_t taken_ = 0;  // UIDs of that range already taken
};

}  // namespace postern::sync
