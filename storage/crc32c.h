#pragma once

#include <cstddef>
#include <cstdint>

namespace rocksdb::crc32c {

/// RocksDB's checksum of its log, its MANIFEST and its files, CRC-32C (RFC 3720 §B.4), by ISA-L, which picks the
/// processor's best instructions. Stands in the place of RocksDB's function of the same name, which distributions build
/// for the oldest processor of their architecture (DECISIONS.md). Thread-safe, no state.
///
/// The checksum of A and then data[0, size), where `init` is that of A (0 for nothing).
std::uint32_t Extend(std::uint32_t init, const char* data, std::size_t size);

}  // namespace rocksdb::crc32c

namespace postern::storage {

/// Does nothing; who calls it brings Extend() into the program, from a library of which only what is named is linked.
void link_crc32c();

}  // namespace postern::storage
