#pragma once

#include <filesystem>
#include <string>

namespace postern::testing {

/// A directory of the test's own under $TMPDIR (else /tmp), removed with everything in it by the destructor. Its path
/// is short: Unix sockets inside must stay within 108 octets.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Writes `text` as the whole of `file`.
void write_file(const std::filesystem::path& file, const std::string& text);
/// The whole of `file`.
std::string read_file(const std::filesystem::path& file);

}  // namespace postern::testing
