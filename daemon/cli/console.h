#pragma once

#include <iosfwd>

namespace postern::daemon {

/// Where a command speaks: what was asked for to `out`; logs, progress and mistakes to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
};

}  // namespace postern::daemon
