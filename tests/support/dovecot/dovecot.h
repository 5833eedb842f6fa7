#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/dovecot/settings.h"
#include "tests/support/mail/maildir.h"
#include "tests/support/plain_imap/plain_imap.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {

/// Whether this machine has what the fixture needs. Throws where it has not, so that a missing package is a failed
/// test, unless POSTERN_WITHOUT_DOVECOT is set.
bool dovecot_installed();

/// A running Dovecot (see README.md). Every user's password is kPassword. The destructor kills it at once: an orderly
/// stop() takes it a second.
class Dovecot {
 public:
  static constexpr const char* kPassword = "correct horse";

  explicit Dovecot(DovecotOptions options = {});

  std::uint16_t imap_port() const { return ports_.imap; }  // clear, STARTTLS offered
  std::uint16_t imaps_port() const { return ports_.imaps; }
  /// PEM of the authority that signed its certificate for localhost and 127.0.0.1.
  const std::filesystem::path& ca_file() const { return authority_.ca; }

  /// A connection of `user`'s own.
  PlainImap login(const std::string& user = "alice", PlainTls tls = PlainTls::none) const;
  /// Writes mail straight into `user`'s Maildir: before that user's first login.
  MaildirWriter maildir(const std::string& user = "alice") const;
  /// The server's first process; the others are its children.
  pid_t pid() const { return master_->pid(); }
  /// The folder of all users' Maildirs.
  std::filesystem::path mail_directory() const { return base_ / "mail"; }

  /// Ends every connection and the server; start() brings it back on the same ports.
  void stop();
  void start();

  /// Holds every user to so many octets from now on; restarts it.
  void set_quota(std::uint64_t octets);
  /// Copies all mail, with indexes and UIDs, aside; restore() brings that state back. Both restart it.
  void back_up();
  void restore();
  /// Gives an existing mailbox another UIDVALIDITY; its messages stay.
  void change_uidvalidity(const std::string& user, const std::string& mailbox, std::uint32_t uidvalidity);
  /// Runs doveadm on this server and returns what it prints; throws when it fails.
  std::string doveadm(std::vector<std::string> arguments) const;
  std::string log() const { return read_file(base_ / "log"); }

 private:
  bool try_start();
  void hand_over(const std::filesystem::path& path) const;
  void copy_mail(const std::filesystem::path& from, const std::filesystem::path& to);

  TempDir base_;
  DovecotOptions options_;
  DovecotUsers users_;
  AuthorityFiles authority_;
  DovecotPorts ports_;
  std::unique_ptr<ChildProcess> master_;
};

}  // namespace postern::testing
