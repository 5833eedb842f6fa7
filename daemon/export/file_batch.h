#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mail/internal_date.h"
#include "storage/object_reader.h"

namespace postern::daemon {

/// Writes files that get their final names only when their octets are on the disk: many to one sync. Blocking; one
/// thread. Errors name the path.
class FileBatch {
 public:
  /// `root` is the folder that all files are below; it exists.
  explicit FileBatch(std::filesystem::path root) : root_(std::move(root)) {}

  /// Writes all of `octets` to `temporary`, with the time of change `when`; flush() renames it to `final_name`. Neither
  /// may exist.
  Result<void> add(std::filesystem::path temporary, std::filesystem::path final_name, storage::ObjectReader& octets,
                   const InternalDate& when);
  /// Makes everything added durable under its final name.
  Result<void> flush();

 private:
  struct Pending {
    std::filesystem::path temporary;
    std::filesystem::path final_name;
  };
  std::filesystem::path root_;
  std::vector<Pending> pending_;
  std::uint64_t octets_ = 0;
};

/// Makes a folder of mode 0700 that must not be there yet.
Result<void> make_folder(const std::filesystem::path& path);
/// The same where it may be there already.
Result<void> make_folders(const std::filesystem::path& path);
/// Writes a small file durably under a name that must not be there yet.
Result<void> write_text(const std::filesystem::path& path, const std::string& text);
/// Makes the names in a folder durable.
Result<void> sync_folder(const std::filesystem::path& path);

}  // namespace postern::daemon
