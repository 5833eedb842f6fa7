#include "core/base/error.h"

#include "core/base/escape.h"

namespace postern {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::transient:
      return "transient";
    case ErrorKind::throttle:
      return "throttle";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::quota:
      return "quota";
    case ErrorKind::message:
      return "message";
    case ErrorKind::auth:
      return "auth";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::server_bug:
      return "server_bug";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::security:
      return "security";
    case ErrorKind::store:
      return "store";
    case ErrorKind::store_full:
      return "store_full";
    case ErrorKind::vault_in_use:
      return "vault_in_use";
    case ErrorKind::vault_format:
      return "vault_format";
    case ErrorKind::config:
      return "config";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::internal:
      return "internal";
  }
  return "unknown";
}

Scope default_scope(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::message:
      return Scope::message;
    case ErrorKind::busy:
    case ErrorKind::permission:
    case ErrorKind::not_found:
      return Scope::mailbox;
    case ErrorKind::store:
    case ErrorKind::store_full:
    case ErrorKind::vault_in_use:
    case ErrorKind::vault_format:
    case ErrorKind::config:
    case ErrorKind::usage:
    case ErrorKind::internal:
      return Scope::process;
    default:
      return Scope::account;
  }
}

Retry default_retry(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::transient:
    case ErrorKind::throttle:
    case ErrorKind::busy:
    case ErrorKind::server_bug:
    case ErrorKind::protocol:
      return Retry::backoff;
    default:
      return Retry::never;
  }
}

Error& Error::at(std::string_view place) & {
  where_ = where_.empty() ? std::string(place) : std::string(place) + ": " + where_;
  return *this;
}

std::string Error::to_string() const {
  constexpr std::size_t kLongest = 2048;  // places and words of ours quote mailbox and file names
  std::string out = where_;
  if (!out.empty()) out += ": ";
  out = escape_for_people(out + what_, kLongest);
  if (!server_text_.empty()) out += " (server said: \"" + escape_for_people(server_text_) + "\")";
  if (!remedy_.empty()) out += "; " + escape_for_people(remedy_, kLongest);
  return out;
}

}  // namespace postern
