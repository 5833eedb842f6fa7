#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "daemon/cli/commands.h"
#include "daemon/hardening.h"

int main(int argc, char** argv) {
  using namespace postern::daemon;
  harden_process();
  std::ios::sync_with_stdio(false);
  Console console{std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1};
  const std::vector<std::string> words(argv + 1, argv + argc);
  return static_cast<int>(run_command_line(parse_command_line(words), console));
}
