// Mailboxes, entries and quarantine: what a vault knows of a source.

#include <algorithm>
#include <future>

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

Result<MailboxRecord> mailbox_of_row(ByteView key, ByteView value) {
  const auto id = parse_mailbox_key(key);
  if (!id) return fail(ErrorKind::store, "the vault holds a mailbox under a damaged key");
  auto record = decode_mailbox(value);
  if (record) record->id = *id;
  return record;
}

/// All that put_mailbox() may change.
bool same_listing(const MailboxRecord& a, const MailboxRecord& b) {
  return a.name == b.name && a.name.display() == b.name.display() && a.name.delimiter() == b.name.delimiter() &&
         a.mailbox_id == b.mailbox_id && a.attributes == b.attributes && a.subscribed == b.subscribed &&
         a.selectable == b.selectable && a.present == b.present;
}

/// The history row that tells the difference, if one does.
std::optional<HistoryRecord::Kind> change_between(const std::optional<MailboxRecord>& before,
                                                  const MailboxRecord& now) {
  using Kind = HistoryRecord::Kind;
  if (!before || (now.present && !before->present)) return Kind::mailbox_created;
  if (!now.present && before->present) return Kind::mailbox_deleted;
  if (now.name.display() != before->name.display()) return Kind::mailbox_renamed;
  return std::nullopt;
}

template <class T, class Begin>
Result<T> wait_for(Begin begin) {
  std::promise<Result<T>> promise;
  auto result = promise.get_future();
  begin([&promise](Result<T> value) { promise.set_value(std::move(value)); });
  return result.get();
}

}  // namespace

Result<std::optional<MailboxRecord>> Vault::Impl::mailbox(AccountId account, MailboxId mailbox) const {
  const Bytes key = mailbox_key(account, mailbox);
  auto row = database->get(Family::mailbox, key);
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  return mailbox_of_row(key, **row);
}

Result<std::vector<MailboxRecord>> Vault::mailboxes(AccountId account) const {
  std::vector<MailboxRecord> records;
  auto scanned = impl_->database->scan_prefix(Family::mailbox, account_prefix(account),
                                              [&](ByteView key, ByteView value) -> Result<bool> {
                                                auto record = mailbox_of_row(key, value);
                                                if (!record) return fail(std::move(record).error());
                                                records.push_back(*std::move(record));
                                                return true;
                                              });
  if (!scanned) return fail(std::move(scanned).error());
  return records;
}

std::vector<MailboxId> WriterState::MailboxNames::find(const std::string& wire) const {
  std::vector<MailboxId> found;
  for (auto it = ids.lower_bound({wire, MailboxId()}); it != ids.end() && it->first == wire; ++it) {
    found.push_back(it->second);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

Result<std::optional<MailboxId>> Vault::Impl::mailbox_named(AccountId account, const WriterState::MailboxNames& names,
                                                            const MailboxName& name) {
  const std::vector<MailboxId> had = names.find(name.wire());
  if (had.empty()) return std::nullopt;
  if (had.size() == 1) return had.front();
  for (const MailboxId id : had) {
    auto record = mailbox_state(account, id);
    if (!record) return fail(std::move(record).error());
    if (record->present) return id;
  }
  return had.front();
}

Result<WriterState::MailboxNames*> Vault::Impl::mailbox_names(AccountId account) {
  if (const auto known = state.mailbox_names.find(account); known != state.mailbox_names.end()) return &known->second;
  WriterState::MailboxNames names;
  auto scanned = database->scan_prefix(Family::mailbox, account_prefix(account),
                                       [&](ByteView key, ByteView value) -> Result<bool> {
                                         auto record = mailbox_of_row(key, value);
                                         if (!record) return fail(std::move(record).error());
                                         names.ids.emplace(record->name.wire(), record->id);
                                         names.highest = record->id;
                                         return true;
                                       });
  if (!scanned) return fail(std::move(scanned).error());
  return &(state.mailbox_names[account] = std::move(names));
}

/// All that can fail comes before anything is changed: it may stand in a group with others.
Result<Vault::Impl::Prepared> Vault::Impl::prepare_mailbox(rocksdb::WriteBatch& batch, AccountId account,
                                                           MailboxRecord& record) {
  auto names = mailbox_names(account);
  if (!names) return fail(std::move(names).error());
  std::optional<MailboxId> id = record.id;
  if (record.id.value() == 0) {
    auto named = mailbox_named(account, **names, record.name);
    if (!named) return fail(std::move(named).error());
    id = *named;
  }
  std::optional<MailboxRecord> before;
  if (id) {
    auto known = mailbox_state(account, *id);
    if (!known) return fail(std::move(known).error());
    before = *std::move(known);
  }
  record.id = id ? *id : MailboxId((*names)->highest.value() + 1);
  if (before && record.mailbox_id.empty()) record.mailbox_id = before->mailbox_id;
  record.uidvalidity = before ? before->uidvalidity : UidValidity();
  record.cursor = before ? before->cursor : std::nullopt;
  if (before && same_listing(*before, record)) return Impl::Prepared::nothing;

  auto now = account_state(account);
  if (!now) return fail(std::move(now).error());
  if (const auto kind = change_between(before, record)) {
    HistoryRow row;
    row.record.kind = *kind;
    row.record.place.mailbox = record.id;
    if (*kind != HistoryRecord::Kind::mailbox_deleted) row.record.name = record.name.display();
    put_history(batch, account, *now, std::move(row));
  }
  put_mailbox_row(batch, account, record);
  put_account_state(batch, account, *now);
  if (before) (*names)->ids.erase({before->name.wire(), record.id});
  (*names)->ids.emplace(record.name.wire(), record.id);
  (*names)->highest = std::max((*names)->highest, record.id);
  return Impl::Prepared::added;
}

void Vault::put_mailbox(AccountId account, MailboxRecord record, std::function<void(Result<MailboxRecord>)> done) {
  if (auto writable = impl_->check_writable(); !writable) return done(fail(std::move(writable).error()));
  const auto put = std::make_shared<MailboxRecord>(std::move(record));
  Committer::Job job;
  job.prepare = [impl = impl_.get(), account, put](rocksdb::WriteBatch& batch) {
    return impl->prepare_mailbox(batch, account, *put);
  };
  job.done = [put, done = std::move(done)](const std::optional<Error>& error) {
    done(error ? Result<MailboxRecord>(fail(*error)) : Result<MailboxRecord>(std::move(*put)));
  };
  impl_->committer->submit(std::move(job));
}

Result<MailboxRecord> Vault::put_mailbox(AccountId account, MailboxRecord record) {
  return wait_for<MailboxRecord>([&](auto done) { put_mailbox(account, std::move(record), std::move(done)); });
}

Result<Vault::Impl::Prepared> Vault::Impl::prepare_generation(rocksdb::WriteBatch& batch, AccountId account,
                                                              MailboxId mailbox, UidValidity uidvalidity) {
  auto record = mailbox_state(account, mailbox);
  if (!record) return fail(std::move(record).error());
  if (record->uidvalidity == uidvalidity) return Impl::Prepared::nothing;
  auto now = account_state(account);
  if (!now) return fail(std::move(now).error());
  record->uidvalidity = uidvalidity;
  record->cursor.reset();
  HistoryRow row;
  row.record.kind = HistoryRecord::Kind::new_generation;
  row.record.place = {mailbox, uidvalidity, Uid()};
  put_history(batch, account, *now, std::move(row));
  put_mailbox_row(batch, account, *record);
  put_account_state(batch, account, *now);
  return Impl::Prepared::added;
}

void Vault::new_generation(AccountId account, MailboxId mailbox, UidValidity uidvalidity,
                           std::function<void(Result<void>)> done) {
  if (auto writable = impl_->check_writable(); !writable) return done(writable);
  Committer::Job job;
  job.prepare = [impl = impl_.get(), account, mailbox, uidvalidity](rocksdb::WriteBatch& batch) {
    return impl->prepare_generation(batch, account, mailbox, uidvalidity);
  };
  job.done = [done = std::move(done)](const std::optional<Error>& error) {
    done(error ? Result<void>(fail(*error)) : Result<void>());
  };
  impl_->committer->submit(std::move(job));
}

Result<void> Vault::new_generation(AccountId account, MailboxId mailbox, UidValidity uidvalidity) {
  return wait_for<void>([&](auto done) { new_generation(account, mailbox, uidvalidity, std::move(done)); });
}

Result<std::optional<Entry>> Vault::Impl::entry(AccountId account, const Place& place) const {
  auto row = database->get(Family::entry, entry_key(account, place));
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  auto entry = decode_entry(**row);
  if (!entry) return fail(std::move(entry).error());
  entry->place = place;
  return *std::move(entry);
}

Result<void> Vault::for_each_entry(AccountId account, MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                   const EntryVisitor& visit) const {
  const Bytes from = entry_key(account, {mailbox, uidvalidity, Uid(range.first)});
  // The last possible UID has no successor within the generation: then the generation's own end.
  const Bytes end = range.last == UINT32_MAX ? after_prefix(entry_prefix(account, mailbox, uidvalidity))
                                             : entry_key(account, {mailbox, uidvalidity, Uid(range.last + 1)});
  return impl_->database->scan(Family::entry, from, end, [&](ByteView key, ByteView value) -> Result<bool> {
    const auto parsed = parse_entry_key(key);
    if (!parsed) return fail(ErrorKind::store, "the vault holds an entry under a damaged key");
    auto entry = decode_entry(value);
    if (!entry) return fail(std::move(entry).error());
    entry->place = parsed->place;
    return visit(*entry);
  });
}

Result<std::vector<Entry>> Vault::entries(AccountId account, MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                          std::size_t limit) const {
  std::vector<Entry> found;
  if (limit == 0) return found;
  auto scanned = for_each_entry(account, mailbox, uidvalidity, range, [&](const Entry& entry) {
    found.push_back(entry);
    return found.size() < limit;
  });
  if (!scanned) return fail(std::move(scanned).error());
  return found;
}

Result<std::vector<UidValidity>> Vault::generations(AccountId account, MailboxId mailbox) const {
  std::vector<UidValidity> found;
  const Bytes end = after_prefix(mailbox_key(account, mailbox));  // an entry's key begins with its mailbox's
  std::uint64_t next = 0;
  while (next <= UINT32_MAX) {
    const Bytes from = entry_prefix(account, mailbox, UidValidity(static_cast<std::uint32_t>(next)));
    const std::size_t before = found.size();
    auto scanned = impl_->database->scan(Family::entry, from, end, [&](ByteView key, ByteView) -> Result<bool> {
      const auto parsed = parse_entry_key(key);
      if (!parsed) return fail(ErrorKind::store, "the vault holds an entry under a damaged key");
      found.push_back(parsed->place.uidvalidity);
      return false;
    });
    if (!scanned) return fail(std::move(scanned).error());
    if (found.size() == before) break;
    next = std::uint64_t{found.back().value()} + 1;
  }
  return found;
}

Result<UidSet> Vault::known_uids(AccountId account, MailboxId mailbox, UidValidity uidvalidity) const {
  UidSet uids;
  auto scanned = for_each_entry(account, mailbox, uidvalidity, {1, UINT32_MAX}, [&](const Entry& entry) {
    if (!entry.vanished) uids.add(entry.place.uid);
    return true;
  });
  if (!scanned) return fail(std::move(scanned).error());
  return uids;
}

Result<void> Vault::put_quarantine(AccountId account, QuarantineRecord record) {
  return impl_->write(
      [&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
        batch.Put(impl_->handle(Family::quarantine), slice(quarantine_key(account, record)),
                  slice(encode_quarantine(record)));
        return Impl::Prepared::added;
      },
      false);
}

Result<void> Vault::clear_quarantine(AccountId account, QuarantineRecord record) {
  return impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    const Bytes key = quarantine_key(account, record);
    auto held = impl_->database->get(Family::quarantine, key);
    if (!held) return fail(std::move(held).error());
    if (!*held) return Impl::Prepared::nothing;
    batch.Delete(impl_->handle(Family::quarantine), slice(key));
    return Impl::Prepared::added;
  });
}

Result<std::size_t> Vault::retry_quarantine(AccountId account) {
  std::size_t held = 0;
  auto written = impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    auto records = quarantine(account);
    if (!records) return fail(std::move(records).error());
    held = records->size();
    const WallTime now = impl_->now();
    for (QuarantineRecord& record : *records) {
      if (record.next_try <= now) continue;
      record.next_try = now;
      batch.Put(impl_->handle(Family::quarantine), slice(quarantine_key(account, record)),
                slice(encode_quarantine(record)));
    }
    return batch.Count() == 0 ? Impl::Prepared::nothing : Impl::Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return held;
}

Result<std::vector<QuarantineRecord>> Vault::quarantine(AccountId account) const {
  std::vector<QuarantineRecord> records;
  auto scanned = impl_->database->scan_prefix(
      Family::quarantine, account_prefix(account), [&](ByteView key, ByteView value) -> Result<bool> {
        auto record = decode_quarantine(value);
        if (!record) return fail(std::move(record).error());
        if (!parse_quarantine_key(key, *record)) {
          return fail(ErrorKind::store, "the vault holds a quarantine record under a damaged key");
        }
        records.push_back(*std::move(record));
        return true;
      });
  if (!scanned) return fail(std::move(scanned).error());
  return records;
}

}  // namespace postern::storage
