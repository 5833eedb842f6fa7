#pragma once

#include <optional>
#include <string>

#include "core/config/config.h"
#include "daemon/cli/console.h"

namespace postern::daemon {

/// Which file to read: `given`, else $POSTERN_CONFIG, else ./postern.yaml if it is there, else
/// /etc/postern/postern.yaml.
std::string config_file_to_use(const std::string& given);

/// Reads that file; writes its mistakes to stderr, and gives nothing when one is an error.
std::optional<config::Config> load_config(const std::string& given, Console& console);

}  // namespace postern::daemon
