#pragma once

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {

/// Passes that only pull: no target.
class PullTest : public PassTest {
 protected:
  PullTest() { with_target = false; }
  std::size_t held(std::string_view name) const { return vault.present(name).size(); }
};

}  // namespace postern::testing
