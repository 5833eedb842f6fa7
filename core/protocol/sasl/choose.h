#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace postern::sasl {

/// The ways to log in with a password that are allowed at all.
enum class Method : std::uint8_t { scram_sha_256, plain, login_command };

/// "SCRAM-SHA-256", "PLAIN", "LOGIN".
std::string_view to_string(Method method);

/// What a server says of itself, read after TLS is up: what it said before may be somebody else's words.
struct Offer {
  std::vector<std::string> mechanisms;  // of AUTH=…, any case
  bool login_command = true;            // IMAP without LOGINDISABLED; false where the protocol has no such command
};

struct Policy {
  bool line_protected = false;  // TLS, verified
  bool clear_password = false;  // a password may cross an unprotected line: loopback, or `insecure_plaintext: true`
  bool authzid = false;         // the login names another mailbox than the user's own
  std::optional<Method> only;   // the configuration's `auth`, when it is not auto
};

/// What to try, the best first: never empty. SCRAM-SHA-256, then PLAIN, then the LOGIN command, which cannot carry an
/// authzid. Methods that show the password need a protected line or leave. Fails with security or config.
Result<std::vector<Method>> choose(const Offer& offer, const Policy& policy);

}  // namespace postern::sasl
