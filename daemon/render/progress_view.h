#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/sync/pass.h"

namespace postern::daemon {

/// One account of a `postern sync` under way.
struct AccountProgress {
  std::string name;
  sync::Progress progress;
  double octets_per_second = 0;
  std::optional<std::chrono::seconds> remaining;
};

/// How much of a pass is done: what both sides have to do, together; 0 before it is known.
double ratio_of(const sync::Progress& progress);

/// A line for each account under way, at most `most_lines`; then one that sums up. Each fits `columns`. Pure.
std::vector<std::string> progress_lines(const std::vector<AccountProgress>& accounts, std::size_t columns,
                                        std::size_t most_lines);

}  // namespace postern::daemon
