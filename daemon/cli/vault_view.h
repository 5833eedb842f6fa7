#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/mail/records.h"
#include "storage/vault.h"

namespace postern::daemon {

/// The vault of the configuration, read beside whoever writes it.
Result<std::unique_ptr<storage::Vault>> open_for_reading(const config::Config& config);

/// The same for a command that writes: an error when somebody else does. `holder` is what others are told then.
Result<std::unique_ptr<storage::Vault>> open_for_writing(const config::Config& config, std::string holder);

/// An account that the configuration names, or the vault still holds. ErrorKind::usage when neither knows it.
Result<AccountId> find_account(const storage::Vault& vault, const config::Config& config, const std::string& name);

/// That account; all that the vault holds when `name` is empty.
Result<std::vector<storage::Account>> named_accounts(const storage::Vault& vault, const config::Config& config,
                                                     const std::string& name);

struct OpenAccount {
  std::unique_ptr<storage::Vault> vault;
  AccountId id;
};

/// Both at once.
Result<OpenAccount> open_account(const config::Config& config, const std::string& name);

/// "no account 'x'", with the nearest name or all of them.
Error unknown_account(const config::Config& config, const std::string& name);

/// An account's mailboxes and entries, now or at a moment. Must not outlive the vault.
class AccountView {
 public:
  /// `at` as the command line has it; empty: now.
  static Result<AccountView> open(const storage::Vault& vault, AccountId account, const std::string& at, WallTime now);

  /// INBOX first, the others by name.
  const std::vector<MailboxRecord>& mailboxes() const { return mailboxes_; }
  /// The mailbox of that display name.
  Result<MailboxRecord> mailbox(const std::string& name) const;
  /// The messages that were there, by UID; `visit` returns false to stop.
  Result<void> for_each_entry(const MailboxRecord& mailbox, const std::function<bool(const Entry&)>& visit) const;

 private:
  AccountView(const storage::Vault& vault, AccountId account) : vault_(&vault), account_(account) {}
  const storage::Vault* vault_;
  AccountId account_;
  std::optional<HistorySeq> seq_;
  std::vector<MailboxRecord> mailboxes_;
};

}  // namespace postern::daemon
