#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern {

/// SHA-256 of a message's exact octets, or of a chunk's. A value; crypto/sha256.h makes them.
class Digest {
 public:
  static constexpr std::size_t kOctets = 32;
  constexpr Digest() = default;
  explicit constexpr Digest(const std::array<std::uint8_t, kOctets>& octets) : octets_(octets) {}

  /// From the 32 raw octets of a record.
  static Result<Digest> from_octets(ByteView octets);
  /// From 64 hexadecimal digits, either case.
  static Result<Digest> from_hex(std::string_view hex);

  ByteView octets() const { return {reinterpret_cast<const char*>(octets_.data()), kOctets}; }
  std::string to_hex() const { return postern::to_hex(octets()); }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::uint8_t, kOctets> octets_{};
};

}  // namespace postern

template <>
struct std::hash<postern::Digest> {
  std::size_t operator()(const postern::Digest& digest) const noexcept {
    std::size_t value = 0;  // the octets are uniform already
    std::memcpy(&value, digest.octets().data(), sizeof value);
    return value;
  }
};
