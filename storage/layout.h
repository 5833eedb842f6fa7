#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/result.h"
#include "storage/families.h"
#include "storage/vault.h"

namespace postern::storage {

/// "written by a newer Postern: it has …", with the remedy.
Error newer_vault(const std::filesystem::path& path, const std::string& what);
/// "is damaged: …", with the remedy.
Error damaged_vault(const std::filesystem::path& path, const std::string& what);

/// The families that an existing vault has, looked up in its MANIFEST before anything is opened or made: all are ours,
/// and none is missing that format 1 has. For one whose making was cut short: all, so that opening makes the rest.
Result<std::vector<Family>> check_families(const VaultOptions& options, const rocksdb::DBOptions& db_options);

}  // namespace postern::storage
