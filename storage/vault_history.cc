// History, snapshots, and mailboxes as they were.

#include <algorithm>
#include <map>

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

using Kind = HistoryRecord::Kind;

Result<HistoryRow> history_of_row(ByteView key, ByteView value) {
  const auto parsed = parse_history_key(key);
  if (!parsed) return fail(ErrorKind::store, "the vault holds a history row under a damaged key");
  auto row = decode_history(value);
  if (row) row->record.seq = parsed->seq;
  return row;
}

Result<SnapshotRecord> snapshot_of_row(ByteView key, ByteView value) {
  const auto parsed = parse_snapshot_key(key);
  if (!parsed) return fail(ErrorKind::store, "the vault holds a snapshot under a damaged key");
  auto record = decode_snapshot(value);
  if (record) record->at = parsed->at;
  return record;
}

/// The key behind history row `seq`.
Bytes end_of_history(AccountId account, HistorySeq seq) {
  if (seq.value() == UINT64_MAX) return after_prefix(account_prefix(account));
  return history_key(account, HistorySeq(seq.value() + 1));
}

bool about_mailbox(Kind kind) {
  return kind == Kind::mailbox_created || kind == Kind::mailbox_renamed || kind == Kind::mailbox_deleted ||
         kind == Kind::new_generation;
}

/// Puts one change upon a mailbox as it was before it.
void replay(MailboxRecord& mailbox, const HistoryRecord& change) {
  const auto name = MailboxName::from_utf8(change.name, mailbox.name.delimiter());
  switch (change.kind) {
    case Kind::mailbox_created:
    case Kind::mailbox_renamed:
      mailbox.present = true;
      // A name in no known encoding is displayed escaped; its record has the wire octets.
      if (mailbox.name.display() != change.name && name) mailbox.name = *name;
      break;
    case Kind::mailbox_deleted:
      mailbox.present = false;
      break;
    case Kind::new_generation:
      mailbox.uidvalidity = change.place.uidvalidity;
      break;
    default:
      break;
  }
}

/// Puts one change upon an entry as it was before it.
void replay(std::optional<Entry>& entry, const HistoryRow& row) {
  const HistoryRecord& change = row.record;
  if (change.kind == Kind::appended) {
    entry = Entry{change.place, change.digest.value_or(Digest()), row.size, row.internaldate, change.flags, {}, false,
                  change.seq};
  } else if (entry && change.kind == Kind::flags_changed) {
    entry->flags = change.flags;
    entry->changed = change.seq;
  } else if (change.kind == Kind::vanished) {
    entry.reset();
  }
}

}  // namespace

Result<HistorySeq> Vault::history_end(AccountId account) const {
  auto last = impl_->database->last_key(Family::history, account_prefix(account));
  if (!last) return fail(std::move(last).error());
  if (!*last) return HistorySeq();
  const auto key = parse_history_key(**last);
  if (!key) return fail(ErrorKind::store, "the vault holds a history row under a damaged key");
  return key->seq;
}

Result<std::vector<HistoryRecord>> Vault::history(AccountId account, HistorySeq after, std::size_t limit) const {
  std::vector<HistoryRecord> records;
  if (limit == 0) return records;
  auto scanned =
      impl_->database->scan(Family::history, end_of_history(account, after), after_prefix(account_prefix(account)),
                            [&](ByteView key, ByteView value) -> Result<bool> {
                              auto row = history_of_row(key, value);
                              if (!row) return fail(std::move(row).error());
                              records.push_back(std::move(row->record));
                              return records.size() < limit;
                            });
  if (!scanned) return fail(std::move(scanned).error());
  return records;
}

Result<std::vector<WallTime>> Vault::generation_changes(AccountId account, MailboxId mailbox, WallTime since) const {
  std::vector<WallTime> begun;
  bool made = false;  // the mailbox, within the time looked at
  auto scanned = impl_->database->scan_back(Family::history, account_prefix(account),
                                            [&](ByteView key, ByteView value) -> Result<bool> {
                                              auto row = history_of_row(key, value);
                                              if (!row) return fail(std::move(row).error());
                                              const HistoryRecord& record = row->record;
                                              if (record.at < since) return false;
                                              if (record.place.mailbox != mailbox) return true;
                                              made = record.kind == Kind::mailbox_created;
                                              if (record.kind == Kind::new_generation) begun.push_back(record.at);
                                              return true;
                                            });
  if (!scanned) return fail(std::move(scanned).error());
  // Its earliest row there: the generation that followed is the mailbox's first.
  if (made && !begun.empty()) begun.pop_back();
  std::reverse(begun.begin(), begun.end());
  return begun;
}

/// The last snapshot of the account with a key below `end`.
Result<std::optional<SnapshotRecord>> Vault::Impl::last_snapshot(AccountId account, ByteView end) const {
  std::optional<SnapshotRecord> last;
  auto scanned =
      database->scan(Family::snapshot, account_prefix(account), end, [&](ByteView key, ByteView value) -> Result<bool> {
        auto record = snapshot_of_row(key, value);
        if (!record) return fail(std::move(record).error());
        last = *record;
        return true;
      });
  if (!scanned) return fail(std::move(scanned).error());
  return last;
}

Result<std::optional<SnapshotRecord>> Vault::snapshot(AccountId account) {
  std::optional<SnapshotRecord> taken;
  auto written = impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    auto state = impl_->account_state(account);
    if (!state) return fail(std::move(state).error());
    auto last = impl_->last_snapshot(account, after_prefix(account_prefix(account)));
    if (!last) return fail(std::move(last).error());
    const HistorySeq covered = *last ? (*last)->seq : HistorySeq();
    if (state->end == covered) return Impl::Prepared::nothing;
    SnapshotRecord record{impl_->now(), state->end, state->totals.entries, state->totals.octets};
    // A clock that was set back must not put a later moment before an earlier one.
    if (*last) record.at = std::max(record.at, (*last)->at + std::chrono::milliseconds(1));
    batch.Put(impl_->handle(Family::snapshot), slice(snapshot_key(account, record.at)), slice(encode_snapshot(record)));
    taken = record;
    return Impl::Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return taken;
}

Result<std::vector<SnapshotRecord>> Vault::snapshots(AccountId account) const {
  std::vector<SnapshotRecord> records;
  auto scanned = impl_->database->scan_prefix(Family::snapshot, account_prefix(account),
                                              [&](ByteView key, ByteView value) -> Result<bool> {
                                                auto record = snapshot_of_row(key, value);
                                                if (!record) return fail(std::move(record).error());
                                                records.push_back(*record);
                                                return true;
                                              });
  if (!scanned) return fail(std::move(scanned).error());
  return records;
}

Result<std::optional<SnapshotRecord>> Vault::snapshot_at(AccountId account, WallTime when) const {
  return impl_->last_snapshot(account, snapshot_key(account, when + std::chrono::milliseconds(1)));
}

Result<std::set<MailboxId>> Vault::Impl::mailboxes_changed_since(AccountId account, HistorySeq seq) const {
  std::set<MailboxId> changed;
  auto scanned = database->scan(Family::history, end_of_history(account, seq), after_prefix(account_prefix(account)),
                                [&](ByteView key, ByteView value) -> Result<bool> {
                                  auto row = history_of_row(key, value);
                                  if (!row) return fail(std::move(row).error());
                                  if (about_mailbox(row->record.kind)) changed.insert(row->record.place.mailbox);
                                  return true;
                                });
  if (!scanned) return fail(std::move(scanned).error());
  return changed;
}

Result<std::vector<MailboxRecord>> Vault::mailboxes_at(AccountId account, HistorySeq seq) const {
  auto now = mailboxes(account);
  if (!now) return fail(std::move(now).error());
  // Those without a row since are as they were. So it is for all at most moments, and the rows before are not read.
  auto changed = impl_->mailboxes_changed_since(account, seq);
  if (!changed) return fail(std::move(changed).error());
  std::map<MailboxId, MailboxRecord> then;
  std::vector<MailboxRecord> present;
  for (MailboxRecord& mailbox : *now) {
    if (!changed->contains(mailbox.id)) {
      mailbox.cursor.reset();
      if (mailbox.present) present.push_back(std::move(mailbox));
      continue;
    }
    mailbox.present = false;
    mailbox.uidvalidity = UidValidity();
    mailbox.cursor.reset();
    then.emplace(mailbox.id, std::move(mailbox));
  }
  if (then.empty()) return present;
  auto scanned = impl_->database->scan(Family::history, account_prefix(account), end_of_history(account, seq),
                                       [&](ByteView key, ByteView value) -> Result<bool> {
                                         auto row = history_of_row(key, value);
                                         if (!row) return fail(std::move(row).error());
                                         const auto mailbox = then.find(row->record.place.mailbox);
                                         if (mailbox != then.end()) replay(mailbox->second, row->record);
                                         return true;
                                       });
  if (!scanned) return fail(std::move(scanned).error());
  for (auto& [id, mailbox] : then) {
    if (mailbox.present) present.push_back(std::move(mailbox));
  }
  std::sort(present.begin(), present.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return present;
}

Result<void> Vault::for_each_entry_at(AccountId account, MailboxId mailbox, UidValidity uidvalidity, HistorySeq seq,
                                      const EntryVisitor& visit) const {
  // An entry whose last change is not later than the moment is as it was then. Only the others are looked up in
  // history: memory follows what has changed since, not the mailbox.
  std::map<Uid, std::optional<Entry>> changed_since;
  auto found = for_each_entry(account, mailbox, uidvalidity, {1, UINT32_MAX}, [&](const Entry& entry) {
    if (entry.changed > seq) changed_since.emplace(entry.place.uid, std::nullopt);
    return true;
  });
  if (!found) return found;
  if (!changed_since.empty()) {
    auto folded = impl_->database->scan(Family::history, account_prefix(account), end_of_history(account, seq),
                                        [&](ByteView key, ByteView value) -> Result<bool> {
                                          auto row = history_of_row(key, value);
                                          if (!row) return fail(std::move(row).error());
                                          const Place& place = row->record.place;
                                          if (place.mailbox != mailbox || place.uidvalidity != uidvalidity) return true;
                                          const auto entry = changed_since.find(place.uid);
                                          if (entry != changed_since.end()) replay(entry->second, *row);
                                          return true;
                                        });
    if (!folded) return folded;
  }
  return for_each_entry(account, mailbox, uidvalidity, {1, UINT32_MAX}, [&](const Entry& entry) {
    if (entry.changed <= seq) return entry.vanished || visit(entry);
    // Not in the map: it came or changed while this was looking.
    const auto then = changed_since.find(entry.place.uid);
    return then == changed_since.end() || !then->second || visit(*then->second);
  });
}

}  // namespace postern::storage
