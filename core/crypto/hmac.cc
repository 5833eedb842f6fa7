#include "core/crypto/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/mem.h>

#include <new>

namespace postern::crypto {

Sha256Octets hmac_sha256(ByteView key, ByteView octets) {
  Sha256Octets out;
  unsigned length = 0;
  // A null result means that memory ran out, as everywhere else std::bad_alloc.
  if (HMAC(EVP_sha256(), key.data(), key.size(), reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size(),
           out.data(), &length) == nullptr) {
    throw std::bad_alloc();
  }
  return out;
}

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace postern::crypto
