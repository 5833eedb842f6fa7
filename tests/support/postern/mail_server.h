#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "tests/support/dovecot/dovecot.h"
#include "tests/support/fake_imap/threaded_fake_imap.h"
#include "tests/support/plain_imap/plain_imap.h"

namespace postern::testing {

enum class ServerKind : std::uint8_t { fake, dovecot };
std::string_view to_string(ServerKind kind);
inline void PrintTo(ServerKind kind, std::ostream* out) { *out << to_string(kind); }

/// A running IMAP server with one account. user() acts on it; every call is a connection of its own.
class MailServer {
 public:
  static constexpr const char* kUser = "alice";

  explicit MailServer(ServerKind kind);

  PlainImap user() const;
  ServerState state() const { return user().state(); }
  AccountContent contents() const { return testing::contents(state()); }
  void change_uidvalidity(const std::string& mailbox, std::uint32_t uidvalidity);

  std::uint16_t port(PlainTls tls) const;
  /// PEM of the authority behind its certificate.
  std::string ca_certificate() const;
  const char* password() const { return Dovecot::kPassword; }
  /// Its misbehaviour and its record of commands; null when it is a Dovecot.
  FakeImapServer* fake() { return fake_ ? &fake_->server() : nullptr; }
  Dovecot* dovecot() { return dovecot_.get(); }

 private:
  std::unique_ptr<ThreadedFakeImap> fake_;
  std::unique_ptr<Dovecot> dovecot_;
};

/// Puts an account's mailboxes and messages on the server, as their user would.
void fill(PlainImap user, const std::vector<GeneratedMailbox>& account);

}  // namespace postern::testing
