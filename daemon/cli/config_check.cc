#include <nlohmann/json.hpp>
#include <ostream>

#include "core/config/load.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"
#include "daemon/render/json_text.h"

namespace postern::daemon {

namespace {

nlohmann::ordered_json to_json(const config::Mistake& mistake) {
  const bool warning = mistake.severity == config::Mistake::Severity::warning;
  return {{"file", mistake.file},
          {"line", mistake.line},
          {"column", mistake.column},
          {"severity", warning ? "warning" : "error"},
          {"text", mistake.text}};
}

}  // namespace

ExitStatus run_command(const ConfigCheckCommand& command, const std::string& config_file, Console& console) {
  const std::string file = config_file_to_use(config_file);
  const config::Loaded loaded = config::load_file(file);
  if (command.json) {
    nlohmann::ordered_json mistakes = nlohmann::ordered_json::array();
    for (const config::Mistake& mistake : loaded.mistakes) mistakes.push_back(to_json(mistake));
    const nlohmann::ordered_json document = {
        {"file", file}, {"valid", loaded.config.has_value()}, {"mistakes", std::move(mistakes)}};
    console.out << json_text(document) << '\n';
  } else {
    for (const config::Mistake& mistake : loaded.mistakes) console.err << mistake.to_string() << '\n';
    if (loaded.config) {
      const std::size_t accounts = loaded.config->accounts.size();
      console.out << file << ": ok, " << accounts << (accounts == 1 ? " account\n" : " accounts\n");
    }
  }
  return loaded.config ? ExitStatus::done : ExitStatus::usage;
}

}  // namespace postern::daemon
