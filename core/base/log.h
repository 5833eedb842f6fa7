#pragma once

#include <cstdint>
#include <string_view>

namespace postern::log {

enum class Level : std::uint8_t { debug, info, warning, error, off };
enum class Format : std::uint8_t { text, json };

/// Where the process logs: stderr, one line a record, UTC time stamps. Call once at start, before other threads;
/// without it only warnings and errors are shown.
void configure(Level level, Format format);

/// Thread-safe. `text` is escaped (escape.h): a server's words cannot forge a line or drive a terminal.
void write(Level level, std::string_view text);
inline void debug(std::string_view text) { write(Level::debug, text); }
inline void info(std::string_view text) { write(Level::info, text); }
inline void warning(std::string_view text) { write(Level::warning, text); }
inline void error(std::string_view text) { write(Level::error, text); }

}  // namespace postern::log
