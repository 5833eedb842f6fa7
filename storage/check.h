#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace postern::storage {

struct CheckOptions {
  bool read_data = false;  // re-make and re-hash every object
  /// Called now and then on the checking thread; returning false stops the check with ErrorKind::cancelled.
  std::function<bool(std::uint64_t objects_done, std::uint64_t octets_done)> progress;
};

/// One thing that is not as it must be. `kind` is one of
///   record            a row that cannot be read: `detail` names the family and the key
///   object_missing    an entry or a history row whose object is not in the vault
///   chunk_missing     an object whose piece is not in the vault
///   chunk_damaged     a piece that cannot be read or does not hash to its name
///   object_damaged    pieces that do not make the object (size or digest)
///   mailbox_missing   an entry of a mailbox that is not in the vault
///   entry_size        an entry that states another size than its object
///   entry_history     an entry whose last change is not in the history
///   history_gap       sequence numbers that do not follow each other
///   cursor            a cursor of a generation that the mailbox does not have, or a target cursor past the history
///   snapshot          a snapshot past the end of the history
///   binding           a binding without its entry
///   doubt             a message that a target may have twice, without its entry
///   identity          an EMAILID whose object is not in the vault, or has another size
///   guard             held deletions of a target or a mailbox that is not in the vault
///   store_intent      the same of an intent to store flags
///   audit_gap         audit rows that do not follow each other
///   totals            running totals that do not equal the entries
struct CheckProblem {
  std::string kind;
  std::string digest;  // 64 hex digits, or empty
  std::string detail;  // for people: where, and which messages are touched
};

struct CheckReport {
  std::uint64_t objects = 0;
  std::uint64_t chunks = 0;  // contents that messages can share
  std::uint64_t packs = 0;
  std::uint64_t entries = 0;
  std::uint64_t octets = 0;            // of messages read, with read_data
  std::vector<CheckProblem> problems;  // at most kMaxProblems
  std::uint64_t problems_not_listed = 0;
  static constexpr std::size_t kMaxProblems = 10'000;
};

}  // namespace postern::storage
