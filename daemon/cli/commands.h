#pragma once

#include <string>

#include "core/config/config.h"
#include "daemon/cli/command_line.h"
#include "daemon/cli/console.h"
#include "daemon/exit_status.h"

namespace postern::daemon {

// What each command does: a file a command. All block until done; messages are in the words of Error::to_string().

ExitStatus run_command(const ConfigCheckCommand& command, const std::string& config_file, Console& console);
ExitStatus run_command(const RunCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const SyncCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const StatusCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const LsCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const CatCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const SnapshotsCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const ExportCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const QuarantineCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const GuardCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const CheckCommand& command, const config::Config& config, Console& console);
ExitStatus run_command(const DumpCommand& command, const config::Config& config, Console& console);

/// Finds the configuration and runs the command.
ExitStatus run_command_line(const CommandLine& line, Console& console);

}  // namespace postern::daemon
