#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tests/support/wired/wired_world.h"

namespace postern::testing {

/// A story that is interrupted at each of its steps.
struct InterruptScenario {
  const char* name;
  std::function<void(WiredWorld&)> prepare;  // what was there before, with passes that went well
  std::function<void(WiredWorld&)> change;   // what the interrupted pass has to bring over
  /// How many messages there are in the end, where the two servers are not to hold the same.
  struct Counts {
    std::size_t at_source = 0, at_target = 0;
  };
  std::optional<Counts> counts = std::nullopt;
};

const std::vector<InterruptScenario>& interrupt_scenarios();

}  // namespace postern::testing
