// Changes of a source become rows: runs on the committer's thread.

#include <future>
#include <set>

#include "storage/keys.h"
#include "storage/vault_impl.h"

namespace postern::storage {

Result<WriterState::AccountState> Vault::Impl::account_state(AccountId account) {
  if (const auto known = state.accounts.find(account); known != state.accounts.end()) return known->second;
  WriterState::AccountState loaded;
  auto last = database->last_key(Family::history, account_prefix(account));
  if (!last) return fail(std::move(last).error());
  if (*last) {
    const auto key = parse_history_key(**last);
    if (!key) return fail(ErrorKind::store, "the vault holds a history row under a damaged key");
    loaded.end = key->seq;
  }
  auto totals = database->get(Family::stats, stats_key(account, StatsKind::totals));
  if (!totals) return fail(std::move(totals).error());
  if (*totals) {
    auto decoded = decode_totals(**totals);
    if (!decoded) return fail(std::move(decoded).error());
    loaded.totals = *decoded;
  }
  state.accounts[account] = loaded;
  return loaded;
}

Result<MailboxRecord> Vault::Impl::mailbox_state(AccountId account, MailboxId id) {
  if (const auto known = state.mailboxes.find({account, id}); known != state.mailboxes.end()) return known->second;
  auto record = mailbox(account, id);
  if (!record) return fail(std::move(record).error());
  if (!*record) return fail(ErrorKind::internal, "no mailbox of that id in the vault");
  state.mailboxes[{account, id}] = **record;
  return **std::move(record);
}

Result<WriterState::Generation> Vault::Impl::generation_state(AccountId account, MailboxId mailbox,
                                                              UidValidity uidvalidity) {
  const auto known = state.generations.find({account, mailbox, uidvalidity});
  if (known != state.generations.end()) return known->second;
  WriterState::Generation loaded;
  auto last = database->last_key(Family::entry, entry_prefix(account, mailbox, uidvalidity));
  if (!last) return fail(std::move(last).error());
  if (*last) {
    const auto key = parse_entry_key(**last);
    if (!key) return fail(ErrorKind::store, "the vault holds an entry under a damaged key");
    loaded.read_up_to = key->place.uid;
  }
  state.generations[{account, mailbox, uidvalidity}] = loaded;
  return loaded;
}

/// Servers answer FETCH commands in flight side by side, so the set has a range or a few for each. One that lists its
/// messages without any order may not make the set grow, nor adding to it slow: then entries are read.
void WriterState::Generation::wrote(Uid uid) {
  constexpr std::size_t kMostRanges = 256;
  if (uid <= read_up_to) return;
  written.add(uid);
  if (written.ranges().size() <= kMostRanges) return;
  read_up_to = written.max();
  written = UidSet();
}

void Vault::Impl::put_history(rocksdb::WriteBatch& batch, AccountId account, WriterState::AccountState& now,
                              HistoryRow row) {
  now.end = HistorySeq(now.end.value() + 1);
  row.record.seq = now.end;
  row.record.at = this->now();
  batch.Put(handle(Family::history), slice(history_key(account, now.end)), slice(encode_history(row)));
}

void Vault::Impl::put_account_state(rocksdb::WriteBatch& batch, AccountId account,
                                    const WriterState::AccountState& now) {
  WriterState::AccountState& known = state.accounts[account];
  if (known.totals != now.totals) {
    batch.Put(handle(Family::stats), slice(stats_key(account, StatsKind::totals)), slice(encode_totals(now.totals)));
  }
  known = now;
}

void Vault::Impl::put_mailbox_row(rocksdb::WriteBatch& batch, AccountId account, const MailboxRecord& record) {
  batch.Put(handle(Family::mailbox), slice(mailbox_key(account, record.id)), slice(encode_mailbox(record)));
  state.mailboxes[{account, record.id}] = record;
}

/// One commit on its way into a batch. Works on copies of the writer's state and publishes them last, so that an error
/// on the way leaves nothing behind.
class Vault::Impl::CommitJob {
 public:
  CommitJob(Impl& impl, AccountId account, Changes changes)
      : impl_(impl), account_(account), changes_(std::move(changes)) {
    std::set<std::uint64_t> packs;
    for (const NewEntry& entry : changes_.appended) {
      octets_ += 256 + entry.body.recipe.size() + entry.email_id.size();
      for (const SealedBody::Row& row : entry.body.chunks) octets_ += row.value.size();
      for (const auto& pack : entry.body.packs) {
        if (packs.insert(pack->number).second) octets_ += pack->value.size();
      }
    }
    octets_ += 128 * changes_.flags.size();
  }

  std::size_t octets() const { return octets_; }
  const Committed& committed() const { return committed_; }

  void failed() {
    if (changes_.line) changes_.line->broken = true;
  }

  Result<Prepared> prepare(rocksdb::WriteBatch& batch) {
    if (changes_.line && changes_.line->broken) {
      return fail(ErrorKind::store, "not committed, because the commit before it failed");
    }
    committed_ = {};
    written_objects_.clear();
    written_packs_.clear();
    auto account = impl_.account_state(account_);
    if (!account) return fail(std::move(account).error());
    auto mailbox = impl_.mailbox_state(account_, changes_.mailbox);
    if (!mailbox) return fail(std::move(mailbox).error());
    auto generation = impl_.generation_state(account_, changes_.mailbox, changes_.uidvalidity);
    if (!generation) return fail(std::move(generation).error());
    account_state_ = *account;
    generation_ = *generation;
    remember_ = reads_entries();
    if (generation_.touched && remember_) return Prepared::next_group;

    for (const NewEntry& entry : changes_.appended) {
      if (auto added = append(batch, entry); !added) return fail(std::move(added).error());
    }
    for (const FlagChange& change : changes_.flags) {
      if (auto changed = change_flags(batch, change); !changed) return fail(std::move(changed).error());
    }
    if (auto vanished = vanish(batch); !vanished) return fail(std::move(vanished).error());
    move_cursor(batch, *std::move(mailbox));
    publish(batch);
    return Prepared::added;
  }

 private:
  /// Whether entries that exist have to be looked at; those of a batch under way cannot be.
  bool reads_entries() const {
    if (!changes_.flags.empty() || !changes_.vanished.empty()) return true;
    UidSet mine;
    for (const NewEntry& entry : changes_.appended) {
      if (generation_.may_hold(entry.uid) || mine.contains(entry.uid)) return true;
      mine.add(entry.uid);
    }
    return false;
  }

  Place place(Uid uid) const { return {changes_.mailbox, changes_.uidvalidity, uid}; }

  HistoryRow row_of(HistoryRecord::Kind kind, const Entry& entry) const {
    HistoryRow row;
    row.record.kind = kind;
    row.record.place = entry.place;
    row.record.flags = entry.flags;
    if (kind == HistoryRecord::Kind::appended) {
      row.record.digest = entry.digest;
      row.size = entry.size;
      row.internaldate = entry.internaldate;
    }
    return row;
  }

  void put(rocksdb::WriteBatch& batch, Entry& entry, HistoryRecord::Kind kind) {
    impl_.put_history(batch, account_, account_state_, row_of(kind, entry));
    entry.changed = account_state_.end;
    put_entry(batch, entry);
  }

  void put_entry(rocksdb::WriteBatch& batch, const Entry& entry) {
    wrote_ = true;
    if (remember_) pending_[entry.place.uid] = entry;
    batch.Put(impl_.handle(Family::entry), slice(entry_key(account_, entry.place)), slice(encode_entry(entry)));
  }

  /// The entry as this commit leaves it so far.
  Result<std::optional<Entry>> current(Uid uid) {
    if (const auto mine = pending_.find(uid); mine != pending_.end()) return mine->second;
    return impl_.entry(account_, place(uid));
  }

  void put_body(rocksdb::WriteBatch& batch, const SealedBody& body) {
    if (body.reused || impl_.state.recent_objects.contains(body.digest) || written_objects_.contains(body.digest)) {
      ++committed_.bodies_reused;
      return;
    }
    for (const SealedBody::Row& row : body.chunks) {
      batch.Put(impl_.handle(Family::chunk), slice(row.key.octets()), slice(row.value));
    }
    for (const auto& pack : body.packs) {
      if (!written_packs_.insert(pack->number).second) continue;
      batch.Put(impl_.handle(Family::pack), slice(pack_key(pack->number)), slice(pack->value));
    }
    batch.Put(impl_.handle(Family::object), slice(body.digest.octets()), slice(body.recipe));
    written_objects_.emplace(body.digest, body.size);
  }

  /// The size of an object that is there, or is written by this batch.
  Result<std::uint64_t> held_size(const Digest& digest) const {
    if (const auto mine = written_objects_.find(digest); mine != written_objects_.end()) return mine->second;
    const auto& recent = impl_.state.recent_objects;
    if (const auto known = recent.find(digest); known != recent.end()) return known->second;
    auto recipe = impl_.recipe(digest);
    if (!recipe) return fail(std::move(recipe.error().scope(Scope::message)));
    if (*recipe) return (*recipe)->size;
    Error error(ErrorKind::not_found,
                "the vault does not have the message " + digest.to_hex() + " that it was said to");
    error.scope(Scope::message).remedy("its body is fetched instead");
    return fail(std::move(error));
  }

  void put_identity(rocksdb::WriteBatch& batch, const std::string& email_id, const IdentityRow& row) {
    if (email_id.empty() || email_id.size() > kMaxEmailId) return;
    batch.Put(impl_.handle(Family::identity), slice(identity_key(account_, email_id)), slice(encode_identity(row)));
  }

  /// For an entry that was there: nothing is written twice.
  Result<void> complete_identity(rocksdb::WriteBatch& batch, const std::string& email_id, const IdentityRow& row) {
    if (email_id.empty() || email_id.size() > kMaxEmailId) return {};
    auto known = impl_.database->get(Family::identity, identity_key(account_, email_id));
    if (!known) return fail(std::move(known).error());
    if (*known != encode_identity(row)) put_identity(batch, email_id, row);
    return {};
  }

  Result<void> append(rocksdb::WriteBatch& batch, const NewEntry& added) {
    IdentityRow object{added.body.digest, added.body.size};
    if (added.held) {
      auto size = held_size(*added.held);
      if (!size) return fail(std::move(size).error());
      object = {*added.held, *size};
    }
    std::optional<Entry> before;
    if (generation_.may_hold(added.uid)) {
      auto found = current(added.uid);
      if (!found) return fail(std::move(found).error());
      before = *std::move(found);
    }
    generation_.wrote(added.uid);
    Entry entry{place(added.uid), object.digest, object.size, added.internaldate, added.flags, added.modseq, false, {}};
    if (before && !before->vanished && before->digest == entry.digest) {
      if (auto known = complete_identity(batch, added.email_id, object); !known) return known;
      return update_flags(batch, *std::move(before), added.flags, added.modseq);
    }
    put_identity(batch, added.email_id, object);
    if (before && !before->vanished) uncount(*before);
    if (before && before->digest != entry.digest) {
      // In the same batch: a binding that outlived it would say that a target has the newer message.
      if (auto unbound = impl_.unbind(batch, account_, entry.place); !unbound) return unbound;
    }
    put(batch, entry, HistoryRecord::Kind::appended);
    ++account_state_.totals.entries;
    account_state_.totals.octets += entry.size;
    if (added.held) {
      ++committed_.bodies_reused;
      return {};
    }
    put_body(batch, added.body);
    ++committed_.messages;
    committed_.octets += entry.size;
    return {};
  }

  Result<void> change_flags(rocksdb::WriteBatch& batch, const FlagChange& change) {
    auto before = current(change.uid);
    if (!before) return fail(std::move(before).error());
    if (!*before || (*before)->vanished) return {};
    return update_flags(batch, **std::move(before), change.flags, change.modseq);
  }

  Result<void> update_flags(rocksdb::WriteBatch& batch, Entry entry, const FlagSet& flags, ModSeq modseq) {
    const bool changed = entry.flags != flags;
    if (!changed && entry.modseq == modseq) return {};
    entry.flags = flags;
    entry.modseq = modseq;
    if (!changed) {
      put_entry(batch, entry);  // the server counted a change that came to nothing: no news for anybody
      return {};
    }
    put(batch, entry, HistoryRecord::Kind::flags_changed);
    ++committed_.flag_changes;
    return {};
  }

  Result<void> vanish(rocksdb::WriteBatch& batch) {
    // "1:*" may be said: the entries are walked, not the numbers.
    for (const UidRange& range : changes_.vanished.ranges()) {
      std::set<Uid> there;
      const Bytes end = range.last == UINT32_MAX
                            ? after_prefix(entry_prefix(account_, changes_.mailbox, changes_.uidvalidity))
                            : entry_key(account_, place(Uid(range.last + 1)));
      auto scanned =
          impl_.database->scan(Family::entry, entry_key(account_, place(Uid(range.first))), end,
                               [&](ByteView key, ByteView) -> Result<bool> {
                                 const auto parsed = parse_entry_key(key);
                                 if (!parsed)
                                   return fail(ErrorKind::store, "the vault holds an entry under a damaged key");
                                 there.insert(parsed->place.uid);
                                 return true;
                               });
      if (!scanned) return scanned;
      for (const auto& [uid, entry] : pending_) {
        if (uid.value() >= range.first && uid.value() <= range.last) there.insert(uid);
      }
      for (const Uid uid : there) {
        if (auto gone = vanish(batch, uid); !gone) return gone;
      }
    }
    return {};
  }

  Result<void> vanish(rocksdb::WriteBatch& batch, Uid uid) {
    auto entry = current(uid);
    if (!entry) return fail(std::move(entry).error());
    if (!*entry || (*entry)->vanished) return {};
    (*entry)->vanished = true;
    uncount(**entry);
    put(batch, **entry, HistoryRecord::Kind::vanished);
    ++committed_.vanished;
    return {};
  }

  void uncount(const Entry& entry) {
    --account_state_.totals.entries;
    account_state_.totals.octets -= entry.size;
  }

  void move_cursor(rocksdb::WriteBatch& batch, MailboxRecord mailbox) {
    if (!changes_.cursor || mailbox.cursor == changes_.cursor) return;
    mailbox.cursor = changes_.cursor;
    impl_.put_mailbox_row(batch, account_, mailbox);
  }

  void publish(rocksdb::WriteBatch& batch) {
    generation_.touched = generation_.touched || wrote_;
    pending_.clear();
    impl_.state.generations[{account_, changes_.mailbox, changes_.uidvalidity}] = generation_;
    impl_.put_account_state(batch, account_, account_state_);
    impl_.state.recent_objects.merge(written_objects_);
  }

  Impl& impl_;
  const AccountId account_;
  Changes changes_;
  std::size_t octets_ = 0;
  Committed committed_;
  WriterState::AccountState account_state_;
  WriterState::Generation generation_;
  bool wrote_ = false;                      // an entry
  bool remember_ = false;                   // later parts of this commit look at what earlier ones wrote
  std::unordered_map<Uid, Entry> pending_;  // those
  std::unordered_map<Digest, std::uint64_t> written_objects_;  // and their sizes
  std::set<std::uint64_t> written_packs_;
};

void Vault::commit(AccountId account, Changes changes, CommitDone done) {
  if (auto writable = impl_->check_writable(); !writable) return done(fail(std::move(writable).error()));
  auto commit = std::make_shared<Impl::CommitJob>(*impl_, account, std::move(changes));
  Committer::Job job;
  job.octets = commit->octets();
  job.prepare = [commit](rocksdb::WriteBatch& batch) { return commit->prepare(batch); };
  job.done = [commit, done = std::move(done)](const std::optional<Error>& error) {
    if (error) commit->failed();
    done(error ? Result<Committed>(fail(*error)) : Result<Committed>(commit->committed()));
  };
  impl_->committer->submit(std::move(job));
}

Result<Committed> Vault::commit(AccountId account, Changes changes) {
  std::promise<Result<Committed>> promise;
  auto result = promise.get_future();
  commit(account, std::move(changes),
         [&promise](Result<Committed> committed) { promise.set_value(std::move(committed)); });
  return result.get();
}

}  // namespace postern::storage
