#pragma once

#include <cstdint>
#include <optional>

#include "core/base/clock.h"
#include "core/mail/records.h"

namespace postern::sync {

/// One APPEND of a message, known by its time.
struct AppendInDoubt {
  UidValidity target_uidvalidity;
  std::uint32_t target_uidnext = 0;  // before it
  WallTime at{};
  enum class Why : std::uint8_t {
    unanswered,  // and the message not found
    unshown,     // OK, and the message not shown
  };
  Why why = Why::unanswered;
};

/// A message's doubt with one more APPEND in it. One that is in it already is not counted again: what is found out
/// about an APPEND twice, by two sessions, was sent once.
Doubt doubted(const std::optional<Doubt>& before, Place place, Digest digest, const AppendInDoubt& append);

/// Whether a pass looks for second copies.
enum class CopyWatch : std::uint8_t {
  closely,  // whatever else there is to do
  idly,     // only where it opens the mailbox
  last,     // once more, and then no longer
  over,     // no longer
};
CopyWatch copy_watch(const Doubt& doubt, WallTime now);

/// How many further copies of it there may be.
std::uint64_t copies_left(const Doubt& doubt);

/// The target says OK to it and does not show it: it is no use to go on.
bool is_swallowed(const Doubt& doubt);

/// Doubts that are kept of one mailbox; what comes beyond is doubted in its own pass alone.
inline constexpr std::size_t kMostDoubts = 10'000;

}  // namespace postern::sync
