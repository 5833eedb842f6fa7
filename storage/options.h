#pragma once

#include <rocksdb/options.h>

#include "storage/families.h"
#include "storage/vault.h"

namespace postern::storage {

/// RocksDB's options for the whole database, with the reason beside each.
rocksdb::DBOptions database_options(const VaultOptions& options);

/// Options of each family; `cache` is shared by all.
rocksdb::ColumnFamilyOptions family_options(Family family, const VaultOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace postern::storage
