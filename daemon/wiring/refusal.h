#pragma once

#include "core/base/error.h"

namespace postern::daemon {

/// Whether a NO or BAD is about what the command named, its messages or its mailbox; everything else concerns the
/// connection or the account.
bool about_what_was_asked(const Error& error);

}  // namespace postern::daemon
