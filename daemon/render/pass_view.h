#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/sync/pass.h"
#include "daemon/exit_status.h"

namespace postern::daemon {

/// One account's part of a `postern sync`.
struct AccountReport {
  std::string name;
  bool has_target = false;
  sync::PassReport pass;
};

// Pure: what `postern sync` says at its end.

/// The document of `postern sync --json`.
std::string sync_json(const std::vector<AccountReport>& accounts);
/// The closing table, with what needs a person below it.
std::string sync_table(const std::vector<AccountReport>& accounts);
/// "10 fetched (1.2 MiB), 10 appended, 3 flag updates; 1.2 s": the log line of a pass.
std::string pass_summary_text(const sync::PassReport& report);
std::string_view state_word(sync::PassReport::State state);

/// 0 all ok; 4 something needs a person, or some accounts failed; 1 all failed.
ExitStatus exit_status_of(const std::vector<AccountReport>& accounts);

}  // namespace postern::daemon
