#include "tests/support/postern/postern_program.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

using nlohmann::json;

std::string said(const Finished& done) {
  return "exit " + std::to_string(done.status.code) + ", signal " + std::to_string(done.status.signal) + "\n" +
         done.out + done.err;
}

/// RFC 3339 with a numeric zone, as in "2002-08-22T12:36:23+01:00".
std::int64_t instant(const std::string& text) {
  const int zone_digits_at = static_cast<int>(text.size()) - 6;
  if (zone_digits_at < 19) throw std::runtime_error("not a date: " + text);
  static const char* const kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string zone = text.substr(text.size() - 6, 3) + text.substr(text.size() - 2);
  return parse_imap_date_time(text.substr(8, 2) + "-" + kMonths[std::stoi(text.substr(5, 2)) - 1] + "-" +
                              text.substr(0, 4) + " " + text.substr(11, 8) + " " + zone);
}

std::map<std::string, std::uint64_t> counters(const json& object) {
  std::map<std::string, std::uint64_t> result;
  for (const auto& [key, value] : object.items()) {
    if (value.is_number_unsigned()) result[key] = value.get<std::uint64_t>();
  }
  return result;
}

const char* tls_word(PlainTls tls) {
  return tls == PlainTls::implicit ? "implicit" : tls == PlainTls::starttls ? "starttls" : "none";
}

}  // namespace

SideConfig SideConfig::of(const MailServer& server, PlainTls tls) {
  return {.port = server.port(tls),
          .tls = tls,
          .ca_certificate = tls == PlainTls::none ? "" : server.ca_certificate(),
          .password = server.password()};
}

std::ostream& operator<<(std::ostream& out, const SyncReport& report) {
  out << "exit " << report.exit_code << ", " << report.state;
  for (const auto& [key, value] : report.source) out << " " << key << "=" << value;
  for (const auto& [key, value] : report.rungs) out << " rungs." << key << "=" << value;
  for (const auto& [key, value] : report.target) out << " " << key << "=" << value;
  return out << " quarantined=" << report.quarantined << " error=" << report.error << "\n"
             << report.problems << report.log;
}

PosternProgram::PosternProgram(SideConfig source_side, std::optional<SideConfig> target_side)
    : source(std::move(source_side)), target(std::move(target_side)) {}

std::string PosternProgram::side(const std::string& name, const SideConfig& config) const {
  const auto password = directory_ / (name + ".password"), ca = directory_ / (name + ".pem");
  write_file(password, config.password);
  std::filesystem::permissions(password, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::string text = "    " + name + ":\n      host: " + config.host + "\n      port: " + std::to_string(config.port) +
                     "\n      tls: " + tls_word(config.tls) + "\n      user: " + config.user +
                     "\n      password_file: " + password.string() + "\n";
  if (!config.ca_certificate.empty()) {
    write_file(ca, config.ca_certificate);
    text += "      tls_ca_file: " + ca.string() + "\n";
  }
  if (config.compress) text += "      compress: true\n";
  if (!config.disable.empty()) {
    text += "      disable: [";
    for (const std::string& capability : config.disable) text += (text.ends_with('[') ? "" : ", ") + capability;
    text += "]\n";
  }
  for (const std::string& line : config.more) text += "      " + line + "\n";
  return text;
}

void PosternProgram::write_config() const {
  write_file(config_file(), settings + "vault:\n  path: " + vault().string() +
                                "\nlog:\n  level: debug\naccounts:\n  - name: " + kAccount + "\n" +
                                side("source", source) + (target ? side("target", *target) : ""));
}

std::vector<std::string> PosternProgram::argv(const std::vector<std::string>& arguments) const {
  std::vector<std::string> words{POSTERN_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.begin() + 1);
  words.insert(words.end(), {"-c", config_file().string()});
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  return words;
}

Finished PosternProgram::run(std::vector<std::string> arguments, std::chrono::seconds limit) {
  write_config();
  return run_process({.argv = argv(arguments), .env = env}, limit);
}

std::unique_ptr<ChildProcess> PosternProgram::start(std::vector<std::string> arguments) {
  write_config();
  return std::make_unique<ChildProcess>(ProcessSpec{.argv = argv(arguments), .env = env});
}

SyncReport PosternProgram::sync(std::vector<std::string> options) {
  std::vector<std::string> arguments{"sync", "--json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Finished done = run(arguments);
  SyncReport report{.exit_code = done.status.signal == 0 ? done.status.code : -done.status.signal,
                    .log = done.err,
                    .peak_memory = done.peak_memory};
  const json document = json::parse(done.out, nullptr, false);
  if (!document.is_object()) return report;  // exit 1, 2 or 3: only stderr says why
  const json& account = document.at("accounts").at(0);
  report.state = account.at("state");
  report.source = counters(account.at("source"));
  report.rungs = counters(account.at("source").at("rungs"));
  if (account.at("target").is_object()) report.target = counters(account["target"]);
  report.quarantined = account.at("quarantined");
  if (account.at("error").is_string()) report.error = account["error"];
  for (const auto& problem : account.at("problems")) report.problems += problem.get<std::string>() + "\n";
  return report;
}

ServerState PosternProgram::ls() {
  const Finished done = run({"ls", kAccount, "--json"});
  if (done.status != ExitStatus{}) throw std::runtime_error("postern ls: " + said(done));
  ServerState state;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) {
    const json entry = json::parse(line);
    StoredMailbox& mailbox = state[entry.at("mailbox")];
    mailbox.uidvalidity = entry.at("uidvalidity");
    const std::vector<std::string> flags = entry.at("flags");
    mailbox.messages.push_back({entry.at("uid"),
                                entry.at("digest"),
                                entry.at("size"),
                                {flags.begin(), flags.end()},
                                instant(entry.at("internaldate"))});
  }
  return state;
}

std::size_t PosternProgram::problems() {
  const Finished done = run({"check", "--read-data", "--json"});
  const json document = json::parse(done.out, nullptr, false);
  if (!document.is_object()) throw std::runtime_error("postern check: " + said(done));
  return document.at("problems").size();
}

std::string PosternProgram::snapshots() {
  const Finished done = run({"snapshots", kAccount, "--json"});
  if (done.status != ExitStatus{}) throw std::runtime_error("postern snapshots: " + said(done));
  return done.out;
}

std::string PosternProgram::cat(const std::string& digest) {
  const Finished done = run({"cat", kAccount, digest});
  if (done.status != ExitStatus{}) throw std::runtime_error("postern cat: " + said(done));
  return done.out;
}

}  // namespace postern::testing
