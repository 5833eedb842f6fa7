#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/protocol/imap/response.h"

namespace postern::imap {

/// What kind of command was refused, as far as the meaning of the refusal depends on it.
enum class CommandClass : std::uint8_t { session, authentication, mailbox, fetch, append, create, store, other };

/// What a NO, BAD or BYE means: by its response code, else by words known from the big servers. Pure.
/// `where` is the command's name, for people. The error carries the server's text, and retry_after() when it named a
/// time.
Error classify(std::string_view where, CommandClass command, Status status, const ResponseCode& code,
               std::string_view text);

/// "Suggested Backoff Time: N milliseconds" (Exchange), clamped to one second … one hour.
std::optional<std::chrono::milliseconds> suggested_backoff(std::string_view text);

/// "[THROTTLED]" as a code or inside the text of an OK (Gmail): the command succeeded, the next should wait.
bool asks_for_patience(const ResponseCode& code, std::string_view text);

}  // namespace postern::imap
