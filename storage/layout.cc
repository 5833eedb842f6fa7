#include "storage/layout.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "storage/status.h"

namespace postern::storage {
namespace {

std::optional<Family> family_of(std::string_view name) {
  const auto it = std::find(kFamilyNames.begin(), kFamilyNames.end(), name);
  if (it == kFamilyNames.end()) return std::nullopt;
  return static_cast<Family>(it - kFamilyNames.begin());
}

}  // namespace

Error newer_vault(const std::filesystem::path& path, const std::string& what) {
  Error error(ErrorKind::vault_format,
              "the vault " + path.string() + " was written by a newer Postern: it has " + what);
  error.remedy("use that version or a later one; nothing was changed");
  return error;
}

Error damaged_vault(const std::filesystem::path& path, const std::string& what) {
  Error error(ErrorKind::store, "the vault " + path.string() + " is damaged: " + what);
  error.remedy("restore its folder from a backup; nothing was changed");
  return error;
}

Result<std::vector<Family>> check_families(const VaultOptions& options, const rocksdb::DBOptions& db_options) {
  std::vector<std::string> names;
  const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(db_options, options.path.string(), &names);
  if (!listed.ok()) return fail(from_status(listed, "reading its list of families"));
  for (const std::string& name : names) {
    if (name == rocksdb::kDefaultColumnFamilyName || family_of(name)) continue;
    return fail(newer_vault(options.path, "a family \"" + name + "\""));
  }
  std::vector<Family> all, there;
  bool whole = true;
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    const auto family = static_cast<Family>(i);
    all.push_back(family);
    if (std::find(names.begin(), names.end(), kFamilyNames[i]) != names.end()) {
      there.push_back(family);
    } else if (came_with_format(family) == 1) {
      whole = false;
    }
  }
  const bool finished = std::find(there.begin(), there.end(), Family::meta) != there.end();
  if (finished && !whole) return fail(damaged_vault(options.path, "families are missing"));
  if (finished) return there;
  if (options.mode == VaultOptions::Mode::read_only) {
    return fail(ErrorKind::not_found, "the vault " + options.path.string() + " is still being made");
  }
  return all;
}

}  // namespace postern::storage
