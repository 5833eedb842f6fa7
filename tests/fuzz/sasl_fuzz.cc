// Whatever a server answers, each line a challenge: no crash, and no SCRAM login is believed without its signature.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/protocol/sasl/saslprep.h"
#include "core/protocol/sasl/scram.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  sasl::Credentials credentials{.user = "user", .password = Secret("pencil"), .authzid = ""};
  const auto client =
      sasl::scram_sha_256(std::move(credentials), "rOprNGfwEbeRWgbNEkqO", {.min_iterations = 1, .max_iterations = 10});
  if (!client->initial_response()) std::abort();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (!client->respond(rest.substr(0, end))) break;
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  if (client->verified()) std::abort();  // it would take a forged HMAC
  if (const auto prepared = sasl::saslprep({reinterpret_cast<const char*>(data), size})) {
    if (prepared->reveal().size() > size) std::abort();
  }
  return 0;
}
