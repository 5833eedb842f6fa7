#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "core/base/bytes.h"
#include "core/mail/digest.h"
#include "storage/families.h"

namespace postern::storage {

/// Rows whose octets lie in packs, in the packs' order: so that whoever goes through them all reads each pack once.
/// Memory is bounded: of the rows that are added it keeps those of the packs that come first; for the others all are
/// added again in a further round. Pure.
class PackOrder {
 public:
  struct Item {
    Family family;  // object or chunk
    Digest key;
    Bytes value;
  };
  using Items = std::multimap<std::uint64_t, Item>;  // by pack

  /// Of values and their keep; those of one pack are taken however many they are.
  explicit PackOrder(std::size_t octets) : room_(octets) {}

  /// A round over the packs from `from` on; the first begins at 0.
  void begin(std::uint64_t from) {
    from_ = from;
    next_ = kEnd;
  }
  void add(std::uint64_t pack, Family family, const Digest& key, ByteView value) {
    if (pack < from_ || pack >= next_) return;
    held_ += value.size() + kRow;
    items_.emplace(pack, Item{family, key, Bytes(value)});
    while (held_ > room_ && items_.begin()->first != items_.rbegin()->first) drop_last_pack();
  }
  Items take() {
    held_ = 0;
    return std::exchange(items_, {});
  }
  /// Where the next round begins; kEnd when nothing was left out.
  std::uint64_t next() const { return next_; }

  static constexpr std::uint64_t kEnd = UINT64_MAX;
  static constexpr std::size_t kRow = 128;  // what an item costs beside its value

 private:
  void drop_last_pack() {
    next_ = items_.rbegin()->first;
    for (auto it = items_.lower_bound(next_); it != items_.end(); it = items_.erase(it)) {
      held_ -= it->second.value.size() + kRow;
    }
  }

  const std::size_t room_;
  std::uint64_t from_ = 0, next_ = kEnd;
  std::size_t held_ = 0;
  Items items_;
};

}  // namespace postern::storage
