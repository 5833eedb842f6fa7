#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/error.h"

namespace postern::client {

/// What the client was about when the server refused: one response code means different things to different commands.
enum class Doing : std::uint8_t { connecting, logging_in, listing, opening, fetching, storing, appending, creating };

/// How the server refused.
enum class Refusal : std::uint8_t { no, bad, bye };

/// A server's refusal as an Error, by its response code (RFC 5530, RFC 9051 §7.1) and, for servers that have none, by
/// what their texts are known to say. `code` is the code's name in any case ("OVERQUOTA"), or empty. The text is kept
/// apart.
Error server_error(Doing doing, Refusal refusal, std::string_view code, std::string_view text);

/// True when a text says that the server wants patience, whatever the status around it: "OK Success [THROTTLED]".
bool speaks_of_throttling(std::string_view code, std::string_view text);

/// "Suggested Backoff Time: 299961 milliseconds" (Exchange), clamped to one second to one hour.
std::optional<std::chrono::milliseconds> suggested_backoff(std::string_view text);

}  // namespace postern::client
