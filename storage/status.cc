#include "storage/status.h"

#include <string>

namespace postern::storage {

bool is_full(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return true;
  // EDQUOT has no subcode of its own.
  return status.IsIOError() && status.ToString().find("Disk quota exceeded") != std::string::npos;
}

Error from_status(const rocksdb::Status& status, std::string_view doing) {
  const std::string what = std::string(doing) + ": " + status.ToString();
  if (is_full(status)) {
    Error error(ErrorKind::store_full, "no space left for the vault while " + what);
    error.remedy("make room on the vault's disk; Postern goes on by itself, and nothing that was stored is lost");
    return error;
  }
  if (status.IsCorruption()) {
    Error error(ErrorKind::store, "the vault is damaged: while " + what);
    error.remedy("run postern check --read-data; restore the vault's folder from a backup if it cannot be opened");
    return error;
  }
  Error error(ErrorKind::store, "the vault failed while " + what);
  error.remedy("look at the disk's health and the kernel's log, then start Postern again");
  return error;
}

}  // namespace postern::storage
