// postern_lab: the test fixtures as a program, for the demo and the benchmarks, which are scripts.
//
//   postern_lab servers FOLDER
//       Starts two Dovecots, source and target, writes the password file into FOLDER, prints one line
//       "ok source_imaps=N target_imaps=N free_port=N ca=FILE user=NAME password_file=FILE" and obeys lines on standard
//       input, each answered by one line "ok …" or "error …", until end of file:
//         fill source N              N varied messages in nested and non-ASCII mailboxes, over IMAP
//         shape source NAME SCALE    an account of the benchmarks' (real, many, att, wide), straight into the Maildir
//         flags source N             changes flags of up to N messages
//   postern_lab drain PORT USER PASSWORD_FILE
//       The throw-away client: fetches every message over TLS as fast as the server gives it, and keeps nothing.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/support/dovecot/dovecot.h"
#include "tests/support/mail/generator.h"
#include "tests/support/mail/names.h"
#include "tests/support/mail/shapes.h"
#include "tests/support/plain_imap/plain_imap.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

constexpr const char* kUser = "alice";
constexpr std::uint64_t kSeed = 20'021;

/// Two servers that trust one authority file: the certificates of both, one after the other.
class Lab {
 public:
  explicit Lab(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    password_file_ = folder / "password";
    write_file(password_file_, std::string(Dovecot::kPassword) + "\n");
    std::filesystem::permissions(password_file_,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    ca_ = folder / "authorities.pem";
    write_file(ca_, read_file(source_.ca_file()) + read_file(target_.ca_file()));
  }

  std::string settings() const {
    return fmt::format("source_imaps={} target_imaps={} free_port={} ca={} user={} password_file={}",
                       source_.imaps_port(), target_.imaps_port(), free_port(), ca_.string(), kUser,
                       password_file_.string());
  }

  std::string obey(const std::string& line) {
    std::istringstream words(line);
    std::string verb, role;
    words >> verb >> role;
    Dovecot& server = role == "source"   ? source_
                      : role == "target" ? target_
                                         : throw std::invalid_argument("which server? " + line);
    if (verb == "fill") return fill(server, number<std::size_t>(words));
    if (verb == "flags") return change_flags(server, number<std::size_t>(words));
    if (verb == "shape") {
      std::string name;
      words >> name;
      return write_shape(server, name, number<double>(words));
    }
    throw std::invalid_argument("no such command: " + line);
  }

 private:
  template <class Number>
  static Number number(std::istream& words) {
    Number value{};
    if (!(words >> value)) throw std::invalid_argument("a number is missing");
    return value;
  }

  static std::string fill(Dovecot& server, std::size_t messages) {
    PlainImap client = server.login(kUser);
    const auto account = varied_account(kSeed, messages);
    std::size_t total = 0;
    for (const GeneratedMailbox& mailbox : account) {
      if (mailbox.name != "INBOX") client.create(mailbox.name);
      client.subscribe(mailbox.name);
      std::vector<PlainImap::Upload> uploads;
      for (const GeneratedMail& mail : mailbox.messages) uploads.push_back({mail.octets, mail.flags, mail.date_time()});
      client.append_all(mailbox.name, uploads);
      total += mailbox.messages.size();
    }
    return fmt::format("{} messages in {} mailboxes", total, account.size());
  }

  static std::string write_shape(Dovecot& server, const std::string& name, double scale) {
    const auto shape = shape_named(name);
    if (!shape) throw std::invalid_argument("no such shape: " + name);
    MaildirWriter maildir = server.maildir(kUser);
    std::size_t messages = 0, octets = 0;
    generate_shape(*shape, scale, kSeed, [&](const std::string& mailbox, const GeneratedMail& mail) {
      maildir.add(mailbox, mail);
      ++messages;
      octets += mail.octets.size();
    });
    maildir.finish();
    return fmt::format("{} messages, {:.1f} MB", messages, static_cast<double>(octets) / 1e6);
  }

  /// Marks the oldest messages of each mailbox, in turn, until `most` have changed.
  static std::string change_flags(Dovecot& server, std::size_t most) {
    PlainImap client = server.login(kUser);
    std::size_t changed = 0;
    for (const std::string& mailbox : client.mailboxes()) {
      if (changed == most) break;
      std::size_t exists = 0;
      const auto count = [&](const std::string& response) {
        std::istringstream words(response);
        std::string star, kind;
        std::size_t value = 0;
        if (words >> star >> value >> kind && kind == "EXISTS") exists = value;
      };
      client.command("SELECT " + imap_quoted(to_wire_name(mailbox)), count);
      const std::size_t here = std::min(exists, most - changed);
      if (here == 0) continue;
      client.command(fmt::format("STORE 1:{} +FLAGS.SILENT ($Forwarded \\Flagged $DemoReviewed)", here));
      changed += here;
    }
    return std::to_string(changed);
  }

  Dovecot source_, target_;
  std::filesystem::path password_file_, ca_;
};

int serve(const std::filesystem::path& folder) {
  Lab lab(folder);
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

int drain(int port, const std::string& user, const std::string& password_file) {
  std::string password = read_file(password_file);
  password.erase(password.find_last_not_of('\n') + 1);
  PlainImap client({static_cast<std::uint16_t>(port), user, password, PlainTls::implicit});
  PlainImap::Drained total;
  for (const std::string& mailbox : client.mailboxes()) {
    const auto drained = client.drain(mailbox);
    total.messages += drained.messages;
    total.octets += drained.octets;
  }
  fmt::print("{} messages, {} octets\n", total.messages, total.octets);
  return 0;
}

}  // namespace
}  // namespace postern::testing

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 2 && arguments[0] == "servers") return postern::testing::serve(arguments[1]);
    if (arguments.size() == 4 && arguments[0] == "drain") {
      return postern::testing::drain(std::stoi(arguments[1]), arguments[2], arguments[3]);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "postern_lab: {}\n", error.what());
    return 1;
  }
  fmt::print(stderr, "usage: postern_lab servers FOLDER | postern_lab drain PORT USER PASSWORD_FILE\n");
  return 2;
}
