#include "core/sync/engine/quarantine.h"

#include "core/sync/planner/backoff.h"

namespace postern::sync {

Task<Result<void>> Quarantine::load() {
  auto records = co_await vault_.quarantine();
  if (!records) co_return fail(records.error());
  for (QuarantineRecord& record : *records) {
    const Key place = key(record);
    records_.insert_or_assign(place, std::move(record));
  }
  co_return {};
}

Task<Result<void>> Quarantine::put(Place place, Stage stage, TargetId target, const Error& why) {
  const WallTime now = clock_.wall();
  QuarantineRecord record{place, stage, target, why.to_string(), 0, now, now};
  const auto held = records_.find(key(record));
  if (held != records_.end()) {
    record.attempts = held->second.attempts;
    record.first = held->second.first;
  }
  record.next_try = now + quarantine_wait(++record.attempts);
  auto written = co_await vault_.put_quarantine(record);
  if (written) records_.insert_or_assign(key(record), record);
  co_return written;
}

Task<Result<void>> Quarantine::clear(Place place, Stage stage, TargetId target) {
  const Key record_key{stage, target, place};
  const auto held = records_.find(record_key);
  if (held == records_.end()) co_return {};
  auto cleared = co_await vault_.clear_quarantine(held->second);
  if (cleared) records_.erase(record_key);  // by its key: another session may have cleared it meanwhile
  co_return cleared;
}

Task<Result<void>> Quarantine::clear_all_but(MailboxId mailbox, UidValidity uidvalidity, UidSet keep, Stage stage,
                                             TargetId target) {
  std::vector<Place> gone;
  for (const auto& [key, record] : records_) {
    if (record.stage != stage || record.target != target || record.place.mailbox != mailbox) continue;
    if (record.place.uidvalidity != uidvalidity || !keep.contains(record.place.uid)) gone.push_back(record.place);
  }
  for (const Place& place : gone) {
    auto cleared = co_await clear(place, stage, target);
    if (!cleared) co_return cleared;
  }
  co_return {};
}

Quarantine::Held Quarantine::held(MailboxId mailbox, UidValidity uidvalidity, Stage stage, TargetId target) const {
  Held held;
  const WallTime now = clock_.wall();
  const Key first{stage, target, Place{mailbox, uidvalidity, Uid(0)}};
  for (auto it = records_.lower_bound(first); it != records_.end(); ++it) {
    const QuarantineRecord& record = it->second;
    if (record.stage != stage || record.target != target || record.place.mailbox != mailbox ||
        record.place.uidvalidity != uidvalidity) {
      break;
    }
    (record.next_try > now ? held.aside : held.due).add(record.place.uid);
  }
  return held;
}

std::vector<Place> Quarantine::due_appends(TargetId target) const {
  std::vector<Place> due;
  for (const auto& [key, record] : records_) {
    if (record.stage == Stage::append && record.target == target && record.next_try <= clock_.wall()) {
      due.push_back(record.place);
    }
  }
  return due;
}

}  // namespace postern::sync
