#include "storage/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rocksdb::crc32c {
namespace {

// A checksum is a polynomial over GF(2) modulo P, its bits reflected: the highest bit stands for x^0.
constexpr std::uint32_t kPolynomial = 0x82F63B78;
constexpr std::uint32_t kOne = 0x80000000;

constexpr std::uint32_t times_x(std::uint32_t value) { return (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0); }

constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (; a != 0; a <<= 1, b = times_x(b)) product ^= (a & kOne) != 0 ? b : 0;
  return product;
}

/// x to the power of 8 · octets: what that many zero octets behind a message multiply its checksum by.
constexpr std::uint32_t zeros(std::uint64_t octets) {
  std::uint32_t power = kOne >> 8;  // x^8
  std::uint32_t result = kOne;
  for (; octets != 0; octets >>= 1, power = multiply(power, power)) {
    if ((octets & 1) != 0) result = multiply(result, power);
  }
  return result;
}

/// Octet value → its share of the checksum when so many octets follow in the piece.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t octet = 0; octet < 256; ++octet) {
    std::uint32_t value = octet;
    for (int bit = 0; bit < 8; ++bit) value = times_x(value);
    tables[0][octet] = value;
  }
  for (std::size_t following = 1; following < tables.size(); ++following) {
    for (std::size_t octet = 0; octet < 256; ++octet) {
      const std::uint32_t before = tables[following - 1][octet];
      tables[following][octet] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

std::uint32_t by_tables(std::uint32_t crc, const unsigned char* at, std::size_t size) {
  static constexpr Tables kTables = make_tables();
  for (; size >= 8; size -= 8, at += 8) {
    for (std::size_t i = 0; i < 4; ++i) crc ^= static_cast<std::uint32_t>(at[i]) << (8 * i);
    crc = kTables[7][crc & 0xFF] ^ kTables[6][(crc >> 8) & 0xFF] ^ kTables[5][(crc >> 16) & 0xFF] ^
          kTables[4][crc >> 24] ^ kTables[3][at[4]] ^ kTables[2][at[5]] ^ kTables[1][at[6]] ^ kTables[0][at[7]];
  }
  for (; size > 0; --size, ++at) crc = (crc >> 8) ^ kTables[0][(crc ^ *at) & 0xFF];
  return crc;
}

#if defined(__x86_64__)

std::uint64_t word(const unsigned char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// What a checksum is multiplied by, without a carry, to be moved `octets` on. The product of two reflected numbers
/// lies one bit too low, and checksumming it multiplies by x^32: hence 33 powers less.
constexpr std::uint64_t mover(std::size_t octets) {
  std::uint32_t value = kOne;
  for (std::size_t power = 8 * octets - 33; power > 0; --power) value = times_x(value);
  return value;
}

template <std::size_t kOctets>
__attribute__((target("sse4.2,pclmul"))) std::uint32_t move_on(std::uint64_t crc) {
  static constexpr std::uint64_t kMover = mover(kOctets);
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)),
                                               _mm_cvtsi64_si128(static_cast<long long>(kMover)), 0);
  return static_cast<std::uint32_t>(_mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(product))));
}

/// Three streams side by side: the instruction takes three cycles, and a new one can begin at each.
template <std::size_t kOctets>
__attribute__((target("sse4.2,pclmul"))) std::uint64_t in_three(std::uint64_t crc, const unsigned char*& at,
                                                                std::size_t& size) {
  for (; size >= 3 * kOctets; size -= 3 * kOctets, at += 3 * kOctets) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t i = 0; i < kOctets; i += 8) {
      crc = _mm_crc32_u64(crc, word(at + i));
      second = _mm_crc32_u64(second, word(at + kOctets + i));
      third = _mm_crc32_u64(third, word(at + 2 * kOctets + i));
    }
    crc = move_on<2 * kOctets>(crc) ^ move_on<kOctets>(second) ^ third;
  }
  return crc;
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t by_instruction(std::uint32_t start, const unsigned char* at,
                                                                      std::size_t size) {
  std::uint64_t crc = start;
  crc = in_three<2048>(crc, at, size);
  crc = in_three<128>(crc, at, size);
  for (; size >= 8; size -= 8, at += 8) crc = _mm_crc32_u64(crc, word(at));
  auto short_crc = static_cast<std::uint32_t>(crc);
  for (; size > 0; --size, ++at) short_crc = _mm_crc32_u8(short_crc, *at);
  return short_crc;
}

bool has_instruction() {
  static const bool has = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
  return has;
}

#else

bool has_instruction() { return false; }
std::uint32_t by_instruction(std::uint32_t crc, const unsigned char* at, std::size_t size) {
  return by_tables(crc, at, size);
}

#endif

}  // namespace

std::uint32_t Extend(std::uint32_t init, const char* data, std::size_t size) {
  const auto* at = reinterpret_cast<const unsigned char*>(data);
  return ~(has_instruction() ? by_instruction(~init, at, size) : by_tables(~init, at, size));
}

std::uint32_t Crc32cCombine(std::uint32_t first, std::uint32_t second, std::size_t second_size) {
  return multiply(first, zeros(second_size)) ^ second;
}

std::string IsFastCrc32Supported() { return has_instruction() ? "Supported on x86" : "Not supported"; }

}  // namespace rocksdb::crc32c

namespace postern::storage {

void link_crc32c() {}

std::uint32_t crc32c_by_tables(std::uint32_t init, const char* data, std::size_t size) {
  return ~rocksdb::crc32c::by_tables(~init, reinterpret_cast<const unsigned char*>(data), size);
}

}  // namespace postern::storage
