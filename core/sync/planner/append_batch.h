#pragma once

#include <cstdint>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

struct BatchLimits {
  std::size_t messages = 64;
  std::uint64_t octets = 4u << 20;
};

/// Cuts entries, in order, into runs that are sent together; a message above `octets` goes alone. Gives the length of
/// the run that starts at `from`; at least 1 while there are entries.
std::size_t batch_length(const std::vector<Entry>& entries, std::size_t from, const BatchLimits& limits);

}  // namespace postern::sync
