#include "storage/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace rocksdb::crc32c {

std::uint32_t Extend(std::uint32_t init, const char* data, std::size_t size) {
  constexpr std::size_t kStep = std::size_t{1} << 30;  // ISA-L counts in int
  std::uint32_t crc = ~init;
  do {
    const std::size_t step = std::min(size, kStep);
    // Not const in ISA-L's declaration; it only reads.
    auto* const octets = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(data));
    crc = ::crc32_iscsi(octets, static_cast<int>(step), crc);
    data += step;
    size -= step;
  } while (size > 0);
  return ~crc;
}

}  // namespace rocksdb::crc32c

namespace postern::storage {

void link_crc32c() {}

}  // namespace postern::storage
