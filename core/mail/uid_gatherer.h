#pragma once

#include <utility>
#include <vector>

#include "core/mail/uid_set.h"

namespace postern {

/// Puts a set together from parts in any order and number: O(n log n) over all of them, in memory that grows with the
/// result and not with how often a server repeats itself.
class UidGatherer {
 public:
  void add(const UidSet& part) {
    waiting_.insert(waiting_.end(), part.ranges().begin(), part.ranges().end());
    if (waiting_.size() >= kFewest + gathered_.ranges().size()) merge();
  }
  /// Everything added so far; it starts anew afterwards.
  UidSet take() {
    merge();
    return std::exchange(gathered_, {});
  }

 private:
  static constexpr std::size_t kFewest = 1'024;  // merged at once
  void merge() { gathered_ = gathered_.united(UidSet::collect(std::exchange(waiting_, {}))); }

  UidSet gathered_;
  std::vector<UidRange> waiting_;
};

}  // namespace postern
