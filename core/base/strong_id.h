#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace postern {

/// A number that is not interchangeable with others of the same width: StrongId<struct UidTag, std::uint32_t>.
template <class Tag, class Rep>
class StrongId {
 public:
  using rep = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
  Rep value_ = 0;
};

}  // namespace postern

template <class Tag, class Rep>
struct std::hash<postern::StrongId<Tag, Rep>> {
  std::size_t operator()(postern::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
