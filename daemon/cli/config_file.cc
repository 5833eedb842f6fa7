#include "daemon/cli/config_file.h"

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "core/config/load.h"

namespace postern::daemon {

std::string config_file_to_use(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* variable = std::getenv("POSTERN_CONFIG"); variable != nullptr && *variable != '\0') return variable;
  std::error_code failed;
  if (std::filesystem::exists("postern.yaml", failed)) return "postern.yaml";
  return "/etc/postern/postern.yaml";
}

std::optional<config::Config> load_config(const std::string& given, Console& console) {
  config::Loaded loaded = config::load_file(config_file_to_use(given));
  for (const config::Mistake& mistake : loaded.mistakes) console.err << mistake.to_string() << '\n';
  return std::move(loaded.config);
}

}  // namespace postern::daemon
