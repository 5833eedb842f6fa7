#include "daemon/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ostream>

namespace postern::daemon {

void LiveLines::draw(const std::vector<std::string>& lines) {
  std::string frame;
  if (drawn_ > 0) frame += fmt::format("\x1b[{}A", drawn_);
  frame += "\r\x1b[J";
  for (const std::string& line : lines) frame += line + "\n";
  drawn_ = lines.size();
  terminal_ << frame << std::flush;  // one write: no flicker
}

void LiveLines::clear() {
  if (drawn_ > 0) draw({});
}

TerminalSize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

}  // namespace postern::daemon
