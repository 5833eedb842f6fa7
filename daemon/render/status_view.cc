#include "daemon/render/status_view.h"

#include <nlohmann/json.hpp>

#include "core/base/escape.h"
#include "daemon/cli/moment.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"
#include "daemon/render/table.h"

namespace postern::daemon {

namespace {

using nlohmann::ordered_json;

bool has_succeeded(const AccountStatus& status) {
  return status.last_pass && status.last_pass->last_success > WallTime{};
}

double ratio(const AccountStatus::Target& target) {
  const std::uint64_t all = target.followed + target.behind;
  return all == 0 ? 1.0 : static_cast<double>(target.followed) / static_cast<double>(all);
}

ordered_json moment_or_null(WallTime when) { return when > WallTime{} ? ordered_json(format_moment(when)) : nullptr; }

ordered_json to_json(const AccountStatus& status, WallTime now) {
  ordered_json targets = ordered_json::array();
  for (const AccountStatus::Target& target : status.targets) {
    targets.push_back({{"name", target.name}, {"progress", ratio(target)}, {"changes_behind", target.behind}});
  }
  ordered_json document = {{"name", status.name}, {"state", state_word(status)}};
  document["messages"] = status.totals.entries;
  document["octets"] = status.totals.octets;
  document["quarantined"] = status.quarantined;
  document["deletions_held"] = status.deletions_held;
  const storage::PassSummary pass = status.last_pass.value_or(storage::PassSummary{});
  document["last_pass"] = moment_or_null(pass.ended);
  document["last_success"] = moment_or_null(pass.last_success);
  document["lag_seconds"] = nullptr;
  if (has_succeeded(status)) document["lag_seconds"] = std::chrono::duration<double>(now - pass.last_success).count();
  document["targets"] = std::move(targets);
  document["error"] = pass.error.empty() ? ordered_json(nullptr) : ordered_json(pass.error);
  return document;
}

std::string target_column(const AccountStatus& status) {
  std::string text;
  for (const AccountStatus::Target& target : status.targets) {
    if (!text.empty()) text += ", ";
    text += target.behind == 0 ? "in step" : with_thousands(target.behind) + " behind";
  }
  return text.empty() ? "–" : text;
}

}  // namespace

std::string_view state_word(const AccountStatus& status) {
  if (!status.last_pass) return "never";
  switch (status.last_pass->state) {
    case storage::PassSummary::State::ok:
      return "ok";
    case storage::PassSummary::State::attention:
      return "attention";
    case storage::PassSummary::State::failed:
      return "failed";
  }
  return "never";
}

std::string status_json(const std::vector<AccountStatus>& accounts, WallTime now) {
  ordered_json list = ordered_json::array();
  for (const AccountStatus& status : accounts) list.push_back(to_json(status, now));
  return json_text({{"accounts", std::move(list)}});
}

std::string status_table(const std::vector<AccountStatus>& accounts, WallTime now) {
  Table table({"account", "state", "messages", "octets", "held", "lag", "target"}, {2, 3, 4, 5});
  std::string errors;
  for (const AccountStatus& status : accounts) {
    const std::string lag = has_succeeded(status) ? duration_for_people(now - status.last_pass->last_success) : "–";
    table.add({escape_for_people(status.name), std::string(state_word(status)), with_thousands(status.totals.entries),
               octets_for_people(status.totals.octets), with_thousands(status.quarantined), lag,
               target_column(status)});
    if (status.deletions_held != 0) {
      errors += escape_for_people(status.name) + ": " + with_thousands(status.deletions_held) +
                " deletions are held; 'postern guard " + escape_for_people(status.name) + "' says why\n";
    }
    if (status.last_pass && !status.last_pass->error.empty()) {
      errors += escape_for_people(status.last_pass->error, 2'048) + "\n";
    }
  }
  return table.to_string() + errors;
}

}  // namespace postern::daemon
