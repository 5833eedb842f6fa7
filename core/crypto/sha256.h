#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"

namespace postern::crypto {

/// SHA-256's 32 octets (FIPS 180-4); mail's Digest is made of them.
using Sha256Octets = std::array<std::uint8_t, 32>;

inline ByteView view(const Sha256Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// SHA-256 of octets that come in pieces. A copy hashes on from where the original stood. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256& update(ByteView octets);
  /// The hash of everything given since construction or the last finish(); starts anew.
  Sha256Octets finish();

 private:
  alignas(8) std::array<std::byte, 112> state_;  // a SHA256_CTX, kept out of this header
};

Sha256Octets sha256(ByteView octets);

}  // namespace postern::crypto
