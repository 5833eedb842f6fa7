#include "core/protocol/imap/set_reader.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

bool RangeCollector::add(UidRange range, std::size_t limit) {
  if (!ranges_.empty() && ranges_.back().last != UINT32_MAX && ranges_.back().last + 1 == range.first) {
    ranges_.back().last = range.last;
    return true;
  }
  if (ranges_.size() >= limit) return false;
  ranges_.push_back(range);
  return true;
}

UidSet RangeCollector::take() {
  std::vector<UidRange> ranges = std::exchange(ranges_, {});
  const auto before = [](const UidRange& a, const UidRange& b) { return a.first < b.first; };
  if (!std::is_sorted(ranges.begin(), ranges.end(), before)) std::sort(ranges.begin(), ranges.end(), before);
  UidSet set;
  for (std::size_t i = 0; i < ranges.size();) {
    UidRange merged = ranges[i++];
    while (i < ranges.size() && (merged.last == UINT32_MAX || ranges[i].first <= merged.last + 1)) {
      merged.last = std::max(merged.last, ranges[i++].last);
    }
    set.add(merged);
  }
  return set;
}

bool read_range(Cursor& in, UidRange& out, bool star) {
  const auto number = [&](std::uint32_t& value) {
    if (star && in.take('*')) {
      in.quirks().add(Quirk::vanished_star);
      value = UINT32_MAX;
      return true;
    }
    return in.nz_number32(value);
  };
  if (!number(out.first)) return false;
  out.last = out.first;
  if (!in.take(':')) return true;
  if (!number(out.last)) return false;
  if (out.last < out.first) std::swap(out.first, out.last);
  return true;
}

bool read_set(Cursor& in, RangeCollector& out, bool partial, bool star) {
  do {
    if (partial && in.at_end()) return true;
    UidRange range;
    if (!read_range(in, range, star)) return false;
    if (!out.add(range, in.limits().set_ranges)) return in.fail("a set of fewer ranges");
  } while (in.take(','));
  return true;
}

bool read_partial_range(Cursor& in, PartialRange& out) {
  out.from_end = in.take('-');
  if (!in.nz_number32(out.first) || !in.expect(':')) return false;
  if (out.from_end && !in.expect('-')) return false;
  return in.nz_number32(out.last);
}

bool read_ranges(Cursor& in, std::vector<UidRange>& out) {
  do {
    UidRange range;
    if (!read_range(in, range)) return false;
    if (out.size() >= in.limits().list_elements) return in.fail("a set of fewer ranges");
    out.push_back(range);
  } while (in.take(','));
  return true;
}

}  // namespace postern::imap
