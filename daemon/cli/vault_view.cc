#include "daemon/cli/vault_view.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/escape.h"
#include "core/config/suggest.h"
#include "daemon/cli/moment.h"
#include "daemon/vault_options.h"

namespace postern::daemon {

namespace {

constexpr UidRange kAllUids{1, std::numeric_limits<std::uint32_t>::max()};

std::string quoted(const std::string& name) { return "'" + escape_for_people(name, 128) + "'"; }

void sort_for_people(std::vector<MailboxRecord>& mailboxes) {
  std::sort(mailboxes.begin(), mailboxes.end(), [](const MailboxRecord& a, const MailboxRecord& b) {
    if (a.name.is_inbox() != b.name.is_inbox()) return a.name.is_inbox();
    return a.name.display() < b.name.display();
  });
}

}  // namespace

Result<std::unique_ptr<storage::Vault>> open_for_reading(const config::Config& config) {
  storage::VaultOptions options = vault_options(config);
  options.mode = storage::VaultOptions::Mode::read_only;
  options.create = false;
  return storage::Vault::open(std::move(options));
}

Result<std::unique_ptr<storage::Vault>> open_for_writing(const config::Config& config, std::string holder) {
  storage::VaultOptions options = vault_options(config);
  options.create = false;
  options.holder = std::move(holder);
  return storage::Vault::open(std::move(options));
}

Error unknown_account(const config::Config& config, const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const config::Account& account : config.accounts) {
    names.push_back(account.name);
    if (names.size() <= 10) list += (list.empty() ? "" : ", ") + account.name;
  }
  if (names.size() > 10) list += " …";
  const std::string_view near = config::nearest(name, names);
  return Error(ErrorKind::usage, "there is no account " + quoted(name))
      .remedy(near.empty() ? "the configuration has " + list : "did you mean '" + std::string(near) + "'?");
}

Result<AccountId> find_account(const storage::Vault& vault, const config::Config& config, const std::string& name) {
  auto found = vault.find_account(name);
  if (!found) return fail(std::move(found.error()));
  if (*found) return **found;
  for (const config::Account& account : config.accounts) {
    if (account.name != name) continue;
    return fail(Error(ErrorKind::not_found, "the vault has nothing of " + quoted(name) + " yet")
                    .remedy("run 'postern sync " + name + "' first"));
  }
  return fail(unknown_account(config, name));
}

Result<std::vector<storage::Account>> named_accounts(const storage::Vault& vault, const config::Config& config,
                                                     const std::string& name) {
  if (name.empty()) return vault.accounts();
  const auto id = find_account(vault, config, name);
  if (!id) return fail(id.error());
  return std::vector<storage::Account>{{*id, name}};
}

Result<OpenAccount> open_account(const config::Config& config, const std::string& name) {
  auto vault = open_for_reading(config);
  if (!vault) return fail(std::move(vault.error()));
  const auto id = find_account(**vault, config, name);
  if (!id) return fail(id.error());
  return OpenAccount{std::move(*vault), *id};
}

Result<AccountView> AccountView::open(const storage::Vault& vault, AccountId account, const std::string& at,
                                      WallTime now) {
  AccountView view(vault, account);
  if (!at.empty()) {
    const auto moment = parse_moment(at, now);
    if (!moment) return fail(moment.error());
    auto snapshot = vault.snapshot_at(account, *moment);
    if (!snapshot) return fail(std::move(snapshot.error()));
    if (!*snapshot) {
      return fail(Error(ErrorKind::not_found, "nothing was in the vault by " + format_moment(*moment))
                      .remedy("see 'postern snapshots' for the moments there are"));
    }
    view.seq_ = (*snapshot)->seq;
  }
  auto mailboxes = view.seq_ ? vault.mailboxes_at(account, *view.seq_) : vault.mailboxes(account);
  if (!mailboxes) return fail(std::move(mailboxes.error()));
  view.mailboxes_ = std::move(*mailboxes);
  if (!view.seq_) std::erase_if(view.mailboxes_, [](const MailboxRecord& mailbox) { return !mailbox.present; });
  sort_for_people(view.mailboxes_);
  return view;
}

Result<MailboxRecord> AccountView::mailbox(const std::string& name) const {
  for (const MailboxRecord& mailbox : mailboxes_) {
    if (mailbox.name.display() == name || (mailbox.name.is_inbox() && ascii_iequals(name, "INBOX"))) return mailbox;
  }
  return fail(Error(ErrorKind::not_found, "there is no mailbox " + quoted(name))
                  .remedy("'postern ls' without a mailbox lists all"));
}

Result<void> AccountView::for_each_entry(const MailboxRecord& mailbox,
                                         const std::function<bool(const Entry&)>& visit) const {
  if (mailbox.uidvalidity == UidValidity(0)) return {};
  if (seq_) return vault_->for_each_entry_at(account_, mailbox.id, mailbox.uidvalidity, *seq_, visit);
  return vault_->for_each_entry(account_, mailbox.id, mailbox.uidvalidity, kAllUids,
                                [&](const Entry& entry) { return entry.vanished || visit(entry); });
}

}  // namespace postern::daemon
