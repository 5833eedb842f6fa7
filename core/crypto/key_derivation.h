#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace postern::crypto {

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2). Takes about 0.3 µs an iteration of the calling thread's time: whoever lets
/// a server choose `iterations` bounds it first. At least one iteration and one octet.
Secret pbkdf2_hmac_sha256(const Secret& password, ByteView salt, std::uint32_t iterations, std::size_t octets = 32);

/// The cost of one scrypt call (RFC 7914 §2): 128 × n × r octets of memory, time in proportion to n × r × p.
struct ScryptCost {
  std::uint64_t n = 1 << 17;  // a power of two above 1
  std::uint64_t r = 8;
  std::uint64_t p = 1;
  friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};

/// The most memory that a stored cost may ask for; a vault's file is input like any other.
inline constexpr std::size_t kScryptMemoryCap = std::size_t{1} << 30;

/// Stretches a passphrase into a key. The default cost takes 128 MiB and a few tenths of a second. Refuses costs that
/// RFC 7914 forbids, that need more than kScryptMemoryCap, or whose `p` is above 16.
Result<Secret> scrypt(const Secret& passphrase, ByteView salt, ScryptCost cost, std::size_t octets = 32);

}  // namespace postern::crypto
