#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "core/base/error.h"

namespace postern::storage {

/// A RocksDB status as an Error, with a remedy: store_full for a full disk or quota, else store. `doing` completes
/// "while …".
Error from_status(const rocksdb::Status& status, std::string_view doing);

/// No space left on the device, or a quota used up.
bool is_full(const rocksdb::Status& status);

}  // namespace postern::storage
