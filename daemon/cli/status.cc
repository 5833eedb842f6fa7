#include <algorithm>
#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/status_view.h"

namespace postern::daemon {

namespace {

Result<void> read_targets(const storage::Vault& vault, AccountId account, AccountStatus& status) {
  const auto end = vault.history_end(account);
  if (!end) return fail(end.error());
  const auto targets = vault.targets(account);
  if (!targets) return fail(targets.error());
  for (const storage::Target& target : *targets) {
    const std::uint64_t followed = std::min(target.cursor.value(), end->value());
    status.targets.push_back({target.name, followed, end->value() - followed});
  }
  return {};
}

Result<AccountStatus> read_status(const storage::Vault& vault, const std::string& name) {
  AccountStatus status;
  status.name = name;
  const auto account = vault.find_account(name);
  if (!account) return fail(account.error());
  if (!*account) return status;
  status.in_vault = true;
  auto last = vault.pass_summary(**account);
  if (!last) return fail(std::move(last.error()));
  status.last_pass = std::move(*last);
  const auto totals = vault.totals(**account);
  if (!totals) return fail(totals.error());
  status.totals = *totals;
  const auto quarantine = vault.quarantine(**account);
  if (!quarantine) return fail(quarantine.error());
  status.quarantined = quarantine->size();
  const auto holds = vault.guard_holds(**account);
  if (!holds) return fail(holds.error());
  for (const GuardHold& hold : *holds) status.deletions_held += hold.acknowledged ? 0 : hold.uids.size();
  if (auto read = read_targets(vault, **account, status); !read) return fail(std::move(read.error()));
  return status;
}

Result<std::vector<AccountStatus>> read_all(const config::Config& config, const std::vector<std::string>& names) {
  std::vector<AccountStatus> all;
  const auto vault = open_for_reading(config);
  // Before the first pass there is no vault, and each account has simply never been synchronised.
  if (!vault && vault.error().kind() != ErrorKind::not_found) return fail(vault.error());
  for (const std::string& name : names) {
    auto status =
        vault ? read_status(**vault, name) : Result<AccountStatus>(AccountStatus{name, false, {}, {}, 0, 0, {}});
    if (!status) return fail(std::move(status.error().at(name)));
    all.push_back(std::move(*status));
  }
  return all;
}

}  // namespace

ExitStatus run_command(const StatusCommand& command, const config::Config& config, Console& console) {
  std::vector<std::string> names = command.accounts;
  for (const std::string& name : names) {
    const auto& known = config.accounts;
    if (std::none_of(known.begin(), known.end(),
                     [&](const config::Account& account) { return account.name == name; })) {
      return report(unknown_account(config, name), console);
    }
  }
  if (names.empty()) {
    for (const config::Account& account : config.accounts) names.push_back(account.name);
  }
  const auto all = read_all(config, names);
  if (!all) return report(all.error(), console);
  const WallTime now = SystemClock().wall();
  console.out << (command.json ? status_json(*all, now) + "\n" : status_table(*all, now));
  return ExitStatus::done;
}

}  // namespace postern::daemon
