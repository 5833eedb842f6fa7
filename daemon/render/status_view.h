#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "storage/changes.h"

namespace postern::daemon {

/// What `postern status` knows of one account.
struct AccountStatus {
  std::string name;
  bool in_vault = false;  // a pass has begun some time
  std::optional<storage::PassSummary> last_pass;
  storage::AccountTotals totals;
  std::uint64_t quarantined = 0;
  std::uint64_t deletions_held = 0;  // on targets, until a person lets them through
  /// A target's position in the account's history: behind == 0 is in step.
  struct Target {
    std::string name;
    std::uint64_t followed = 0;
    std::uint64_t behind = 0;
  };
  std::vector<Target> targets;
};

/// "never", "ok", "attention" or "failed".
std::string_view state_word(const AccountStatus& status);

// Pure: the document and the table of `postern status`.
std::string status_json(const std::vector<AccountStatus>& accounts, WallTime now);
std::string status_table(const std::vector<AccountStatus>& accounts, WallTime now);

}  // namespace postern::daemon
