#include "tests/support/dovecot/dovecot.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "tests/support/mail/names.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

// Debian keeps it where an ordinary user's PATH may not look.
constexpr const char* kMaster = "/usr/sbin/dovecot";

}  // namespace

bool dovecot_installed() {
  if (::access(kMaster, X_OK) == 0 && ::access("/usr/lib/dovecot/imap", X_OK) == 0) return true;
  if (std::getenv("POSTERN_WITHOUT_DOVECOT") != nullptr) return false;
  throw std::runtime_error(
      "Dovecot is not installed: ./dev test installs it; POSTERN_WITHOUT_DOVECOT=1 skips its tests");
}

Dovecot::Dovecot(DovecotOptions options)
    : options_(std::move(options)), users_(dovecot_users()), authority_(make_authority(base_.path())) {
  ::chmod(base_.path().c_str(), 0755);  // Dovecot's own users go through it
  for (const char* name : {"run", "state", "mail"}) std::filesystem::create_directory(base_ / name);
  hand_over(base_ / "mail");
  std::string lines;
  for (const std::string& user : options_.users) {
    lines += user + ":{PLAIN}" + kPassword + "::::::\n";
    std::filesystem::create_directory(base_ / "mail" / user);
    hand_over(base_ / "mail" / user);
  }
  write_file(base_ / "users", lines);
  start();
}

void Dovecot::hand_over(const std::filesystem::path& path) const {
  if (users_.root && ::chown(path.c_str(), users_.mail_uid, users_.mail_gid) != 0) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
}

void Dovecot::back_up() { copy_mail(mail_directory(), base_ / "backup"); }

void Dovecot::restore() { copy_mail(base_ / "backup", mail_directory()); }

void Dovecot::copy_mail(const std::filesystem::path& from, const std::filesystem::path& to) {
  stop();
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  hand_over(to);
  for (const auto& one : std::filesystem::recursive_directory_iterator(to)) hand_over(one.path());
  start();
}

void Dovecot::start() {
  const bool chosen = ports_.imap != 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (!chosen) ports_ = {free_port(), free_port()};
    if (try_start()) return;
  }
  throw std::runtime_error("Dovecot does not start: " + (master_ ? master_->errors() : std::string()) + log());
}

bool Dovecot::try_start() {
  write_file(base_ / "log", "");
  write_file(base_ / "dovecot.conf", dovecot_settings(base_.path(), options_, users_, ports_, authority_));
  master_ = std::make_unique<ChildProcess>(ProcessSpec{
      .argv = {kMaster, "-F", "-c", (base_ / "dovecot.conf").string()}, .own_group = true, .death_signal = SIGTERM});
  // The start-up line comes after the master has got all its ports: an answer is then its own and nobody else's.
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (master_->running() && std::chrono::steady_clock::now() < deadline) {
    const bool answers = wait_for_port(ports_.imap, 20ms) && wait_for_port(ports_.imaps, 20ms);
    if (answers && log().find("starting up for imap") != std::string::npos) return true;
  }
  return false;
}

void Dovecot::stop() {
  if (!master_) return;
  master_->send_signal(SIGTERM);
  master_->wait(10s);
  master_.reset();
}

void Dovecot::set_quota(std::uint64_t octets) {
  stop();
  options_.quota_octets = octets;
  start();
}

PlainImap Dovecot::login(const std::string& user, PlainTls tls) const {
  return PlainImap({tls == PlainTls::implicit ? ports_.imaps : ports_.imap, user, kPassword, tls});
}

MaildirWriter Dovecot::maildir(const std::string& user) const {
  std::optional<MaildirWriter::Owner> owner;
  if (users_.root) owner = {users_.mail_uid, users_.mail_gid};
  return MaildirWriter(base_ / "mail" / user, owner);
}

void Dovecot::change_uidvalidity(const std::string& user, const std::string& mailbox, std::uint32_t uidvalidity) {
  doveadm({"mailbox", "update", "-u", user, "--uid-validity", std::to_string(uidvalidity), mailbox});
}

std::string Dovecot::doveadm(std::vector<std::string> arguments) const {
  std::vector<std::string> argv{"/usr/bin/doveadm", "-c", (base_ / "dovecot.conf").string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const Finished done = run_process({.argv = argv});
  if (done.status != ExitStatus{}) throw std::runtime_error("doveadm: " + done.err);
  return done.out;
}

}  // namespace postern::testing
