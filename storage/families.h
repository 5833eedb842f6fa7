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
  meta,
};

/// Names on disk. Persisted: DO NOT CHANGE.
inline constexpr std::array<std::string_view, 13> kFamilyNames = {
    "chunk",  "object",     "mailbox", "entry", "history",  "snapshot", "binding",
    "intent", "quarantine", "guard",   "stats", "identity", "meta",
};

/// The format that a writer leaves behind. What 1 lacks is the family `identity` and a mailbox's MAILBOXID.
inline constexpr std::uint32_t kFormatVersion = 2;
inline constexpr std::uint32_t kFormatWithIdentity = 2;

}  // namespace postern::storage
