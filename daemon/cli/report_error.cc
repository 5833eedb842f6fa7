#include "daemon/cli/report_error.h"

#include <ostream>

#include "core/base/escape.h"

namespace postern::daemon {

ExitStatus report(const Error& error, Console& console) {
  console.err << "postern: " << escape_for_people(error.to_string(), 2'048) << '\n';
  return exit_status_of(error);
}

}  // namespace postern::daemon
