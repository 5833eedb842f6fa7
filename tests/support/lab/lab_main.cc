// postern_lab: the test fixtures as a program, for the demo and the benchmarks, which are scripts.
//
//   postern_lab servers FOLDER [durable]
//       Starts two Dovecots, source and target, writes the password file into FOLDER, prints one line
//       "ok source_imaps=N target_imaps=N free_port=N ca=FILE user=NAME password_file=FILE source_pid=N target_pid=N"
//       and obeys lines on standard input, each answered by one line "ok …" or "error …", until end of file:
//         fill source N                    N varied messages in nested and non-ASCII mailboxes, over IMAP
//         flags source N                   changes flags of up to N messages
//         uidvalidity source USER N NAME   gives a mailbox another UIDVALIDITY; its UIDs stay
//       and, straight into the Maildirs of accounts that nobody has logged in to:
//         shape source NAME SCALE [USER]   an account of the benchmarks' (real, many, att, wide)
//         mailboxes source N MESSAGES USER N mailboxes with MESSAGES among them
//         fleet source N MESSAGES PREFIX   N accounts, PREFIX0, PREFIX1 …, with MESSAGES each
//   postern_lab drain PORT USER PASSWORD_FILE [CONNECTIONS]
//       The throw-away client (drain.h).

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "tests/support/lab/drain.h"
#include "tests/support/lab/lab.h"

namespace postern::testing {
namespace {

int serve(const std::filesystem::path& folder, bool durable) {
  Lab lab(folder, durable);
  std::cout << "ok " << lab.settings() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << "ok " << lab.obey(line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << error.what() << std::endl;
    }
  }
  return 0;
}

int drain(int port, const std::string& user, const std::string& password_file, std::size_t connections) {
  std::string password = read_file(password_file);
  password.erase(password.find_last_not_of('\n') + 1);
  const PlainImap::Login login{static_cast<std::uint16_t>(port), user, password, PlainTls::implicit};
  const PlainImap::Drained total = drain_account(login, connections);
  fmt::print("{} messages, {} octets\n", total.messages, total.octets);
  return 0;
}

}  // namespace
}  // namespace postern::testing

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::size_t count = arguments.size();
  try {
    const bool durable = count == 3 && arguments[2] == "durable";
    if ((count == 2 || durable) && arguments[0] == "servers") return postern::testing::serve(arguments[1], durable);
    if ((count == 4 || count == 5) && arguments[0] == "drain") {
      const std::size_t connections = count == 5 ? std::stoul(arguments[4]) : 1;
      return postern::testing::drain(std::stoi(arguments[1]), arguments[2], arguments[3], connections);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "postern_lab: {}\n", error.what());
    return 1;
  }
  fmt::print(stderr,
             "usage: postern_lab servers FOLDER [durable] | postern_lab drain PORT USER PASSWORD_FILE [CONNECTIONS]\n");
  return 2;
}
