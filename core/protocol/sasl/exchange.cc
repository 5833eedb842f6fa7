#include "core/protocol/sasl/exchange.h"

#include <fmt/format.h>

#include "core/base/base64.h"

namespace postern::sasl {
namespace {

Error named(std::string_view mechanism, const Error& error) { return Error(error).at(mechanism); }

}  // namespace

Result<Secret> Exchange::initial_line() {
  started_ = true;
  const auto response = mechanism_->initial_response();
  if (!response) return fail(named(name(), response.error()));
  return response->empty() ? Secret("=") : Secret(base64_encode(response->reveal()));
}

Result<Secret> Exchange::answer(std::string_view challenge) {
  if (challenge.size() > kLongestChallenge) {
    return fail(named(name(), Error(ErrorKind::protocol, fmt::format("a challenge of {} octets, more than {}",
                                                                     challenge.size(), kLongestChallenge))));
  }
  const auto octets = base64_decode(challenge);
  if (!octets) return fail(named(name(), octets.error()));
  if (!started_ && !octets->empty()) {
    return fail(named(name(), Error(ErrorKind::protocol, "the server's first challenge is not empty")));
  }
  const auto response = started_ ? mechanism_->respond(*octets) : mechanism_->initial_response();
  started_ = true;
  if (!response) return fail(named(name(), response.error()));
  return Secret(base64_encode(response->reveal()));
}

Result<void> Exchange::finish() const {
  if (mechanism_->verified()) return {};
  return fail(named(name(), Error(ErrorKind::security, "the server said OK before the exchange was complete")
                                .remedy("check that the host is the right one; it has not proved that it knows the "
                                        "password")));
}

}  // namespace postern::sasl
