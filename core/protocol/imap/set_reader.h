#pragma once

#include <cstdint>
#include <vector>

#include "core/mail/uid_set.h"
#include "core/protocol/imap/cursor.h"
#include "core/protocol/imap/partial_range.h"

namespace postern::imap {

/// Gathers numbers and ranges in whatever order a server sends them, and gives the set at the end in O(n log n): adding
/// a descending million to a sorted set one by one would be quadratic.
class RangeCollector {
 public:
  /// False when there are more than `limit` ranges.
  bool add(UidRange range, std::size_t limit);
  /// Empties this.
  UidSet take();

 private:
  std::vector<UidRange> ranges_;
};

/// seq-range = seq-number [":" seq-number], either order, no zero; "*" only with `star`.
bool read_range(Cursor& in, UidRange& out, bool star = false);

/// sequence-set = seq-range *("," seq-range), up to the first octet that is neither; with `partial` the octets end in
/// "," and more will follow.
bool read_set(Cursor& in, RangeCollector& out, bool partial = false, bool star = false);

/// partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number (RFC 9394).
bool read_partial_range(Cursor& in, PartialRange& out);

/// uid-set kept as ranges in the order given, for APPENDUID and COPYUID.
bool read_ranges(Cursor& in, std::vector<UidRange>& out);

}  // namespace postern::imap
