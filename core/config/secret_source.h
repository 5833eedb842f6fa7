#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace postern::config {

/// Where a secret is to be found. The secret itself is never part of a configuration.
struct SecretSource {
  enum class Kind : std::uint8_t { file, environment, command };
  Kind kind = Kind::file;
  std::string name;               // the file's path or the variable's name
  std::vector<std::string> argv;  // of the command; no shell

  /// "password_file /run/secrets/alice": for messages.
  std::string to_string() const;
};

struct SecretLimits {
  std::chrono::milliseconds command_time = std::chrono::seconds(10);
};

/// Reads a secret of at most 8 KiB; one line break at its end is dropped. Blocking: call it on a worker. Errors are of
/// kind config, say what to do, and never hold a part of the secret.
///
/// A file must be a regular one that is ours or root's and closed to everybody else; root's may be readable by a group
/// that we are in. A symbolic link is followed when nobody else can change its folder (secret_file.h). A path that
/// begins with "$CREDENTIALS_DIRECTORY/" is a systemd credential; there group reading is how systemd's access list
/// shows. A command's stderr is discarded, its stdin is empty; it is killed when its time is over.
Result<Secret> load_secret(const SecretSource& source, const SecretLimits& limits = {});

}  // namespace postern::config
