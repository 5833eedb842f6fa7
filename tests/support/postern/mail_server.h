#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/support/courier/courier.h"
#include "tests/support/cyrus/cyrus.h"
#include "tests/support/dovecot/dovecot.h"
#include "tests/support/fake_imap/threaded_fake_imap.h"
#include "tests/support/plain_imap/plain_imap.h"

namespace postern::testing {

enum class ServerKind : std::uint8_t { fake, dovecot, cyrus, courier };
std::string_view to_string(ServerKind kind);
/// Whether this machine can run one; throws where it ought to and cannot (see the fixtures).
bool installed(ServerKind kind);
inline void PrintTo(ServerKind kind, std::ostream* out) { *out << to_string(kind); }

/// A running IMAP server with one account; only fake and Dovecot do TLS. user() acts on it; every call is a connection
/// of its own.
class MailServer {
 public:
  static constexpr const char* kUser = "alice";

  explicit MailServer(ServerKind kind);

  PlainImap user() const;
  ServerState state() const { return user().state(); }
  AccountContent contents() const { return testing::contents(state()); }
  /// Fake and Dovecot only.
  void change_uidvalidity(const std::string& mailbox, std::uint32_t uidvalidity);
  /// Holds the account to so many octets, and says so (RFC 9208). Fake and Dovecot only.
  void set_quota(std::uint64_t octets);
  /// What "A/B" is called there: "INBOX.A.B" on a Courier.
  std::string name(std::string_view path) const;

  std::uint16_t port(PlainTls tls) const;
  /// PEM of the authority behind its certificate.
  std::string ca_certificate() const;
  const char* password() const { return Dovecot::kPassword; }
  /// Its misbehaviour and its record of commands; null when it is a real server.
  FakeImapServer* fake() { return fake_ ? &fake_->server() : nullptr; }
  Dovecot* dovecot() { return dovecot_.get(); }

 private:
  std::unique_ptr<ThreadedFakeImap> fake_;
  std::unique_ptr<Dovecot> dovecot_;
  std::unique_ptr<Cyrus> cyrus_;
  std::unique_ptr<Courier> courier_;
};

/// Puts an account's mailboxes and messages on the server, as their user would.
void fill(PlainImap user, const std::vector<GeneratedMailbox>& account);

}  // namespace postern::testing
