#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::storage {

/// RocksDB's column families, in the order they are made: `meta` last, so that a vault that has it has them all, but
/// for those that came with a later format.
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
  identity,
  audit,
  store_intent,
  pack,
  meta,
};

/// Names on disk. Persisted: DO NOT CHANGE.
inline constexpr std::array<std::string_view, 16> kFamilyNames = {
    "chunk",      "object", "mailbox", "entry",    "history", "snapshot",     "binding", "intent",
    "quarantine", "guard",  "stats",   "identity", "audit",   "store_intent", "pack",    "meta",
};

/// The format that a writer leaves behind.
inline constexpr std::uint32_t kFormatVersion = 5;

/// The format that each family came with: what has it, and what has not.
constexpr std::uint32_t came_with_format(Family family) {
  switch (family) {
    case Family::identity:
      return 2;
    case Family::audit:
    case Family::store_intent:
      return 3;
    case Family::pack:
      return 5;
    default:
      return 1;
  }
}

}  // namespace postern::storage
