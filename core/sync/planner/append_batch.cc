#include "core/sync/planner/append_batch.h"

namespace postern::sync {

std::size_t batch_length(const std::vector<Entry>& entries, std::size_t from, const BatchLimits& limits) {
  std::size_t length = 0;
  std::uint64_t octets = 0;
  while (from + length < entries.size()) {
    const std::uint64_t size = entries[from + length].size;
    if (length != 0 && (length >= limits.messages || size > limits.octets || octets > limits.octets - size)) break;
    octets += size;
    ++length;
    if (octets > limits.octets) break;
  }
  return length;
}

}  // namespace postern::sync
