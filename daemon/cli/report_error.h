#pragma once

#include "core/base/error.h"
#include "daemon/cli/console.h"
#include "daemon/exit_status.h"

namespace postern::daemon {

/// Says on stderr what went wrong and what to do; gives the status to end with.
ExitStatus report(const Error& error, Console& console);

}  // namespace postern::daemon
