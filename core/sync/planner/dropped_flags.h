#pragma once

#include <vector>

#include "core/mail/flag_set.h"

namespace postern::sync {

/// A message's flags as they were sent with APPEND, and as the target shows them a moment later.
struct ReadBack {
  FlagSet sent;
  FlagSet now;
};

/// Flags that none of the messages has which were sent with them: the target drops them. What some have was kept, and
/// where it is missing somebody took it away since.
FlagSet dropped_flags(const std::vector<ReadBack>& messages);

}  // namespace postern::sync
