#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/entry_line.h"

namespace postern::daemon {

namespace {

Result<void> list(const LsCommand& command, const OpenAccount& account, std::ostream& out) {
  const auto view = AccountView::open(*account.vault, account.id, command.at, SystemClock().wall());
  if (!view) return fail(view.error());
  std::vector<MailboxRecord> mailboxes = view->mailboxes();
  if (!command.mailbox.empty()) {
    auto one = view->mailbox(command.mailbox);
    if (!one) return fail(std::move(one.error()));
    mailboxes = {std::move(*one)};
  }
  for (const MailboxRecord& mailbox : mailboxes) {
    const auto print = [&](const Entry& entry) {
      out << (command.json ? entry_json(command.account, mailbox.name, entry) : entry_text(mailbox.name, entry))
          << '\n';
      return static_cast<bool>(out);
    };
    auto listed = view->for_each_entry(mailbox, print);
    if (!listed) return fail(std::move(listed.error().at(mailbox.name.display())));
  }
  return {};
}

}  // namespace

ExitStatus run_command(const LsCommand& command, const config::Config& config, Console& console) {
  const auto account = open_account(config, command.account);
  if (!account) return report(account.error(), console);
  auto listed = list(command, *account, console.out);
  return listed ? ExitStatus::done : report(listed.error().at(command.account), console);
}

}  // namespace postern::daemon
