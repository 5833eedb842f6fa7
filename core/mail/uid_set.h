#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mail/uid.h"

namespace postern {

/// An inclusive run of UIDs, first <= last, first >= 1.
struct UidRange {
  std::uint32_t first = 1;
  std::uint32_t last = 1;
  std::uint64_t size() const { return std::uint64_t{last} - first + 1; }
  friend bool operator==(const UidRange&, const UidRange&) = default;
};

/// A set of UIDs kept as sorted, disjoint, non-adjacent ranges: a hostile "1:4294967295" costs eight octets.
/// Set operations are linear in the number of ranges; appending in ascending order is O(1) amortised. Adding in any
/// other order is linear each time: what comes unordered from a server goes through collect().
class UidSet {
 public:
  UidSet() = default;
  UidSet(std::initializer_list<std::uint32_t> uids);
  static UidSet range(std::uint32_t first, std::uint32_t last);  // either order, RFC 9051 §9 seq-range

  /// From ranges in any order, overlapping or not, in O(n log n).
  static UidSet collect(std::vector<UidRange> ranges);

  /// Parses an IMAP sequence-set of UIDs (RFC 9051 §9), "1,5:7,12:9". "*" reads as `star` and is an error without it.
  /// Refuses 0, empty parts, more than ten digits and more than `max_ranges` parts.
  static Result<UidSet> parse(std::string_view text, std::optional<std::uint32_t> star = std::nullopt,
                              std::size_t max_ranges = 1'000'000);

  /// 0 names no message: it is left out, and a range starts at 1 at the earliest.
  void add(Uid uid) { add(UidRange{uid.value(), uid.value()}); }
  void add(UidRange range);
  void remove(Uid uid);
  bool contains(Uid uid) const;
  bool empty() const { return ranges_.empty(); }
  /// How many UIDs, not how many ranges.
  std::uint64_t size() const;
  Uid min() const { return Uid(ranges_.front().first); }  // not when empty
  Uid max() const { return Uid(ranges_.back().last); }    // not when empty
  const std::vector<UidRange>& ranges() const { return ranges_; }

  UidSet united(const UidSet& other) const;
  UidSet intersected(const UidSet& other) const;
  UidSet without(const UidSet& other) const;
  /// The UIDs at or above `first`.
  UidSet from(Uid first) const;

  /// "1,5:7". Empty for the empty set, which IMAP cannot express.
  std::string to_string() const;
  /// Cut into sets of which each holds at most `max_uids` UIDs and prints in at most `max_octets`, in ascending order;
  /// for command lines within RFC 7162 §4's 8,192 octets. Every set holds at least one UID, whatever the limits.
  std::vector<UidSet> split(std::uint64_t max_uids, std::size_t max_octets = 7'000) const;

  /// Calls visit(Uid) in ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const UidRange& r : ranges_) {
      for (std::uint64_t uid = r.first; uid <= r.last; ++uid) visit(Uid(static_cast<std::uint32_t>(uid)));
    }
  }

  friend bool operator==(const UidSet&, const UidSet&) = default;

 private:
  void append_merging(UidRange range);
  std::vector<UidRange> ranges_;
};

}  // namespace postern
