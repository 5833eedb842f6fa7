#include "core/mail/digest.h"

#include <fmt/format.h>

namespace postern {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

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
  Digest digest;
  for (std::size_t i = 0; i < kOctets; ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return fail(ErrorKind::usage, "a digest is hexadecimal digits only");
    digest.octets_[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

}  // namespace postern
