#include "tests/unit/daemon/filled_vault.h"

#include <stdexcept>
#include <utility>

namespace postern::daemon {

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

FilledVault::FilledVault(const std::filesystem::path& path) {
  storage::VaultOptions options;
  options.path = path;
  options.holder = "a test";
  vault_ = must(storage::Vault::open(std::move(options)));
}

AccountId FilledVault::account(const std::string& name) { return must(vault_->account_id(name)); }

MailboxId FilledVault::mailbox(const std::string& name, const std::string& wire, char delimiter) {
  MailboxRecord record;
  record.name = MailboxName::from_wire(wire, delimiter);
  const MailboxId id = must(vault_->put_mailbox(account(name), record)).id;
  must(vault_->new_generation(account(name), id, UidValidity(kUidValidity)));
  return id;
}

void FilledVault::add(const std::string& name, MailboxId mailbox, std::uint32_t uid, const std::string& octets,
                      FlagSet flags, std::int64_t unix_seconds) {
  storage::Changes changes;
  changes.mailbox = mailbox;
  changes.uidvalidity = UidValidity(kUidValidity);
  changes.appended.push_back(
      {Uid(uid), std::move(flags), InternalDate{unix_seconds, 60}, ModSeq(), must(vault_->seal(octets))});
  must(vault_->commit(account(name), std::move(changes)));
}

void FilledVault::vanish(const std::string& name, MailboxId mailbox, std::uint32_t uid) {
  storage::Changes changes;
  changes.mailbox = mailbox;
  changes.uidvalidity = UidValidity(kUidValidity);
  changes.vanished.add(Uid(uid));
  must(vault_->commit(account(name), std::move(changes)));
}

SnapshotRecord FilledVault::snapshot(const std::string& name) { return must(vault_->snapshot(account(name))).value(); }

void FilledVault::close() { must(vault_->close()); }

}  // namespace postern::daemon
