#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/moment.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"

namespace postern::daemon {

namespace {

Result<void> list(const storage::Vault& vault, const storage::Account& account, bool json, std::ostream& out) {
  const auto snapshots = vault.snapshots(account.id);
  if (!snapshots) return fail(snapshots.error());
  for (const SnapshotRecord& snapshot : *snapshots) {
    const std::string moment = format_moment(snapshot.at);
    if (json) {
      out << json_text({{"account", account.name},
                        {"snapshot", moment},
                        {"sequence", snapshot.seq.value()},
                        {"entries", snapshot.entries},
                        {"octets", snapshot.octets}})
          << '\n';
    } else {
      out << fmt::format("{}  {}  {} messages  {}\n", account.name, moment, with_thousands(snapshot.entries),
                         octets_for_people(snapshot.octets));
    }
  }
  return {};
}

Result<void> list_all(const SnapshotsCommand& command, const config::Config& config, std::ostream& out) {
  const auto vault = open_for_reading(config);
  if (!vault) return fail(vault.error());
  const auto accounts = named_accounts(**vault, config, command.account);
  if (!accounts) return fail(accounts.error());
  for (const storage::Account& account : *accounts) {
    auto listed = list(**vault, account, command.json, out);
    if (!listed) return fail(std::move(listed.error().at(account.name)));
  }
  return {};
}

}  // namespace

ExitStatus run_command(const SnapshotsCommand& command, const config::Config& config, Console& console) {
  const auto listed = list_all(command, config, console.out);
  return listed ? ExitStatus::done : report(listed.error(), console);
}

}  // namespace postern::daemon
