#include "storage/crc32c.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <rocksdb/file_checksum.h>

#include <string>

namespace postern::storage {
namespace {

using rocksdb::crc32c::Extend;

/// Bit by bit, as RFC 3720 defines it.
std::uint32_t by_definition(std::string_view octets) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char octet : octets) {
    crc ^= static_cast<unsigned char>(octet);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

std::string noise(std::size_t size) {
  std::string octets;
  std::uint32_t state = 1;
  while (octets.size() < size) {
    state = state * 1'664'525 + 1'013'904'223;
    octets += static_cast<char>(state >> 24);
  }
  return octets;
}

TEST(Crc32cTest, GivesTheValuesOfTheStandard) {
  EXPECT_EQ(Extend(0, "123456789", 9), 0xE3069283);
  EXPECT_EQ(Extend(0, std::string(32, '\0').data(), 32), 0x8A9136AA);    // RFC 3720 §B.4
  EXPECT_EQ(Extend(0, std::string(32, '\xff').data(), 32), 0x62A8AB43);  // RFC 3720 §B.4
  EXPECT_EQ(Extend(0, "", 0), 0U);
}

// Around every length at which another way of computing begins, at every alignment.
TEST(Crc32cTest, IsRightAtEveryLengthAndAlignment) {
  const std::string octets = noise(14'000);
  for (const std::size_t around : {0U, 8U, 384U, 768U, 6'144U, 12'288U}) {
    for (std::size_t size = around < 20 ? 0 : around - 20; size < around + 20; ++size) {
      for (std::size_t from = 0; from < 9; ++from) {
        const std::string_view piece = std::string_view(octets).substr(from, size);
        ASSERT_EQ(Extend(0, piece.data(), piece.size()), by_definition(piece)) << size << " octets from " << from;
      }
    }
  }
}

TEST(Crc32cTest, GoesOnWhereItEnded) {
  const std::string octets = noise(9'000);
  for (const std::size_t cut : {0U, 1U, 7U, 400U, 6'200U, 9'000U}) {
    const std::uint32_t first = Extend(0, octets.data(), cut);
    EXPECT_EQ(Extend(first, octets.data() + cut, octets.size() - cut), by_definition(octets));
  }
}

// The point of the file: RocksDB's own calls arrive here, whichever way it is linked.
TEST(Crc32cTest, StandsInThePlaceOfRocksDbsOwn) {
  void* const bound = dlsym(RTLD_DEFAULT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
  EXPECT_TRUE(bound == nullptr || bound == reinterpret_cast<void*>(&Extend)) << "the library's own is in use";
  // The generator calls Extend() from inside the library.
  const auto generator = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  generator->Update("123456789", 9);
  generator->Finalize();
  EXPECT_EQ(generator->GetChecksum(), std::string("\xE3\x06\x92\x83", 4));
}

}  // namespace
}  // namespace postern::storage
