#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/clock.h"

namespace postern::sync {

/// How long to go on looking for a message whose APPEND was sent and never answered: the old connection may still be
/// committing. Until the settle time is over, or the target has shown the same state in three probes in a row.
class Settle {
 public:
  /// `sent_at`: the intent's own time, so that a restart does not begin anew.
  Settle(WallTime sent_at, std::chrono::milliseconds settle) : until_(sent_at + settle), settle_(settle) {}

  /// The target's UIDNEXT and count of messages at a look that found nothing.
  void looked(std::uint32_t uidnext, std::uint32_t messages);
  /// None: it is not there, send again. Else look again after this long.
  std::optional<std::chrono::milliseconds> wait(WallTime now) const;

 private:
  static constexpr int kProbes = 3;
  WallTime until_;
  std::chrono::milliseconds settle_;
  std::uint64_t last_ = 0;
  int unchanged_ = 0;
};

}  // namespace postern::sync
