#include "core/sync/engine/reuse_pool.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 2'000;
constexpr std::uint64_t kHistoryTail = 10'000;  // rows; more than a last pass of ordinary size left behind
constexpr std::chrono::hours kLastPass(1);      // what is older than the last pass's newest row by this is not of it
constexpr std::uint64_t kEntries = 20'000;      // read for a mailbox …
constexpr std::uint64_t kEntriesForAMessage = 1'000;  // … and for each of its messages: cheaper than its body

}  // namespace

Task<Result<void>> ReusePool::survey(std::vector<MailboxRecord> mailboxes, const std::vector<ListedMailbox>& listed,
                                     HistorySeq began) {
  began_ = began;
  mailboxes_ = std::move(mailboxes);
  std::unordered_map<std::string_view, const MailboxRecord*> present;
  for (const MailboxRecord& one : mailboxes_) {
    if (one.present) present.emplace(one.name.wire(), &one);
    any_gone_ = any_gone_ || !one.present;
    holds_anything_ = holds_anything_ || one.uidvalidity.value() != 0;
  }
  bool anything_new = false;
  for (const ListedMailbox& one : listed) {
    const auto record = present.find(one.name.wire());
    if (record == present.end() || !one.status) continue;
    if (has_lost_messages(record->second->cursor, *one.status)) losing_.insert(record->second->id);
    anything_new = anything_new || expected_messages(*record->second, *one.status) != 0;
  }
  if (!anything_new) co_return {};
  auto read = co_await read_history();
  co_return read;
}

bool ReusePool::others_lost(MailboxId mailbox) const {
  const auto another = [mailbox](const std::set<MailboxId>& ids) {
    return ids.size() > (ids.contains(mailbox) ? 1u : 0u);
  };
  return another(losing_) || another(went_) || another(had_losses_);
}

bool ReusePool::asks(const SourceFeatures& features, const MailboxRecord& mailbox, const MailboxStatus& stated) const {
  if (!trusted_) return false;
  ReuseSigns signs;
  signs.email_ids = features.email_ids;
  signs.labels = features.labels;
  signs.new_generation =
      mailbox.uidvalidity.value() != 0 && stated.uidvalidity.value() != 0 && mailbox.uidvalidity != stated.uidvalidity;
  signs.first_pull = !mailbox.cursor;
  signs.any_mailbox_gone = any_gone_;
  signs.others_lost = others_lost(mailbox.id);
  return asks_before_fetching(signs, expected_messages(mailbox, stated));
}

Task<Result<void>> ReusePool::gather(MailboxId mailbox, UidValidity uidvalidity, bool first_pull,
                                     std::uint64_t messages) {
  std::uint64_t budget = kEntries + kEntriesForAMessage * messages;
  auto history = co_await read_history();
  if (!history) co_return history;
  auto lost = co_await read_lost(mailbox, uidvalidity);
  if (!lost) co_return lost;
  if (first_pull) {
    auto older = co_await read_generations(mailbox, uidvalidity, budget);
    if (!older) co_return older;
  }
  for (const MailboxRecord& one : mailboxes_) {  // set once a pass
    const bool may_have_moved = one.present ? losing_.contains(one.id) : first_pull || went_.contains(one.id);
    if (one.id == mailbox || !may_have_moved || one.uidvalidity.value() == 0) continue;
    auto read = one.present ? co_await read_group({one.id, one.uidvalidity}, budget)
                            : co_await read_generations(one.id, std::nullopt, budget);
    if (!read) co_return read;
  }
  co_return {};
}

/// The rows of this pass and of the last one that changed something; each is looked at once.
Task<Result<void>> ReusePool::read_history() {
  auto end = co_await vault_.history_end();
  if (!end) co_return fail(end.error());
  const bool first = !seen_;
  HistorySeq after = seen_.value_or(HistorySeq(end->value() - std::min(end->value(), kHistoryTail)));
  std::vector<std::pair<WallTime, Place>> lost;  // UID 0: the whole mailbox
  WallTime newest{};
  while (after < *end) {
    auto rows = co_await vault_.history(after, kPage);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) break;
    for (const HistoryRecord& row : *rows) {
      if (row.seq <= began_) newest = std::max(newest, row.at);
      if (row.kind == HistoryRecord::Kind::vanished || row.kind == HistoryRecord::Kind::mailbox_deleted) {
        lost.emplace_back(row.at, row.place);
      }
    }
    after = rows->back().seq;
  }
  seen_ = after;
  for (const auto& [at, place] : lost) {
    if (first && at < newest - kLastPass) continue;
    if (place.uid.value() == 0) {
      went_.insert(place.mailbox);
    } else {
      lost_[{place.mailbox, place.uidvalidity}].push_back(place.uid);
      had_losses_.insert(place.mailbox);
    }
  }
  co_return {};
}

/// Entries known to have vanished, of every mailbox but this generation of it.
Task<Result<void>> ReusePool::read_lost(MailboxId but, UidValidity uidvalidity) {
  std::map<Group, std::vector<Uid>> lost;
  for (auto it = lost_.begin(); it != lost_.end();) {
    const bool own = it->first == Group(but, uidvalidity);
    if (own) {
      ++it;
      continue;
    }
    lost.insert(lost_.extract(it++));
  }
  for (auto& [group, uids] : lost) {
    std::vector<UidRange> ranges;
    for (const Uid uid : uids) ranges.push_back({uid.value(), uid.value()});
    const UidSet set = UidSet::collect(std::move(ranges));
    for (UidRange range : set.ranges()) {
      while (range.first <= range.last) {
        auto page = co_await vault_.entries(group.first, group.second, range, kPage);
        if (!page) co_return fail(page.error());
        for (const Entry& entry : *page) candidates_.add(entry);
        if (page->size() < kPage || page->back().place.uid.value() == range.last) break;
        range.first = page->back().place.uid.value() + 1;
      }
    }
  }
  co_return {};
}

/// The newest generation first: its messages are likeliest to be there still.
Task<Result<void>> ReusePool::read_generations(MailboxId mailbox, std::optional<UidValidity> but,
                                               std::uint64_t& budget) {
  auto generations = co_await vault_.generations(mailbox);
  if (!generations) co_return fail(generations.error());
  std::reverse(generations->begin(), generations->end());
  for (const UidValidity one : *generations) {
    if (one == but) continue;
    auto read = co_await read_group({mailbox, one}, budget);
    if (!read) co_return read;
  }
  co_return {};
}

Task<Result<void>> ReusePool::read_group(Group group, std::uint64_t& budget) {
  constexpr std::uint64_t kLastUid = 0xffffffff;
  while (budget > 0 && !candidates_.full() && read_[group] < kLastUid) {
    const std::uint64_t reached = read_[group];
    auto page =
        co_await vault_.entries(group.first, group.second,
                                {static_cast<std::uint32_t>(reached + 1), static_cast<std::uint32_t>(kLastUid)}, kPage);
    if (!page) co_return fail(page.error());
    if (read_[group] != reached) continue;  // another session has read it meanwhile
    for (const Entry& entry : *page) candidates_.add(entry);
    read_[group] = page->size() < kPage ? kLastUid : page->back().place.uid.value();
    budget -= std::min<std::uint64_t>(budget, page->size());
  }
  co_return {};
}

}  // namespace postern::sync
