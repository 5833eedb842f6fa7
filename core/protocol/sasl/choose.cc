#include "core/protocol/sasl/choose.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::sasl {
namespace {

constexpr Method kBestFirst[] = {Method::scram_sha_256, Method::plain, Method::login_command};

bool is_offered(const Offer& offer, Method method) {
  if (method == Method::login_command) return offer.login_command;
  return std::any_of(offer.mechanisms.begin(), offer.mechanisms.end(),
                     [&](const std::string& name) { return ascii_iequals(name, to_string(method)); });
}

bool shows_password(Method method) { return method != Method::scram_sha_256; }
bool carries_authzid(Method method) { return method != Method::login_command; }

std::string listed(const Offer& offer) {
  std::string out;
  for (const std::string& name : offer.mechanisms) out += out.empty() ? name : " " + name;
  return out;
}

Error nothing_left(const Offer& offer, bool would_need_protection, bool would_need_authzid) {
  if (would_need_protection) {
    return Error(ErrorKind::security, "every login that the server offers would show the password on a line in clear")
        .remedy("set tls: implicit or tls: starttls");
  }
  if (would_need_authzid) {
    return Error(ErrorKind::config, "the server offers no login that can carry authorize_as")
        .remedy("log in as the mailbox's own user, or let the server offer PLAIN");
  }
  return Error(ErrorKind::config, "the server offers no login that can be used")
      .server_text(listed(offer))
      .remedy("Postern logs in by SCRAM-SHA-256, PLAIN or the LOGIN command");
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::scram_sha_256:
      return "SCRAM-SHA-256";
    case Method::plain:
      return "PLAIN";
    case Method::login_command:
      return "LOGIN";
  }
  return "unknown";
}

Result<std::vector<Method>> choose(const Offer& offer, const Policy& policy) {
  std::vector<Method> methods;
  bool unprotected = false;
  bool no_authzid = false;
  for (const Method method : kBestFirst) {
    if (!is_offered(offer, method) || (policy.only && *policy.only != method)) continue;
    if (shows_password(method) && !policy.line_protected && !policy.clear_password) {
      unprotected = true;
    } else if (policy.authzid && !carries_authzid(method)) {
      no_authzid = true;
    } else {
      methods.push_back(method);
    }
  }
  if (!methods.empty()) return methods;
  if (policy.only && !unprotected && !no_authzid) {
    return fail(Error(ErrorKind::config, fmt::format("the server does not offer {}", to_string(*policy.only)))
                    .server_text(listed(offer))
                    .remedy("set auth: auto"));
  }
  return fail(nothing_left(offer, unprotected, no_authzid));
}

}  // namespace postern::sasl
