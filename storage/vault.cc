#include "storage/vault.h"

#include "storage/keys.h"
#include "storage/status.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

/// Cached rows beyond this are dropped and read again when they are wanted.
constexpr std::size_t kMaxCached = 4'096;
/// More messages than can be between seal() and commit() under any sensible back-pressure; a miss costs a row written
/// twice.
constexpr std::size_t kMaxRecentObjects = 16'384;
constexpr std::size_t kMaxAccountName = 255;

}  // namespace

void WriterState::forget() {
  accounts.clear();
  mailboxes.clear();
  mailbox_names.clear();
  audit_ends.clear();
  generations.clear();
  recent_objects.clear();
}

void WriterState::group_done() {
  for (auto& [key, generation] : generations) generation.touched = false;
  if (accounts.size() > kMaxCached) accounts.clear();
  if (audit_ends.size() > kMaxCached) audit_ends.clear();
  if (mailboxes.size() > kMaxCached) mailboxes.clear();
  if (generations.size() > kMaxCached) generations.clear();
  if (recent_objects.size() > kMaxRecentObjects) recent_objects.clear();
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Vault::~Vault() { [[maybe_unused]] const auto closed = close(); }

Result<std::unique_ptr<Vault>> Vault::open(VaultOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  const bool writer = impl->options.mode == VaultOptions::Mode::read_write;
  auto database = writer ? Database::open_writer(impl->options, impl->health) : Database::open_reader(impl->options);
  if (!database) return fail(std::move(database).error());
  impl->database = *std::move(database);
  if (writer) {
    Impl* self = impl.get();
    impl->committer = std::make_unique<Committer>(
        *impl->database, *impl->health,
        Committer::Times{impl->options.resume_interval, impl->options.resume_limit, impl->options.settle_after},
        [self] { self->state.forget(); }, [self] { self->state.group_done(); });
  }
  if (auto loaded = impl->load_compression(); !loaded) return fail(std::move(loaded).error());
  if (auto loaded = impl->load_packs(); !loaded) return fail(std::move(loaded).error());
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

Result<void> Vault::close() {
  if (!impl_->database) return {};
  Result<void> result;
  impl_->trainer.reset();
  if (impl_->committer) {
    impl_->committer->stop();
    impl_->committer.reset();
    if (impl_->health->get().state == Health::State::ok) {
      const rocksdb::Status synced = impl_->database->db().SyncWAL();
      if (!synced.ok()) result = fail(from_status(synced, "closing"));
    }
  }
  auto closed = impl_->database->close();
  impl_->database.reset();
  return result ? closed : result;
}

Health Vault::health() const { return impl_->health->get(); }
const std::filesystem::path& Vault::path() const { return impl_->options.path; }
std::string Vault::id() const { return impl_->database->id(); }
std::uint32_t Vault::format_version() const { return impl_->database->format(); }

Result<void> Vault::refresh() {
  if (impl_->committer) return {};
  auto fresh = Database::open_reader(impl_->options);
  if (!fresh) return fail(std::move(fresh).error());
  impl_->database = *std::move(fresh);
  return impl_->load_compression();
}

Result<void> Vault::Impl::check_writable() const {
  if (!committer) return fail(ErrorKind::usage, "the vault is open for reading only");
  return {};
}

Result<void> Vault::Impl::write(std::function<Result<Prepared>(rocksdb::WriteBatch&)> prepare, bool first_only) {
  if (auto writable = check_writable(); !writable) return writable;
  Committer::Job job;
  job.prepare = std::move(prepare);
  job.first_only = first_only;
  return committer->run(std::move(job));
}

Result<std::optional<AccountId>> Vault::find_account(std::string_view name) const {
  auto row = impl_->database->get(Family::meta, account_meta_key(name));
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  return decode_account(**row);
}

Result<std::vector<Account>> Vault::accounts() const {
  std::vector<Account> accounts;
  auto scanned =
      impl_->database->scan_prefix(Family::meta, kAccountMetaPrefix, [&](ByteView key, ByteView value) -> Result<bool> {
        auto id = decode_account(value);
        if (!id) return fail(std::move(id).error());
        accounts.push_back({*id, std::string(key.substr(kAccountMetaPrefix.size()))});
        return true;
      });
  if (!scanned) return fail(std::move(scanned).error());
  return accounts;
}

Result<AccountId> Vault::account_id(std::string_view name) {
  if (name.empty() || name.size() > kMaxAccountName)
    return fail(ErrorKind::usage, "an account's name has 1 to 255 octets");
  auto found = find_account(name);
  if (!found) return fail(std::move(found).error());
  if (*found) return **found;
  AccountId id;
  auto written = impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    auto all = accounts();
    if (!all) return fail(std::move(all).error());
    std::uint32_t highest = 0;
    for (const Account& account : *all) {
      highest = std::max(highest, account.id.value());
      if (account.name != name) continue;
      id = account.id;  // another thread was quicker
      return Impl::Prepared::nothing;
    }
    id = AccountId(highest + 1);
    batch.Put(impl_->handle(Family::meta), slice(account_meta_key(name)), slice(encode_account(id)));
    return Impl::Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return id;
}

Result<void> Vault::for_each_row(Family family, ByteView prefix, const RowVisitor& visit) const {
  const View view(*impl_->database);
  return impl_->database->scan_prefix(
      family, prefix, [&](ByteView key, ByteView value) -> Result<bool> { return visit(key, value); }, view.get());
}

Result<AccountTotals> Vault::totals(AccountId account) const {
  auto row = impl_->database->get(Family::stats, stats_key(account, StatsKind::totals));
  if (!row) return fail(std::move(row).error());
  if (!*row) return AccountTotals{};
  return decode_totals(**row);
}

Result<void> Vault::put_pass_summary(AccountId account, PassSummary summary) {
  return impl_->write(
      [&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
        batch.Put(impl_->handle(Family::stats), slice(stats_key(account, StatsKind::pass)),
                  slice(encode_pass_summary(summary)));
        return Impl::Prepared::added;
      },
      false);
}

Result<std::optional<PassSummary>> Vault::pass_summary(AccountId account) const {
  auto row = impl_->database->get(Family::stats, stats_key(account, StatsKind::pass));
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  return decode_pass_summary(**row);
}

}  // namespace postern::storage
