#pragma once

#include "core/base/bytes.h"
#include "core/crypto/sha256.h"

namespace postern::crypto {

/// HMAC-SHA-256 (RFC 2104, RFC 4231). `key` may be of any length.
Sha256Octets hmac_sha256(ByteView key, ByteView octets);

/// Whether a == b, in a time that depends on the lengths alone. For everything that is compared with a secret.
bool constant_time_equal(ByteView a, ByteView b);

}  // namespace postern::crypto
