#pragma once

// Internal to this folder.

#include <string>
#include <utility>
#include <vector>

#include "core/config/yaml_section.h"

namespace postern::config {

/// Reads the `keyword_map` of an account: keywords of the source, each with the one it is on the target, or "" for
/// none. Mistakes go to `mistakes`. An account's own map replaces the one under `defaults`.
std::vector<std::pair<std::string, std::string>> read_keyword_map(const Section& account, MistakeList& mistakes);

}  // namespace postern::config
