#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"

namespace postern::storage {

/// Holds a vault for one writer: an flock on "postern.lock" in its folder, whose text says who it is. Released by the
/// operating system however the process ends. Movable.
class LockFile {
 public:
  /// ErrorKind::vault_in_use, naming the holder, when another process (or another Vault of this one) has it.
  static Result<LockFile> take(const std::filesystem::path& folder, std::string_view holder);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_ = -1;
};

inline constexpr std::string_view kLockFileName = "postern.lock";

}  // namespace postern::storage
