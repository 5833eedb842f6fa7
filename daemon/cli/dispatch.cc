#include <ostream>
#include <type_traits>

#include "daemon/cli/commands.h"
#include "daemon/cli/config_file.h"

namespace postern::daemon {

ExitStatus run_command_line(const CommandLine& line, Console& console) {
  console.out << line.out;
  console.err << line.err;
  ExitStatus status = line.status;
  if (line.command) {
    status = std::visit(
        [&](const auto& command) {
          if constexpr (std::is_same_v<std::decay_t<decltype(command)>, ConfigCheckCommand>) {
            return run_command(command, line.config_file, console);
          } else {
            const auto config = load_config(line.config_file, console);
            return config ? run_command(command, *config, console) : ExitStatus::usage;
          }
        },
        *line.command);
  }
  console.out.flush();
  if (!console.out && status == ExitStatus::done) {
    console.err << "postern: stdout cannot be written; is the disk full, or the reader gone?\n";
    return ExitStatus::failed;
  }
  return status;
}

}  // namespace postern::daemon
