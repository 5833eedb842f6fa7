#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace postern::sasl {

/// Who logs in.
struct Credentials {
  std::string user;     // authentication identity, UTF-8
  Secret password;      // UTF-8
  std::string authzid;  // whose mailbox to act on, for admin logins; empty: the user's own
};

/// The client's side of one SASL mechanism (RFC 4422): a machine over raw octets, without base64 and without IO. One
/// object is one attempt. After an error the exchange is over: the protocol around it cancels ("*" in IMAP).
class Mechanism {
 public:
  virtual ~Mechanism() = default;
  /// As in AUTH=…: "PLAIN".
  virtual std::string_view name() const = 0;
  /// The first thing the client says, once: with the command (RFC 4959), or in answer to a first, empty challenge.
  virtual Result<Secret> initial_response() = 0;
  /// The answer to a server's challenge, from the one after the initial response on.
  virtual Result<Secret> respond(ByteView challenge) = 0;
  /// Whether a server's OK is to be believed now: everything that the server had to prove, it has.
  virtual bool verified() const = 0;
};

}  // namespace postern::sasl
