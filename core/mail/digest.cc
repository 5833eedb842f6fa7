#include "core/mail/digest.h"

#include <fmt/format.h>

namespace postern {

Result<Digest> Digest::from_octets(ByteView octets) {
  if (octets.size() != kOctets) {
    return fail(ErrorKind::store, fmt::format("a digest has {} octets, not {}", kOctets, octets.size()));
  }
  Digest digest;
  std::memcpy(digest.octets_.data(), octets.data(), kOctets);
  return digest;
}

Result<Digest> Digest::from_hex(std::string_view hex) {
  if (hex.size() != 2 * kOctets) {
    return fail(ErrorKind::usage, fmt::format("a digest is {} hexadecimal digits, not {}", 2 * kOctets, hex.size()));
  }
  const std::optional<Bytes> octets = postern::from_hex(hex);
  if (!octets) return fail(ErrorKind::usage, "a digest is hexadecimal digits only");
  return from_octets(*octets);
}

}  // namespace postern
