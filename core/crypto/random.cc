#include "core/crypto/random.h"

#include <openssl/rand.h>

#include <utility>

namespace postern::crypto {

Bytes Random::octets(std::size_t count) {
  Bytes out(count, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

Secret Random::key(std::size_t count) { return Secret(octets(count)); }

void SystemRandom::fill(std::span<std::uint8_t> octets) { RAND_bytes(octets.data(), octets.size()); }

}  // namespace postern::crypto
