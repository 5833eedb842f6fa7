#include "daemon/exit_status.h"

namespace postern::daemon {

ExitStatus exit_status_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::vault_in_use:
      return ExitStatus::vault_in_use;
    case ErrorKind::config:
    case ErrorKind::usage:
      return ExitStatus::usage;
    default:
      return ExitStatus::failed;
  }
}

}  // namespace postern::daemon
