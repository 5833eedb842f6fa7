#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rocksdb::crc32c {

/// RocksDB's checksum of its log, its MANIFEST and its files, CRC-32C (RFC 3720 §B.4), by the processor's own
/// instruction where it has one. These three stand in the place of RocksDB's functions of the same names, which
/// distributions build for the oldest processor of their architecture (DECISIONS.md). Thread-safe, no state.
///
/// The checksum of A and then data[0, size), where `init` is that of A (0 for nothing).
std::uint32_t Extend(std::uint32_t init, const char* data, std::size_t size);
/// The checksum of A and then B, from `first` of A and `second` of B, which has `second_size` octets.
std::uint32_t Crc32cCombine(std::uint32_t first, std::uint32_t second, std::size_t second_size);
/// For RocksDB's own log file.
std::string IsFastCrc32Supported();

}  // namespace rocksdb::crc32c

namespace postern::storage {

/// Does nothing; who calls it brings these functions into the program, from a library of which only what is named is
/// linked.
void link_crc32c();

/// Extend() as it is computed without the instruction.
std::uint32_t crc32c_by_tables(std::uint32_t init, const char* data, std::size_t size);

}  // namespace postern::storage
