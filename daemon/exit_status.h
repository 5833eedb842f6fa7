#pragma once

#include "core/base/error.h"

namespace postern::daemon {

/// What the process ends with: a promise to scripts, DO NOT CHANGE.
enum class ExitStatus : int {
  done = 0,
  failed = 1,
  usage = 2,         // bad usage or configuration
  vault_in_use = 3,  // by another process
  attention = 4,     // done, but something needs a person
};

ExitStatus exit_status_of(const Error& error);

}  // namespace postern::daemon
