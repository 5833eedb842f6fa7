#pragma once

#include <functional>
#include <vector>

#include "tests/support/wired/wired_world.h"

namespace postern::testing {

/// A story that is interrupted at each of its steps.
struct InterruptScenario {
  const char* name;
  std::function<void(WiredWorld&)> prepare;  // what was there before, with passes that went well
  std::function<void(WiredWorld&)> change;   // what the interrupted pass has to bring over
};

const std::vector<InterruptScenario>& interrupt_scenarios();

}  // namespace postern::testing
