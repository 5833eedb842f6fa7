#pragma once

#include <cstdint>

namespace postern::imap {

/// A page of a result by position (RFC 9394 partial-range): "1:500" counts from the lowest UID, "-1:-500" from the
/// highest. Both ends are 1 or more; either order means the same page.
struct PartialRange {
  std::uint32_t first = 1;
  std::uint32_t last = 1;
  bool from_end = false;
  friend bool operator==(const PartialRange&, const PartialRange&) = default;
};

}  // namespace postern::imap
