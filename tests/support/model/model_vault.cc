#include "tests/support/model/model_vault.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/io/sleep.h"
#include "tests/support/model/model_server.h"

namespace postern::testing {

using Kind = HistoryRecord::Kind;

class ModelBody final : public sync::IncomingBody {
 public:
  explicit ModelBody(ModelVault& vault) : vault_(vault) {}
  ~ModelBody() override { vault_.in_flight_ -= octets.size(); }
  void append(ByteView more) override {
    octets += more;
    vault_.add(more.size());
  }
  std::uint64_t size() const override { return octets.size(); }

  Bytes octets;

 private:
  ModelVault& vault_;
};

namespace {

class ModelOctets final : public sync::OctetSource {
 public:
  ModelOctets(Bytes octets, bool damaged) : octets_(std::move(octets)), damaged_(damaged) {}
  std::uint64_t size() const override { return octets_.size(); }
  Task<Result<Bytes>> next(Wait) override {
    Bytes piece = octets_.substr(given_, 1000);
    given_ += piece.size();
    if (damaged_ && given_ == octets_.size()) {
      co_return fail(Error(ErrorKind::store, "the object is damaged").scope(Scope::message));
    }
    co_return piece;
  }

 private:
  Bytes octets_;
  bool damaged_;
  std::size_t given_ = 0;
};

}  // namespace

/// Every write is a step at which the process may end; reads cannot change what is durable and are not counted.
Task<Result<void>> ModelVault::before(const char* call) {
  co_await yield(scheduler_);
  const Fault fault = faults_.next(call);
  if (fault == Fault::killed_before) co_await faults_.killed();
  kill_after_ = fault == Fault::killed_after;
  if (store_fails) co_return fail(ErrorKind::store, "the vault cannot be written");
  ++state_.writes;
  co_return {};
}

Task<void> ModelVault::after() {
  if (kill_after_) co_await faults_.killed();
}

Task<Result<std::vector<MailboxRecord>>> ModelVault::mailboxes() {
  std::vector<MailboxRecord> all;
  for (const auto& [id, record] : state_.mailboxes) all.push_back(record);
  co_return all;
}

Task<Result<MailboxRecord>> ModelVault::put_mailbox(MailboxRecord record) {
  auto turn = co_await before("vault.put_mailbox");
  if (!turn) co_return fail(turn.error());
  const MailboxRecord* held =
      record.id.value() != 0 ? &state_.mailboxes.at(record.id) : state_.mailbox(record.name.display());
  if (held) {
    record.id = held->id;
    record.uidvalidity = held->uidvalidity;
    record.cursor = held->cursor;
    if (record.mailbox_id.empty()) record.mailbox_id = held->mailbox_id;
    const Place place{record.id, {}, {}};
    if (!held->present && record.present) {
      state_.note(scheduler_.wall(), Kind::mailbox_created, place, std::nullopt, {}, record.name.display());
    } else if (held->present && !record.present) {
      state_.note(scheduler_.wall(), Kind::mailbox_deleted, place);
    } else if (held->name.display() != record.name.display()) {
      state_.note(scheduler_.wall(), Kind::mailbox_renamed, place, std::nullopt, {}, record.name.display());
    }
  } else {
    record.id = MailboxId(static_cast<std::uint32_t>(state_.mailboxes.size() + 1));
    state_.note(scheduler_.wall(), Kind::mailbox_created, {record.id, {}, {}}, std::nullopt, {}, record.name.display());
  }
  state_.mailboxes[record.id] = record;
  co_await after();
  co_return record;
}

Task<Result<void>> ModelVault::new_generation(MailboxId mailbox, UidValidity uidvalidity) {
  auto turn = co_await before("vault.new_generation");
  if (!turn) co_return turn;
  MailboxRecord& record = state_.mailboxes.at(mailbox);
  record.uidvalidity = uidvalidity;
  record.cursor.reset();
  state_.note(scheduler_.wall(), Kind::new_generation, {mailbox, uidvalidity, {}});
  co_await after();
  co_return {};
}

Task<Result<std::vector<WallTime>>> ModelVault::generation_changes(MailboxId mailbox, WallTime since) {
  std::vector<WallTime> begun;
  bool first = true;
  for (const HistoryRecord& row : state_.history) {
    if (row.kind != Kind::new_generation || row.place.mailbox != mailbox) continue;
    if (!std::exchange(first, false) && row.at >= since) begun.push_back(row.at);
  }
  co_return begun;
}

Task<Result<std::vector<UidValidity>>> ModelVault::generations(MailboxId mailbox) {
  std::vector<UidValidity> found;
  for (const auto& [place, entry] : state_.entries) {
    if (place.mailbox == mailbox && (found.empty() || found.back() != place.uidvalidity))
      found.push_back(place.uidvalidity);
  }
  co_return found;
}

Task<Result<UidSet>> ModelVault::known_uids(MailboxId mailbox, UidValidity uidvalidity) {
  UidSet uids;
  for (const auto& [place, entry] : state_.entries) {
    if (place.mailbox == mailbox && place.uidvalidity == uidvalidity && !entry.vanished) uids.add(place.uid);
  }
  co_return uids;
}

Task<Result<std::vector<Entry>>> ModelVault::entries(MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                                     std::size_t limit) {
  std::vector<Entry> found;
  auto it = state_.entries.lower_bound({mailbox, uidvalidity, Uid(range.first)});
  const Place last{mailbox, uidvalidity, Uid(range.last)};
  for (; it != state_.entries.end() && it->first <= last && found.size() < limit; ++it) found.push_back(it->second);
  ++state_.entry_reads;
  state_.entries_read += found.size();
  co_return found;
}

std::unique_ptr<sync::IncomingBody> ModelVault::receive(std::uint64_t) { return std::make_unique<ModelBody>(*this); }

Task<Result<sync::Committed>> ModelVault::commit(sync::MailboxChanges changes) {
  most_commits = std::max(most_commits, ++commits_);
  for (int i = 1; i < commit_turns; ++i) co_await yield(scheduler_);
  auto turn = co_await before("vault.commit");
  --commits_;
  if (!turn) co_return fail(turn.error());
  auto there = check_held(changes);
  if (!there) co_return fail(there.error());
  const sync::Committed done = apply(changes);
  changes.appended.clear();
  co_await after();
  co_return done;
}

/// A digest of this commit's own bodies will do.
Result<void> ModelVault::check_held(const sync::MailboxChanges& changes) const {
  std::set<Digest> coming;
  for (const sync::NewEntry& one : changes.appended) {
    if (!one.held) {
      coming.insert(digest_of(static_cast<const ModelBody&>(*one.body).octets));
    } else if (!coming.contains(*one.held) && !state_.objects.contains(*one.held)) {
      return fail(Error(ErrorKind::not_found, "the vault does not have the message " + one.held->to_hex())
                      .scope(Scope::message));
    }
  }
  return {};
}

sync::Committed ModelVault::apply(sync::MailboxChanges& changes) {
  sync::Committed done;
  const auto place = [&](Uid uid) { return Place{changes.mailbox, changes.uidvalidity, uid}; };
  for (sync::NewEntry& one : changes.appended) {
    const Bytes octets = one.held ? state_.objects.at(*one.held) : static_cast<ModelBody&>(*one.body).octets;
    const Digest digest = digest_of(octets);
    if (!state_.objects.emplace(digest, octets).second) ++done.bodies_reused;
    if (!one.message.email_id.empty()) state_.email_ids.insert_or_assign(one.message.email_id, digest);
    Entry entry;
    entry.place = place(one.message.uid);
    entry.digest = digest;
    entry.size = octets.size();
    entry.internaldate = one.message.internaldate;
    entry.flags = one.message.flags;
    entry.modseq = one.message.modseq;
    const auto held = state_.entries.find(entry.place);
    if (held != state_.entries.end() && !held->second.vanished) {
      if (!state_.by_reuse.contains(entry.place)) throw std::logic_error("a held message was fetched again");
      if (held->second.digest == digest) {
        if (held->second.flags != entry.flags) {
          held->second.flags = entry.flags;
          state_.note(scheduler_.wall(), Kind::flags_changed, entry.place, std::nullopt, entry.flags);
        }
        continue;
      }
    }
    if (held != state_.entries.end() && held->second.digest != digest) {
      for (auto& [id, target] : state_.targets) {
        target.bindings.erase(entry.place);
        target.doubts.erase(entry.place);
      }
    }
    if (one.held) state_.by_reuse.insert(entry.place);
    state_.entries[entry.place] = entry;
    state_.note(scheduler_.wall(), Kind::appended, entry.place, digest, entry.flags);
    if (one.held) continue;
    ++done.messages;
    done.octets += octets.size();
  }
  for (const sync::FlagReport& one : changes.flags) {
    Entry& entry = state_.entries.at(place(one.uid));
    if (entry.flags == one.flags) throw std::logic_error("flags written without a change");
    entry.flags = one.flags;
    entry.modseq = one.modseq;
    state_.note(scheduler_.wall(), Kind::flags_changed, entry.place, std::nullopt, one.flags);
  }
  changes.vanished.for_each([&](Uid uid) {
    Entry& entry = state_.entries.at(place(uid));
    if (entry.vanished) throw std::logic_error("vanished twice");
    entry.vanished = true;
    state_.note(scheduler_.wall(), Kind::vanished, entry.place);
  });
  if (changes.cursor) {
    MailboxRecord& record = state_.mailboxes.at(changes.mailbox);
    if (record.uidvalidity != changes.uidvalidity) throw std::logic_error("a cursor of another generation");
    record.cursor = changes.cursor;
  }
  return done;
}

Task<Result<void>> ModelVault::room(std::uint64_t budget, Wait) {
  while (in_flight_ >= budget && commits_ > 0) co_await yield(scheduler_);
  if (store_fails) co_return fail(ErrorKind::store, "the vault cannot be written");
  co_return {};
}

Task<Result<std::optional<SnapshotRecord>>> ModelVault::snapshot() {
  const HistorySeq end(state_.history.size());
  std::optional<SnapshotRecord> none;
  if (state_.snapshots.empty() ? end.value() == 0 : state_.snapshots.back().seq == end) co_return none;
  auto turn = co_await before("vault.snapshot");
  if (!turn) co_return fail(turn.error());
  state_.snapshots.push_back({scheduler_.wall(), end, state_.entries.size(), 0});
  co_await after();
  co_return std::optional<SnapshotRecord>(state_.snapshots.back());
}

Task<Result<HistorySeq>> ModelVault::history_end() { co_return HistorySeq(state_.history.size()); }

Task<Result<std::vector<HistoryRecord>>> ModelVault::history(HistorySeq after, std::size_t limit) {
  std::vector<HistoryRecord> rows;
  for (std::size_t i = after.value(); i < state_.history.size() && rows.size() < limit; ++i)
    rows.push_back(state_.history[i]);
  co_return rows;
}

Task<Result<TargetId>> ModelVault::target_id(std::string name) {
  const auto held = state_.target_ids.find(name);
  if (held != state_.target_ids.end()) co_return held->second;
  auto turn = co_await before("vault.target_id");
  if (!turn) co_return fail(turn.error());
  const TargetId id(static_cast<std::uint32_t>(state_.target_ids.size() + 1));
  state_.target_ids.emplace(name, id);
  co_await after();
  co_return id;
}

Task<Result<HistorySeq>> ModelVault::target_cursor(TargetId target) { co_return state_.targets[target].cursor; }

Task<Result<void>> ModelVault::set_target_cursor(TargetId target, HistorySeq seq) {
  auto turn = co_await before("vault.set_target_cursor");
  if (!turn) co_return turn;
  state_.targets[target].cursor = seq;
  co_await after();
  co_return {};
}

Task<Result<std::vector<TargetMailboxRecord>>> ModelVault::target_mailboxes(TargetId target) {
  std::vector<TargetMailboxRecord> all;
  for (const auto& [id, record] : state_.targets[target].mailboxes) all.push_back(record);
  state_.records_read += all.size();
  co_return all;
}

Task<Result<void>> ModelVault::put_target_mailbox(TargetId target, TargetMailboxRecord record) {
  auto turn = co_await before("vault.put_target_mailbox");
  if (!turn) co_return turn;
  state_.targets[target].mailboxes[record.source] = record;
  co_await after();
  co_return {};
}

Task<Result<std::vector<Binding>>> ModelVault::bindings(TargetId target, MailboxId mailbox, UidValidity uidvalidity,
                                                        UidRange range, std::size_t limit) {
  std::vector<Binding> found;
  const auto& all = state_.targets[target].bindings;
  const Place last{mailbox, uidvalidity, Uid(range.last)};
  for (auto it = all.lower_bound({mailbox, uidvalidity, Uid(range.first)});
       it != all.end() && it->first <= last && found.size() < limit; ++it) {
    found.push_back(it->second);
  }
  co_return found;
}

Task<Result<std::vector<Binding>>> ModelVault::all_bindings(TargetId target, MailboxId mailbox,
                                                            std::optional<Place> after, std::size_t limit) {
  std::vector<Binding> found;
  const auto& all = state_.targets[target].bindings;
  auto it = after ? all.upper_bound(*after) : all.lower_bound({mailbox, {}, {}});
  for (; it != all.end() && it->first.mailbox == mailbox && found.size() < limit; ++it) found.push_back(it->second);
  state_.bindings_read += found.size();
  co_return found;
}

Task<Result<IntentId>> ModelVault::put_intent(TargetId target, Intent intent) {
  auto turn = co_await before("vault.put_intent");
  if (!turn) co_return fail(turn.error());
  intent.id = IntentId(state_.next_intent++);
  state_.targets[target].intents.emplace(intent.id, intent);
  co_await after();
  co_return intent.id;
}

Task<Result<std::vector<Intent>>> ModelVault::intents(TargetId target) {
  std::vector<Intent> all;
  for (const auto& [id, intent] : state_.targets[target].intents) all.push_back(intent);
  co_return all;
}

Task<Result<std::unique_ptr<sync::OctetSource>>> ModelVault::open_object(Digest digest) {
  const auto found = state_.objects.find(digest);
  if (found == state_.objects.end()) co_return fail(ErrorKind::not_found, "the vault does not hold the object");
  co_return std::make_unique<ModelOctets>(found->second, state_.damaged.contains(digest));
}

Task<Result<std::vector<std::optional<sync::HeldBody>>>> ModelVault::held_by_email_id(std::vector<std::string> ids) {
  std::vector<std::optional<sync::HeldBody>> all;
  for (const std::string& id : ids) {
    const auto known = state_.email_ids.find(id);
    const auto object = known == state_.email_ids.end() ? state_.objects.end() : state_.objects.find(known->second);
    all.push_back(object == state_.objects.end() ? std::nullopt
                                                 : std::optional(sync::HeldBody{object->first, object->second.size()}));
  }
  co_return all;
}

Task<Result<std::vector<sync::Identity>>> ModelVault::identities(std::vector<Digest> digests) {
  std::vector<sync::Identity> all;
  for (const Digest& digest : digests) {
    all.push_back(state_.damaged.contains(digest) ? sync::Identity() : identity_of(state_.objects.at(digest)));
  }
  co_return all;
}

Task<Result<void>> ModelVault::put_quarantine(QuarantineRecord record) {
  auto turn = co_await before("vault.put_quarantine");
  if (!turn) co_return turn;
  state_.quarantine[{record.stage, record.target, record.place}] = record;
  co_await after();
  co_return {};
}

Task<Result<void>> ModelVault::clear_quarantine(QuarantineRecord record) {
  auto turn = co_await before("vault.clear_quarantine");
  if (!turn) co_return turn;
  state_.quarantine.erase({record.stage, record.target, record.place});
  co_await after();
  co_return {};
}

Task<Result<std::vector<QuarantineRecord>>> ModelVault::quarantine() {
  std::vector<QuarantineRecord> all;
  for (const auto& [key, record] : state_.quarantine) all.push_back(record);
  co_return all;
}

}  // namespace postern::testing
