#include "daemon/wiring/refusal.h"

namespace postern::daemon {

bool about_what_was_asked(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::throttle:
    case ErrorKind::auth:
    case ErrorKind::security:
    case ErrorKind::transient:
      return false;
    default:
      return true;
  }
}

}  // namespace postern::daemon
