#include "tests/support/lab/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/support/mail/generator.h"
#include "tests/support/mail/names.h"
#include "tests/support/mail/shapes.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

constexpr std::uint64_t kSeed = 20'021;
constexpr std::size_t kSmallMail = 4'200;  // octets, about as many as in the shape `many`

/// Any number of accounts, made while the server runs: whoever is not among the fixture's own users logs in with any
/// password. Hundreds of them at once, and thousands of mailboxes in one.
const std::string kRoom =
    "passdb {\n  driver = static\n  args = nopassword=y\n}\n"
    "default_client_limit = 4000\ndefault_process_limit = 4000\n"
    "service auth {\n  client_limit = 8000\n}\nservice anvil {\n  client_limit = 8000\n}\n"
    "service imap-login {\n  process_min_avail = 1\n  process_limit = 2\n}\n";

template <class Value>
Value word(std::istream& words, const char* what) {
  Value value{};
  if (!(words >> value)) throw std::invalid_argument(std::string(what) + " is missing");
  return value;
}

std::string word_or(std::istream& words, std::string otherwise) {
  std::string value;
  return words >> value ? value : otherwise;
}

std::string fill(Dovecot& server, std::size_t messages) {
  PlainImap client = server.login(Lab::kUser);
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

/// Writes an account's mail straight into its Maildir and counts it.
class Filler {
 public:
  Filler(Dovecot& server, const std::string& user) : maildir_(server.maildir(user)) {}
  ~Filler() { maildir_.finish(); }
  Filler(const Filler&) = delete;
  Filler& operator=(const Filler&) = delete;

  void create(const std::string& mailbox) { maildir_.create(mailbox); }
  void add(const std::string& mailbox, const GeneratedMail& mail) {
    maildir_.add(mailbox, mail);
    ++messages_;
    octets_ += mail.octets.size();
  }
  std::size_t messages() const { return messages_; }
  std::size_t octets() const { return octets_; }

 private:
  MaildirWriter maildir_;
  std::size_t messages_ = 0, octets_ = 0;
};

std::string said(std::size_t messages, std::size_t octets) {
  return fmt::format("{} messages, {:.1f} MB", messages, static_cast<double>(octets) / 1e6);
}

std::string write_shape(Dovecot& server, const std::string& name, double scale, const std::string& user) {
  const auto shape = shape_named(name);
  if (!shape) throw std::invalid_argument("no such shape: " + name);
  Filler account(server, user);
  generate_shape(*shape, scale, kSeed,
                 [&](const std::string& mailbox, const GeneratedMail& mail) { account.add(mailbox, mail); });
  return said(account.messages(), account.octets());
}

/// `mailboxes` of them, all there even when there are fewer messages: 100 to a parent.
std::string write_mailboxes(Dovecot& server, std::size_t mailboxes, std::size_t messages, const std::string& user) {
  const auto name = [](std::size_t i) {
    return i == 0 ? std::string("INBOX") : fmt::format("Clients {}/Client {}", i / 100, i);
  };
  MailGenerator generator(kSeed + mailboxes);
  Filler account(server, user);
  for (std::size_t i = 0; i < mailboxes; ++i) account.create(name(i));
  for (std::size_t i = 0; i < messages; ++i)
    account.add(name(i * mailboxes / messages), generator.everyday(kSmallMail));
  return said(account.messages(), account.octets());
}

/// Accounts with mail of their own in an INBOX and two more mailboxes.
std::string write_fleet(Dovecot& server, std::size_t accounts, std::size_t messages, const std::string& prefix) {
  constexpr const char* kMailboxes[] = {"INBOX", "Sent", "Archive"};
  std::size_t total = 0, octets = 0;
  for (std::size_t i = 0; i < accounts; ++i) {
    MailGenerator generator(kSeed + 1'000 + i);
    Filler account(server, fmt::format("{}{}", prefix, i));
    for (std::size_t m = 0; m < messages; ++m)
      account.add(kMailboxes[m * 3 / messages], generator.everyday(kSmallMail));
    total += account.messages(), octets += account.octets();
  }
  return said(total, octets);
}

/// Marks the oldest messages of each mailbox, in turn, until `most` have changed.
std::string change_flags(Dovecot& server, std::size_t most) {
  PlainImap client = server.login(Lab::kUser);
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

}  // namespace

Lab::Lab(const std::filesystem::path& folder, bool durable)
    : source_(DovecotOptions{.fsync = durable, .extra = kRoom}),
      target_(DovecotOptions{.fsync = durable, .extra = kRoom}) {
  std::filesystem::create_directories(folder);
  password_file_ = folder / "password";
  write_file(password_file_, std::string(Dovecot::kPassword) + "\n");
  std::filesystem::permissions(password_file_,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ca_ = folder / "authorities.pem";
  write_file(ca_, read_file(source_.ca_file()) + read_file(target_.ca_file()));
}

std::string Lab::settings() const {
  return fmt::format(
      "source_imaps={} target_imaps={} free_port={} ca={} user={} password_file={} source_pid={} target_pid={}",
      source_.imaps_port(), target_.imaps_port(), free_port(), ca_.string(), kUser, password_file_.string(),
      source_.pid(), target_.pid());
}

std::string Lab::obey(const std::string& line) {
  std::istringstream words(line);
  const auto verb = word<std::string>(words, "the command");
  const auto role = word<std::string>(words, "the server");
  Dovecot& server = role == "source"   ? source_
                    : role == "target" ? target_
                                       : throw std::invalid_argument("which server? " + line);
  if (verb == "fill") return fill(server, word<std::size_t>(words, "the number of messages"));
  if (verb == "flags") return change_flags(server, word<std::size_t>(words, "the number of messages"));
  if (verb == "shape") {
    const auto name = word<std::string>(words, "the shape");
    const auto scale = word<double>(words, "the scale");
    return write_shape(server, name, scale, word_or(words, kUser));
  }
  if (verb == "mailboxes" || verb == "fleet") {
    const auto count = word<std::size_t>(words, "the number of them");
    const auto messages = word<std::size_t>(words, "the number of messages");
    const auto user = word<std::string>(words, "the user");
    return verb == "fleet" ? write_fleet(server, count, messages, user)
                           : write_mailboxes(server, count, messages, user);
  }
  if (verb == "uidvalidity") {
    const auto user = word<std::string>(words, "the user");
    const auto value = word<std::uint32_t>(words, "the UIDVALIDITY");
    std::string mailbox;
    std::getline(words >> std::ws, mailbox);
    server.change_uidvalidity(user, mailbox, value);
    return {};
  }
  throw std::invalid_argument("no such command: " + line);
}

}  // namespace postern::testing
