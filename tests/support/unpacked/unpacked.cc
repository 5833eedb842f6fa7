#include "tests/support/unpacked/unpacked.h"

#include <cstdlib>
#include <stdexcept>

namespace postern::testing {

std::filesystem::path unpacked() { return POSTERN_TEST_SERVERS; }

bool unpacked_has(const std::string& file, const std::string& name, const char* skip) {
  if (std::filesystem::exists(unpacked() / file)) return true;
  if (std::getenv(skip) != nullptr) return false;
  throw std::runtime_error(name + " is not in " + unpacked().string() + ": ./dev servers puts it there; " + skip +
                           "=1 skips its tests");
}

std::map<std::string, std::string> unpacked_environment(const std::filesystem::path& root) {
  std::string path = (root / "usr/lib").string();
  for (const auto& entry : std::filesystem::directory_iterator(root / "usr/lib")) {
    // The machine's own: x86_64-linux-gnu and its like.
    if (entry.is_directory() && entry.path().filename().string().find("-linux-gnu") != std::string::npos) {
      path += ":" + entry.path().string();
    }
  }
  return {{"LD_LIBRARY_PATH", path}};
}

}  // namespace postern::testing
