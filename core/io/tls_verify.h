#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <string>

#include "core/base/error.h"

namespace postern {

/// Verifies the certificates that `ssl`'s peer has presented (or, when a session is resumed, presented then): a chain
/// to an authority of the context's store, for TLS servers, valid now, with keys and signatures that are not weak, and
/// for `host`. RFC 9525: subject alternative names only, wildcards for one whole label only. What is wrong, or nothing.
std::optional<Error> verify_peer(SSL* ssl, const std::string& host);

}  // namespace postern
