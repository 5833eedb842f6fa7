#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::storage {

/// RocksDB's column families, in the order they are made: `meta` last, so that a vault that has it has them all.
enum class Family : std::uint8_t {
  chunk,
  object,
  mailbox,
  entry,
  history,
  snapshot,
  binding,
  intent,
  quarantine,
  guard,
  stats,
  meta,
};

/// Names on disk. Persisted: DO NOT CHANGE.
inline constexpr std::array<std::string_view, 12> kFamilyNames = {
    "chunk",   "object", "mailbox",    "entry", "history", "snapshot",
    "binding", "intent", "quarantine", "guard", "stats",   "meta",
};

inline constexpr std::uint32_t kFormatVersion = 1;

}  // namespace postern::storage
