// Deletions at servers: those held, those carried out, and what the guard remembers of the source.

#include <algorithm>

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

Result<std::vector<GuardHold>> read_holds(const Database& database, const Bytes& prefix) {
  std::vector<GuardHold> holds;
  auto scanned = database.scan_prefix(Family::guard, prefix, [&](ByteView key, ByteView value) -> Result<bool> {
    auto hold = decode_guard_hold(value);
    if (!hold) return fail(std::move(hold).error());
    if (!parse_guard_key(key, *hold))
      return fail(ErrorKind::store, "the vault holds a guard record under a damaged key");
    holds.push_back(*std::move(hold));
    return true;
  });
  if (!scanned) return fail(std::move(scanned).error());
  return holds;
}

bool same_deletions(const GuardHold& a, const GuardHold& b) {
  return a.target == b.target && a.mailbox == b.mailbox && a.uidvalidity == b.uidvalidity && a.uids == b.uids;
}

}  // namespace

Result<std::vector<GuardHold>> Vault::guard_holds(AccountId account) const {
  return read_holds(*impl_->database, account_prefix(account));
}

Result<std::vector<GuardHold>> Vault::guard_holds(AccountId account, TargetId target) const {
  return read_holds(*impl_->database, guard_prefix(account, target));
}

Result<std::vector<GuardHold>> Vault::acknowledge_holds(AccountId account, std::vector<GuardHold> seen) {
  std::vector<GuardHold> let_through;
  auto written = impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    let_through.clear();
    auto holds = guard_holds(account);
    if (!holds) return fail(std::move(holds).error());
    for (GuardHold& hold : *holds) {
      if (hold.acknowledged) continue;
      if (std::none_of(seen.begin(), seen.end(), [&](const GuardHold& one) { return same_deletions(one, hold); }))
        continue;
      hold.acknowledged = true;
      batch.Put(impl_->handle(Family::guard), slice(guard_key(account, hold.target, hold.mailbox)),
                slice(encode_guard_hold(hold)));
      let_through.push_back(std::move(hold));
    }
    return let_through.empty() ? Impl::Prepared::nothing : Impl::Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return let_through;
}

Result<std::uint64_t> Vault::Impl::audit_end(AccountId account) {
  const auto known = state.audit_ends.find(account);
  if (known != state.audit_ends.end()) return known->second;
  auto last = database->last_key(Family::audit, account_prefix(account));
  if (!last) return fail(std::move(last).error());
  std::uint64_t end = 0;
  if (*last) {
    const auto key = parse_audit_key(**last);
    if (!key) return fail(ErrorKind::store, "the vault holds an audit row under a damaged key");
    end = key->seq;
  }
  return end;
}

Result<void> Vault::Impl::put_audit_rows(rocksdb::WriteBatch& batch, AccountId account,
                                         const std::vector<AuditRecord>& rows) {
  if (rows.empty()) return {};
  auto end = audit_end(account);
  if (!end) return fail(std::move(end).error());
  for (const AuditRecord& row : rows) {
    batch.Put(handle(Family::audit), slice(audit_key(account, ++*end)), slice(encode_audit(row)));
  }
  state.audit_ends[account] = *end;
  return {};
}

Result<void> Vault::put_audit(AccountId account, std::vector<AuditRecord> rows) {
  return impl_->write(
      [&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
        if (rows.empty()) return Impl::Prepared::nothing;
        if (auto put = impl_->put_audit_rows(batch, account, rows); !put) return fail(std::move(put).error());
        return Impl::Prepared::added;
      },
      false);
}

Result<void> Vault::for_each_audit(AccountId account, const AuditVisitor& visit) const {
  return impl_->database->scan_prefix(
      Family::audit, account_prefix(account), [&](ByteView key, ByteView value) -> Result<bool> {
        const auto parsed = parse_audit_key(key);
        if (!parsed) return fail(ErrorKind::store, "the vault holds an audit row under a damaged key");
        auto row = decode_audit(value);
        if (!row) return fail(std::move(row).error());
        return visit(parsed->seq, *row);
      });
}

Result<std::string> Vault::origin(AccountId account) const {
  auto row = impl_->database->get(Family::stats, stats_key(account, StatsKind::origin));
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::string();
  return decode_origin(**row);
}

Result<void> Vault::set_origin(AccountId account, std::string origin) {
  return impl_->write(
      [&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
        batch.Put(impl_->handle(Family::stats), slice(stats_key(account, StatsKind::origin)),
                  slice(encode_origin(origin)));
        return Impl::Prepared::added;
      },
      false);
}

}  // namespace postern::storage
