#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct FlagDelta;

/// A message's system flags and keywords (RFC 9051 §2.3.2). Compared without ASCII case; a keyword keeps the case it
/// came with, a system flag gets its canonical one ("\Seen"). `\Recent` is a session's property, not the message's, and
/// is dropped on the way in. Sorted, without duplicates.
class FlagSet {
 public:
  FlagSet() = default;
  FlagSet(std::initializer_list<std::string_view> flags);
  /// From flags in any order, in O(n log n): for what a server lists, which may be long. Of keywords that differ in
  /// case alone the first stays.
  static FlagSet collect(std::vector<std::string> flags);

  /// Linear in the size of the set.
  void insert(std::string_view flag);
  void erase(std::string_view flag);
  bool contains(std::string_view flag) const;
  bool empty() const { return flags_.empty(); }
  std::size_t size() const { return flags_.size(); }
  auto begin() const { return flags_.begin(); }
  auto end() const { return flags_.end(); }

  /// What turns `*this` into `wanted`.
  FlagDelta delta_to(const FlagSet& wanted) const;
  FlagSet applied(const FlagDelta& delta) const;
  FlagSet intersected(const FlagSet& other) const;
  /// Its system flags.
  FlagSet without_keywords() const;

  /// "\Flagged \Seen $Work", sorted: the inside of an IMAP flag list.
  std::string to_string() const;

  /// Without ASCII case.
  friend bool operator==(const FlagSet& a, const FlagSet& b);
  /// A total order, for grouping.
  friend bool operator<(const FlagSet& a, const FlagSet& b);

 private:
  std::vector<std::string> flags_;
};

/// Flags to set and flags to take away; disjoint.
struct FlagDelta {
  FlagSet add;
  FlagSet remove;
  bool empty() const { return add.empty() && remove.empty(); }
  friend bool operator==(const FlagDelta&, const FlagDelta&) = default;
  friend bool operator<(const FlagDelta& a, const FlagDelta& b) {
    return a.add == b.add ? a.remove < b.remove : a.add < b.add;
  }
};

/// True for an IMAP atom (RFC 9051 §9), optionally behind one backslash: what may stand in a STORE or APPEND command.
bool is_valid_flag(std::string_view flag);

}  // namespace postern
