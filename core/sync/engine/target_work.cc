#include "core/sync/engine/target_work.h"

#include <algorithm>
#include <utility>

#include "core/sync/engine/clearing_work.h"
#include "core/sync/planner/doubt.h"
#include "core/sync/planner/sharing.h"

namespace postern::sync {
namespace {

constexpr std::size_t kHistoryPage = 10'000;

}  // namespace

Task<Result<void>> TargetWork::gather() {
  auto id = co_await context_.vault.target_id(context_.options.target);
  if (!id) co_return fail(id.error());
  id_ = *id;
  auto folded = co_await fold_history();
  if (!folded) co_return folded;
  auto read = co_await read_mailboxes();
  if (!read) co_return read;
  auto intents = co_await context_.vault.intents(id_);
  if (!intents) co_return fail(intents.error());
  auto stores = co_await context_.vault.store_intents(id_);
  if (!stores) co_return fail(stores.error());

  for (const auto& [mailbox, work] : fold_.work()) {
    if (!work.touched.empty() || work.new_generation) touched_[mailbox] = work.touched;
  }
  for (const Intent& intent : *intents) {
    UidSet& touched = touched_[intent.mailbox];
    for (const Intent::Item& item : intent.items) touched.add(item.place.uid);
  }
  for (const StoreIntent& store : *stores) {
    if (!store.at_source) touched_[store.mailbox];
  }
  for (const Place& place : context_.quarantine.due_appends(id_)) touched_[place.mailbox].add(place.uid);
  for (const MailboxRecord& one : mailboxes_) {
    const auto known = recorded_.find(one.id);
    if (!one.present) continue;
    if (known == recorded_.end() || !known->second.adopted || differs(one, known->second)) touched_[one.id];
  }
  follow_sharers();
  auto reworded = co_await follow_keyword_map();
  if (!reworded) co_return reworded;
  auto doubted = co_await follow_doubts();
  if (!doubted) co_return doubted;
  auto followed = co_await follow_departures();
  if (!followed) co_return followed;
  auto forgotten = co_await forget_unwanted();
  co_return forgotten;
}

/// Mailboxes in which a second copy may have come to light. Where nobody will look any more, the doubt ends here.
Task<Result<void>> TargetWork::follow_doubts() {
  auto doubts = co_await context_.vault.doubts(id_, std::nullopt);
  if (!doubts) co_return fail(doubts.error());
  Vault::TargetChanges changes;
  for (const Doubt& doubt : *doubts) {
    const CopyWatch watch = copy_watch(doubt, context_.scheduler.wall());
    if (watch == CopyWatch::idly) continue;
    const bool ends = watch == CopyWatch::last || watch == CopyWatch::over;
    if (ends && context_.quarantine.holds(doubt.place, Quarantine::Stage::append, id_)) continue;
    const MailboxRecord* record = mailbox(doubt.place.mailbox);
    const bool look = watch != CopyWatch::over;
    if (look && record != nullptr && record->present && record->selectable && context_.wants(record->name)) {
      touched_[doubt.place.mailbox];
    } else if (ends) {
      changes.end_doubt.push_back(doubt.place);
    }
  }
  if (changes.end_doubt.empty()) co_return {};
  auto ended = co_await context_.vault.commit_target(id_, std::move(changes));
  co_return ended;
}

/// In its name or its subscription, from what was last carried over.
bool TargetWork::differs(const MailboxRecord& source, const TargetMailboxRecord& known) const {
  if (known.source_name.empty() || !source.selectable || !context_.wants(source.name)) return false;
  return known.source_name != source.name.display() || known.subscribed != source.subscribed;
}

Task<Result<void>> TargetWork::put(TargetMailboxRecord record) {
  auto put = co_await context_.vault.put_target_mailbox(id_, record);
  if (put) recorded_.insert_or_assign(record.source, std::move(record));
  co_return put;
}

/// A target mailbox that was made anew is compared with all that share it.
void TargetWork::follow_sharers() {
  std::vector<TargetMailboxRecord> followed;
  for (const auto& [id, record] : recorded_) {
    const MailboxRecord* source = mailbox(id);
    if (source != nullptr && source->present && source->selectable && context_.wants(source->name))
      followed.push_back(record);
  }
  for (const MailboxId id : seen_differently(followed)) touched_[id];
}

/// Under another map than the last time every keyword of a mailbox may be another word.
Task<Result<void>> TargetWork::follow_keyword_map() {
  const std::string now = context_.options.keywords.canonical();
  for (const MailboxRecord& one : mailboxes_) {
    const auto record = recorded_.find(one.id);
    if (!one.present || !one.selectable || !context_.wants(one.name)) continue;
    if (record == recorded_.end() || record->second.keyword_map == now) continue;
    auto known = co_await context_.vault.known_uids(one.id, one.uidvalidity);
    if (!known) co_return fail(known.error());
    UidSet& touched = touched_[one.id];
    touched = touched.united(*known);
  }
  co_return {};
}

/// A mailbox that is back may have lost on the target what it had there, and what is back was deleted by nobody.
Task<Result<void>> TargetWork::follow_departures() {
  for (const MailboxRecord& one : mailboxes_) {
    const auto work = fold_.work().find(one.id);
    if (!one.present || work == fold_.work().end() || !recorded_.contains(one.id)) continue;
    if (work->second.uidvalidity == one.uidvalidity) {
      auto forgotten = co_await forget_clearings(context_, id_, one, work->second.appeared);
      if (!forgotten) co_return forgotten;
    }
    if (!work->second.created) continue;
    auto known = co_await context_.vault.known_uids(one.id, one.uidvalidity);
    if (!known) co_return fail(known.error());
    auto forgotten = co_await forget_clearings(context_, id_, one, *known);
    if (!forgotten) co_return forgotten;
    UidSet& touched = touched_[one.id];
    touched = touched.united(*known);
  }
  auto planned = co_await plan_departures(context_, id_, fold_, mailboxes_, recorded_);
  if (!planned) co_return fail(planned.error());
  departures_ = std::move(*planned);
  for (const auto& [mailbox, departures] : departures_) touched_[mailbox];
  co_return {};
}

Departures TargetWork::departures(MailboxId id) const {
  const auto found = departures_.find(id);
  return found == departures_.end() ? Departures() : found->second;
}

Task<Result<void>> TargetWork::fold_history() {
  auto cursor = co_await context_.vault.target_cursor(id_);
  if (!cursor) co_return fail(cursor.error());
  cursor_ = *cursor;
  HistorySeq after = cursor_;
  while (true) {
    auto rows = co_await context_.vault.history(after, kHistoryPage);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) break;
    for (const HistoryRecord& row : *rows) fold_.add(row);
    after = rows->back().seq;
  }
  co_return {};
}

Task<Result<void>> TargetWork::read_mailboxes() {
  auto mailboxes = co_await context_.vault.mailboxes();
  if (!mailboxes) co_return fail(mailboxes.error());
  mailboxes_ = std::move(*mailboxes);
  std::sort(mailboxes_.begin(), mailboxes_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  auto recorded = co_await context_.vault.target_mailboxes(id_);
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) recorded_.emplace(one.source, std::move(one));
  co_return {};
}

/// Mailboxes that are not replayed: the cursor passes their rows, so that one which is wanted again later is compared
/// anew.
Task<Result<void>> TargetWork::forget_unwanted() {
  for (auto it = touched_.begin(); it != touched_.end();) {
    const MailboxRecord* record = mailbox(it->first);
    if (record && record->selectable && context_.wants(record->name)) {
      ++it;
      continue;
    }
    const auto known = recorded_.find(it->first);
    if (known != recorded_.end() && known->second.adopted) {
      known->second.adopted = false;
      auto put = co_await context_.vault.put_target_mailbox(id_, known->second);
      if (!put) co_return put;
    }
    it = touched_.erase(it);
  }
  co_return {};
}

const MailboxRecord* TargetWork::mailbox(MailboxId id) const {
  const auto found = std::lower_bound(mailboxes_.begin(), mailboxes_.end(), id,
                                      [](const MailboxRecord& one, MailboxId wanted) { return one.id < wanted; });
  return found == mailboxes_.end() || found->id != id ? nullptr : &*found;
}

Task<Result<void>> TargetWork::finished() {
  if (!(cursor_ < fold_.end())) co_return {};
  auto moved = co_await context_.vault.set_target_cursor(id_, fold_.end());
  co_return moved;
}

}  // namespace postern::sync
