// Targets: cursors, mailboxes, bindings, intents, doubts.

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {
namespace {

Result<Binding> binding_of_row(ByteView key, ByteView value) {
  const auto parsed = parse_binding_key(key);
  if (!parsed || parsed->kind != BindingKind::binding) {
    return fail(ErrorKind::store, "the vault holds a binding under a damaged key");
  }
  auto binding = decode_binding(value);
  if (binding) binding->place = parsed->place;
  return binding;
}

Result<std::vector<Binding>> read_bindings(const Database& database, const Bytes& from, const Bytes& end,
                                           std::size_t limit) {
  std::vector<Binding> found;
  if (limit == 0) return found;
  auto scanned = database.scan(Family::binding, from, end, [&](ByteView key, ByteView value) -> Result<bool> {
    auto binding = binding_of_row(key, value);
    if (!binding) return fail(std::move(binding).error());
    found.push_back(*std::move(binding));
    return found.size() < limit;
  });
  if (!scanned) return fail(std::move(scanned).error());
  return found;
}

/// Of `intent` or `store_intent`.
template <class T>
Result<std::vector<T>> read_intents(const Database& database, Family family, const Bytes& prefix,
                                    Result<T> (*decode)(ByteView)) {
  std::vector<T> found;
  auto scanned = database.scan_prefix(family, prefix, [&](ByteView key, ByteView value) -> Result<bool> {
    const auto id = parse_intent_key(key);
    if (!id) return fail(ErrorKind::store, "the vault holds an intent under a damaged key");
    auto intent = decode(value);
    if (!intent) return fail(std::move(intent).error());
    intent->id = *id;
    found.push_back(*std::move(intent));
    return true;
  });
  if (!scanned) return fail(std::move(scanned).error());
  return found;
}

}  // namespace

Result<std::optional<TargetRow>> Vault::Impl::target(AccountId account, TargetId target) const {
  auto row = database->get(Family::binding, target_key(account, target));
  if (!row) return fail(std::move(row).error());
  if (!*row) return std::nullopt;
  auto decoded = decode_target(**row);
  if (!decoded) return fail(std::move(decoded).error());
  return *std::move(decoded);
}

Result<void> Vault::Impl::unbind(rocksdb::WriteBatch& batch, AccountId account, const Place& place) {
  for (std::uint32_t id = 1;; ++id) {
    auto row = target(account, TargetId(id));
    if (!row) return fail(std::move(row).error());
    if (!*row) return {};
    batch.Delete(handle(Family::binding), slice(binding_key(account, TargetId(id), place)));
    batch.Delete(handle(Family::binding), slice(doubt_key(account, TargetId(id), place)));
  }
}

Result<std::vector<Target>> Vault::targets(AccountId account) const {
  std::vector<Target> found;
  // Numbered from 1 without gaps.
  for (std::uint32_t id = 1;; ++id) {
    auto row = impl_->target(account, TargetId(id));
    if (!row) return fail(std::move(row).error());
    if (!*row) return found;
    found.push_back({TargetId(id), (*row)->name, (*row)->cursor});
  }
}

Result<TargetId> Vault::target_id(AccountId account, std::string_view name) {
  TargetId id;
  const auto find = [&](const std::vector<Target>& all) {
    for (const Target& target : all) {
      if (target.name == name) id = target.id;
    }
    return id.value() != 0;
  };
  auto known = targets(account);
  if (!known) return fail(std::move(known).error());
  if (find(*known)) return id;
  auto written = impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    auto all = targets(account);
    if (!all) return fail(std::move(all).error());
    if (find(*all)) return Impl::Prepared::nothing;
    id = TargetId(static_cast<std::uint32_t>(all->size()) + 1);
    batch.Put(impl_->handle(Family::binding), slice(target_key(account, id)),
              slice(encode_target({std::string(name), HistorySeq()})));
    return Impl::Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return id;
}

Result<HistorySeq> Vault::target_cursor(AccountId account, TargetId target) const {
  auto row = impl_->target(account, target);
  if (!row) return fail(std::move(row).error());
  if (!*row) return fail(ErrorKind::internal, "no target of that id in the vault");
  return (*row)->cursor;
}

Result<void> Vault::set_target_cursor(AccountId account, TargetId target, HistorySeq seq) {
  return impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    auto row = impl_->target(account, target);
    if (!row) return fail(std::move(row).error());
    if (!*row) return fail(ErrorKind::internal, "no target of that id in the vault");
    if ((*row)->cursor == seq) return Impl::Prepared::nothing;
    (*row)->cursor = seq;
    batch.Put(impl_->handle(Family::binding), slice(target_key(account, target)), slice(encode_target(**row)));
    return Impl::Prepared::added;
  });
}

Result<std::vector<TargetMailboxRecord>> Vault::target_mailboxes(AccountId account, TargetId target) const {
  std::vector<TargetMailboxRecord> records;
  auto scanned = impl_->database->scan_prefix(Family::binding, target_prefix(account, target, BindingKind::mailbox),
                                              [&](ByteView key, ByteView value) -> Result<bool> {
                                                const auto parsed = parse_binding_key(key);
                                                if (!parsed)
                                                  return fail(ErrorKind::store,
                                                              "the vault holds a target mailbox under a damaged key");
                                                auto record = decode_target_mailbox(value);
                                                if (!record) return fail(std::move(record).error());
                                                record->source = parsed->place.mailbox;
                                                records.push_back(*std::move(record));
                                                return true;
                                              });
  if (!scanned) return fail(std::move(scanned).error());
  return records;
}

Result<void> Vault::put_target_mailbox(AccountId account, TargetId target, TargetMailboxRecord record) {
  return impl_->write([&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
    const Bytes key = target_mailbox_key(account, target, record.source);
    const Bytes value = encode_target_mailbox(record);
    auto held = impl_->database->get(Family::binding, key);
    if (!held) return fail(std::move(held).error());
    if (*held == value) return Impl::Prepared::nothing;
    batch.Put(impl_->handle(Family::binding), slice(key), slice(value));
    return Impl::Prepared::added;
  });
}

Result<std::vector<Binding>> Vault::bindings(AccountId account, TargetId target, MailboxId mailbox,
                                             UidValidity uidvalidity, UidRange range, std::size_t limit) const {
  const Bytes from = binding_key(account, target, {mailbox, uidvalidity, Uid(range.first)});
  const Bytes end = range.last == UINT32_MAX
                        ? after_prefix(binding_prefix(account, target, mailbox, uidvalidity))
                        : binding_key(account, target, {mailbox, uidvalidity, Uid(range.last + 1)});
  return read_bindings(*impl_->database, from, end, limit);
}

Result<std::vector<Binding>> Vault::all_bindings(AccountId account, TargetId target, MailboxId mailbox,
                                                 std::optional<Place> after, std::size_t limit) const {
  Bytes prefix = target_prefix(account, target, BindingKind::binding);
  put_be32(prefix, mailbox.value());
  Bytes from = prefix;
  if (after && after->mailbox == mailbox) from = binding_key(account, target, *after) + '\0';
  return read_bindings(*impl_->database, from, after_prefix(prefix), limit);
}

Result<IntentId> Vault::Impl::put_intent_row(Family family, AccountId account, TargetId target, const Bytes& value) {
  IntentId id;
  auto written = write([&](rocksdb::WriteBatch& batch) -> Result<Prepared> {
    auto last = database->last_key(family, intent_prefix(account, target));
    if (!last) return fail(std::move(last).error());
    id = IntentId(1);
    if (*last) {
      const auto key = parse_intent_key(**last);
      if (!key) return fail(ErrorKind::store, "the vault holds an intent under a damaged key");
      id = IntentId(key->value() + 1);
    }
    batch.Put(handle(family), slice(intent_key(account, target, id)), slice(value));
    return Prepared::added;
  });
  if (!written) return fail(std::move(written).error());
  return id;
}

Result<IntentId> Vault::put_intent(AccountId account, TargetId target, Intent intent) {
  return impl_->put_intent_row(Family::intent, account, target, encode_intent(intent));
}

Result<std::vector<Intent>> Vault::intents(AccountId account, TargetId target) const {
  return read_intents<Intent>(*impl_->database, Family::intent, intent_prefix(account, target), decode_intent);
}

Result<IntentId> Vault::put_store_intent(AccountId account, TargetId target, StoreIntent intent) {
  return impl_->put_intent_row(Family::store_intent, account, target, encode_store_intent(intent));
}

Result<std::vector<StoreIntent>> Vault::store_intents(AccountId account, TargetId target) const {
  return read_intents<StoreIntent>(*impl_->database, Family::store_intent, intent_prefix(account, target),
                                   decode_store_intent);
}

Result<std::vector<Doubt>> Vault::doubts(AccountId account, TargetId target, std::optional<MailboxId> mailbox) const {
  Bytes prefix = target_prefix(account, target, BindingKind::doubt);
  if (mailbox) put_be32(prefix, mailbox->value());
  std::vector<Doubt> found;
  auto scanned =
      impl_->database->scan_prefix(Family::binding, prefix, [&](ByteView key, ByteView value) -> Result<bool> {
        const auto parsed = parse_binding_key(key);
        if (!parsed) return fail(ErrorKind::store, "the vault holds a doubt under a damaged key");
        auto doubt = decode_doubt(value);
        if (!doubt) return fail(std::move(doubt).error());
        doubt->place = parsed->place;
        found.push_back(*std::move(doubt));
        return true;
      });
  if (!scanned) return fail(std::move(scanned).error());
  return found;
}

Result<void> Vault::commit_target(AccountId account, TargetId target, TargetChanges changes) {
  return impl_->write(
      [&](rocksdb::WriteBatch& batch) -> Result<Impl::Prepared> {
        if (auto put = impl_->put_audit_rows(batch, account, changes.audit); !put) return fail(std::move(put).error());
        for (const Place& place : changes.unbind) {
          batch.Delete(impl_->handle(Family::binding), slice(binding_key(account, target, place)));
        }
        for (const Binding& binding : changes.bind) {
          batch.Put(impl_->handle(Family::binding), slice(binding_key(account, target, binding.place)),
                    slice(encode_binding(binding)));
        }
        for (const MailboxId mailbox : changes.release) {
          batch.Delete(impl_->handle(Family::guard), slice(guard_key(account, target, mailbox)));
        }
        for (const GuardHold& hold : changes.hold) {
          batch.Put(impl_->handle(Family::guard), slice(guard_key(account, target, hold.mailbox)),
                    slice(encode_guard_hold(hold)));
        }
        if (changes.end_intent) {
          batch.Delete(impl_->handle(Family::intent), slice(intent_key(account, target, *changes.end_intent)));
        }
        for (const Place& place : changes.end_doubt) {
          batch.Delete(impl_->handle(Family::binding), slice(doubt_key(account, target, place)));
        }
        for (const Doubt& doubt : changes.doubt) {
          batch.Put(impl_->handle(Family::binding), slice(doubt_key(account, target, doubt.place)),
                    slice(encode_doubt(doubt)));
        }
        if (changes.end_store_intent) {
          batch.Delete(impl_->handle(Family::store_intent),
                       slice(intent_key(account, target, *changes.end_store_intent)));
        }
        return Impl::Prepared::added;
      },
      false);
}

}  // namespace postern::storage
