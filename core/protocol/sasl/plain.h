#pragma once

#include <memory>

#include "core/protocol/sasl/mechanism.h"

namespace postern::sasl {

/// PLAIN (RFC 4616): the password itself, so only where nobody can listen.
std::unique_ptr<Mechanism> plain(Credentials credentials);

}  // namespace postern::sasl
