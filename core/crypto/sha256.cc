#include "core/crypto/sha256.h"

#include <openssl/sha.h>

#include <new>
#include <type_traits>

namespace postern::crypto {
namespace {

SHA256_CTX* context(std::byte* state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state)); }
const std::uint8_t* data(ByteView octets) { return reinterpret_cast<const std::uint8_t*>(octets.data()); }

}  // namespace

Sha256::Sha256() {
  static_assert(sizeof(SHA256_CTX) <= sizeof state_ && alignof(SHA256_CTX) <= 8);
  static_assert(std::is_trivially_copyable_v<SHA256_CTX>);
  SHA256_Init(::new (state_.data()) SHA256_CTX);
}

Sha256& Sha256::update(ByteView octets) {
  SHA256_Update(context(state_.data()), data(octets), octets.size());
  return *this;
}

Sha256Octets Sha256::finish() {
  Sha256Octets octets;
  SHA256_Final(octets.data(), context(state_.data()));
  SHA256_Init(context(state_.data()));
  return octets;
}

Sha256Octets sha256(ByteView octets) {
  Sha256Octets out;
  SHA256(data(octets), octets.size(), out.data());
  return out;
}

}  // namespace postern::crypto
