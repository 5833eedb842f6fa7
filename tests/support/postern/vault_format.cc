#include "tests/support/postern/vault_format.h"

#include <rocksdb/db.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::testing {
namespace {

void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("vault: " + status.ToString());
}

std::string be32(std::uint32_t value) {
  std::string octets;
  for (int shift = 24; shift >= 0; shift -= 8) octets += static_cast<char>((value >> shift) & 0xFF);
  return octets;
}

std::uint32_t from_be32(const std::string& octets) {
  std::uint32_t value = 0;
  for (const char octet : octets) value = (value << 8) | static_cast<unsigned char>(octet);
  return value;
}

}  // namespace

std::uint32_t exchange_vault_format(const std::filesystem::path& path, std::uint32_t format) {
  std::vector<std::string> names;
  must(rocksdb::DB::ListColumnFamilies({}, path.string(), &names));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  must(rocksdb::DB::Open({}, path.string(), families, &handles, &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string old;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    if (handle->GetName() == "meta") {
      must(db->Get({}, handle, "format", &old));
      must(db->Put({}, handle, "format", be32(format)));
    }
    must(db->DestroyColumnFamilyHandle(handle));
  }
  if (old.size() != 4) throw std::runtime_error("vault: no format");
  return from_be32(old);
}

}  // namespace postern::testing
