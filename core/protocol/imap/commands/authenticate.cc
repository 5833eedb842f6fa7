#include "core/protocol/imap/commands/authenticate.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]
void encode(const Authenticate& command, Encoder& out) {
  out.text("AUTHENTICATE ").atom(command.mechanism);
  if (command.initial) out.text(" ").secret_base64(*command.initial);
}

// login = "LOGIN" SP userid SP password
void encode(const Login& command, Encoder& out) {
  out.text("LOGIN ").string(command.user).text(" ").secret_string(command.password);
}

}  // namespace postern::imap
