#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.h"
#include "core/config/mistake.h"

namespace postern::config {

/// A configuration, or every mistake in the file: not only the first. Warnings may come with a configuration.
struct Loaded {
  std::optional<Config> config;   // only when no mistake is an error
  std::vector<Mistake> mistakes;  // in the order of the file
};

/// Reads and validates a file of at most 16 MiB. Blocking.
Loaded load_file(const std::string& path);

/// The same from text. `file` is the name for messages; relative paths in the text are taken from its folder.
Loaded load_text(std::string_view text, const std::string& file);

}  // namespace postern::config
