#include "core/crypto/key_derivation.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <bit>
#include <new>
#include <string>
#include <utility>

namespace postern::crypto {
namespace {

constexpr std::uint64_t kMostParallel = 16;

const std::uint8_t* data(ByteView octets) { return reinterpret_cast<const std::uint8_t*>(octets.data()); }
std::uint8_t* data(std::string& octets) { return reinterpret_cast<std::uint8_t*>(octets.data()); }

/// RFC 7914 §2 and the memory cap, without overflow.
bool is_acceptable(const ScryptCost& cost) {
  if (cost.n < 2 || !std::has_single_bit(cost.n) || cost.r == 0 || cost.p == 0 || cost.p > kMostParallel) return false;
  if (cost.r > kScryptMemoryCap / 128 || cost.n > kScryptMemoryCap / (128 * cost.r)) return false;
  return cost.r >= 4 || cost.n < (std::uint64_t{1} << (16 * cost.r));  // N < 2^(128 r / 8)
}

}  // namespace

Secret pbkdf2_hmac_sha256(const Secret& password, ByteView salt, std::uint32_t iterations, std::size_t octets) {
  std::string key(octets, '\0');
  const std::string_view revealed = password.reveal();
  if (PKCS5_PBKDF2_HMAC(revealed.data(), revealed.size(), data(salt), salt.size(), iterations, EVP_sha256(), key.size(),
                        data(key)) != 1) {
    throw std::bad_alloc();  // the one way to fail
  }
  return Secret(std::move(key));
}

Result<Secret> scrypt(const Secret& passphrase, ByteView salt, ScryptCost cost, std::size_t octets) {
  if (!is_acceptable(cost)) {
    return fail(ErrorKind::config, fmt::format("scrypt cost N={} r={} p={} is out of bounds", cost.n, cost.r, cost.p));
  }
  std::string key(octets, '\0');
  const std::string_view revealed = passphrase.reveal();
  // The library counts its own small buffers too.
  const std::size_t memory = kScryptMemoryCap + (std::size_t{1} << 24) + 128 * cost.r * cost.p;
  if (EVP_PBE_scrypt(revealed.data(), revealed.size(), data(salt), salt.size(), cost.n, cost.r, cost.p, memory,
                     data(key), key.size()) != 1) {
    return fail(ErrorKind::config,
                fmt::format("scrypt cost N={} r={} p={} needs more memory than there is", cost.n, cost.r, cost.p));
  }
  return Secret(std::move(key));
}

}  // namespace postern::crypto
