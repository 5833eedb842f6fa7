#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/protocol/sasl/mechanism.h"

namespace postern::crypto {
class Random;
}

namespace postern::sasl {

/// How often a server may make the client hash. Below the minimum (RFC 7677 §4) whoever poses as the server learns
/// enough to guess the password fast; above the maximum it holds the thread for seconds.
struct ScramLimits {
  std::uint32_t min_iterations = 4'096;
  std::uint32_t max_iterations = 1'000'000;
};

/// SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: the password is not sent, and the server must prove that
/// it knows its hash before verified() is true. The answer to the server's first message computes PBKDF2 on the calling
/// thread: about a millisecond at 4,096 iterations, a few tenths of a second at the most.
/// `client_nonce` must be fresh: printable ASCII without ",", at least 18 octets.
std::unique_ptr<Mechanism> scram_sha_256(Credentials credentials, std::string client_nonce, ScramLimits limits = {});
/// With a nonce of 144 random bits.
std::unique_ptr<Mechanism> scram_sha_256(Credentials credentials, crypto::Random& random, ScramLimits limits = {});

}  // namespace postern::sasl
