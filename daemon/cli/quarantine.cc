#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/base/escape.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/moment.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/json_text.h"

namespace postern::daemon {

namespace {

std::string_view name_of(QuarantineRecord::Stage stage) {
  switch (stage) {
    case QuarantineRecord::Stage::fetch:
      return "fetch";
    case QuarantineRecord::Stage::store:
      return "store";
    case QuarantineRecord::Stage::append:
      return "append";
  }
  return "unknown";
}

/// How many are held.
Result<std::size_t> list(const storage::Vault& vault, const storage::Account& account, bool json, std::ostream& out) {
  const auto records = vault.quarantine(account.id);
  if (!records) return fail(records.error());
  const auto mailboxes = vault.mailboxes(account.id);
  if (!mailboxes) return fail(mailboxes.error());
  std::map<MailboxId, std::string> names;
  for (const MailboxRecord& mailbox : *mailboxes) names[mailbox.id] = mailbox.name.display();
  for (const QuarantineRecord& record : *records) {
    const std::string& mailbox = names[record.place.mailbox];
    if (json) {
      out << json_text({{"account", account.name},
                        {"mailbox", mailbox},
                        {"uidvalidity", record.place.uidvalidity.value()},
                        {"uid", record.place.uid.value()},
                        {"stage", name_of(record.stage)},
                        {"reason", record.reason},
                        {"attempts", record.attempts},
                        {"first", format_moment(record.first)},
                        {"next_try", format_moment(record.next_try)}})
          << '\n';
    } else {
      out << fmt::format("{}: {}: UID {}: {}: {} (attempts: {}, next {})\n", account.name, escape_for_people(mailbox),
                         record.place.uid.value(), name_of(record.stage), escape_for_people(record.reason),
                         record.attempts, format_moment(record.next_try));
    }
  }
  return records->size();
}

Result<std::size_t> list_all(const QuarantineCommand& command, const config::Config& config, std::ostream& out) {
  const auto vault = open_for_reading(config);
  if (!vault) return fail(vault.error());
  const auto accounts = named_accounts(**vault, config, command.account);
  if (!accounts) return fail(accounts.error());
  std::size_t held = 0;
  for (const storage::Account& account : *accounts) {
    auto listed = list(**vault, account, command.json, out);
    if (!listed) return fail(std::move(listed.error().at(account.name)));
    held += *listed;
  }
  return held;
}

Result<void> retry_all(const QuarantineCommand& command, const config::Config& config, std::ostream& out) {
  const auto vault = open_for_writing(config, "postern quarantine --retry");
  if (!vault) return fail(vault.error());
  const auto accounts = named_accounts(**vault, config, command.account);
  if (!accounts) return fail(accounts.error());
  std::size_t all = 0;
  for (const storage::Account& account : *accounts) {
    auto due = (*vault)->retry_quarantine(account.id);
    if (!due) return fail(std::move(due.error().at(account.name)));
    all += *due;
    if (command.json) {
      out << json_text({{"account", account.name}, {"due", *due}}) << '\n';
    } else if (*due != 0) {
      out << fmt::format("{}: {} tried again in the next pass: postern sync {}\n", account.name,
                         *due == 1 ? "1 message is" : fmt::format("{} messages are", *due), account.name);
    }
  }
  if (all == 0 && !command.json) out << "nothing is held back\n";
  return (*vault)->close();
}

ExitStatus retry(const QuarantineCommand& command, const config::Config& config, Console& console) {
  const auto retried = retry_all(command, config, console.out);
  return retried ? ExitStatus::done : report(retried.error(), console);
}

}  // namespace

ExitStatus run_command(const QuarantineCommand& command, const config::Config& config, Console& console) {
  if (command.retry) return retry(command, config, console);
  const auto held = list_all(command, config, console.out);
  if (!held) return report(held.error(), console);
  if (*held == 0 && !command.json) console.out << "nothing is held back\n";
  return *held == 0 ? ExitStatus::done : ExitStatus::attention;
}

}  // namespace postern::daemon
