#pragma once

#include <optional>
#include <string>

#include "core/base/secret.h"

namespace postern::imap {

class Encoder;

/// AUTHENTICATE (RFC 9051 §6.2.2). `initial` is the raw initial response and needs SASL-IR (RFC 4959). Challenges come
/// as Continuation events and are answered by Session::respond() or Session::cancel_authentication().
struct Authenticate {
  std::string mechanism;
  std::optional<Secret> initial;
};
/// LOGIN; refused under LOGINDISABLED.
struct Login {
  std::string user;
  Secret password;
};
void encode(const Authenticate& command, Encoder& out);
void encode(const Login& command, Encoder& out);

}  // namespace postern::imap
