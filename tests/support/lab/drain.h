#pragma once

#include <cstddef>

#include "tests/support/plain_imap/plain_imap.h"

namespace postern::testing {

/// The throw-away client, the ceiling of what a client can do: fetches every message of the account over TLS and keeps
/// nothing, with its commands always ahead of the answers. One connection asks for each mailbox with one command;
/// several share parts of 1,000 UIDs.
PlainImap::Drained drain_account(const PlainImap::Login& login, std::size_t connections);

}  // namespace postern::testing
