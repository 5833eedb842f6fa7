#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/mail/flag_set.h"
#include "storage/vault.h"

namespace postern::daemon {

/// Fills a vault through its own interface, as passes would.
class FilledVault {
 public:
  explicit FilledVault(const std::filesystem::path& path);

  /// A mailbox of the account by the name the server calls it.
  MailboxId mailbox(const std::string& account, const std::string& wire, char delimiter = '/');
  void add(const std::string& account, MailboxId mailbox, std::uint32_t uid, const std::string& octets,
           FlagSet flags = {}, std::int64_t unix_seconds = 1'030'016'183);
  void vanish(const std::string& account, MailboxId mailbox, std::uint32_t uid);
  SnapshotRecord snapshot(const std::string& account);
  storage::Vault& vault() { return *vault_; }
  AccountId account(const std::string& name);
  void close();

  static constexpr std::uint32_t kUidValidity = 5;

 private:
  std::unique_ptr<storage::Vault> vault_;
};

}  // namespace postern::daemon
