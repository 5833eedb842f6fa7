#pragma once

#include <algorithm>

#include "core/base/clock.h"
#include "core/io/stop_token.h"

namespace postern {

/// How long a wait may last: every operation that can block takes one. A passed deadline gives ErrorKind::transient
/// ("timed out …"), a stop gives ErrorKind::cancelled. Cheap to copy.
struct Wait {
  MonotonicTime deadline = MonotonicTime::max();
  StopToken stop;

  /// The same wait, ended no later than `limit`.
  Wait until(MonotonicTime limit) const { return {std::min(deadline, limit), stop}; }
};

}  // namespace postern
