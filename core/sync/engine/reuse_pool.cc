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

Task<Result<void>> ReusePool::survey(const std::vector<MailboxRecord>& mailboxes,
                                     const std::vector<ListedMailbox>& listed, HistorySeq began) {
  began_ = began;
  std::unordered_map<std::string_view, const MailboxRecord*> present;
  known_.clear();
  losing_.clear();
  may_lose_.clear();
  gone_.clear();
  for (const MailboxRecord& one : mailboxes) {
    const bool known = one.uidvalidity.value() != 0;
    if (known) known_.insert(one.id);
    if (one.present) present.emplace(one.name.wire(), &one);
    if (!one.present && known) gone_.push_back(one.id);
    any_gone_ = any_gone_ || !one.present;
  }
  bool anything_new = false;
  for (const ListedMailbox& one : listed) {
    const auto found = present.find(one.name.wire());
    if (found == present.end() || !one.status) continue;
    const MailboxRecord& record = *found->second;
    if (has_lost_messages(record.cursor, *one.status) && losing_.insert(record.id).second) {
      may_lose_.emplace_back(record.id, record.uidvalidity);
    }
    anything_new = anything_new || expected_messages(record, *one.status) != 0;
  }
  if (!anything_new || !holds_anything()) co_return {};
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

UidSet ReusePool::to_compare(MailboxId mailbox, UidValidity uidvalidity) const {
  const auto found = reused_.find({mailbox, uidvalidity});
  return trusted_ || found == reused_.end() ? UidSet() : found->second;
}

Task<Result<void>> ReusePool::gather(MailboxId mailbox, UidValidity uidvalidity, bool first_pull,
                                     std::uint64_t messages, Wait wait) {
  if (!holds_anything()) co_return {};
  while (gathering_) {
    gathered_.reset();
    auto turn = co_await gathered_.wait(wait, "waiting for another connection to read what may be held");
    if (!turn) co_return turn;
  }
  gathering_ = true;
  auto gathered = co_await gather_alone(mailbox, uidvalidity, first_pull, kEntries + kEntriesForAMessage * messages);
  gathering_ = false;
  gathered_.set();
  co_return gathered;
}

Task<Result<void>> ReusePool::gather_alone(MailboxId mailbox, UidValidity uidvalidity, bool first_pull,
                                           std::uint64_t budget) {
  auto history = co_await read_history();
  if (!history) co_return history;
  auto lost = co_await read_lost(mailbox, uidvalidity);
  if (!lost) co_return lost;
  if (first_pull && known_.contains(mailbox)) {
    auto older = co_await read_generations(mailbox, uidvalidity, budget);
    if (!older) co_return fail(older.error());
  }
  auto losing = co_await read_losing(mailbox, budget);
  if (!losing) co_return losing;
  auto gone = co_await read_gone(first_pull, budget);
  co_return gone;
}

Task<Result<void>> ReusePool::read_losing(MailboxId but, std::uint64_t& budget) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < may_lose_.size(); ++i) {
    const Group group = may_lose_[i];
    bool ended = false;
    if (group.first != but && budget > 0) {
      auto read = co_await read_group(group, budget);
      if (!read) co_return fail(read.error());
      ended = *read;
    }
    if (!ended) may_lose_[kept++] = group;
  }
  may_lose_.resize(kept);
  co_return {};
}

/// Mailboxes that are gone; those that went of late alone unless `all`.
Task<Result<void>> ReusePool::read_gone(bool all, std::uint64_t& budget) {
  for (std::size_t i = 0; i < gone_.size() && budget > 0 && !candidates_.full();) {
    const MailboxId mailbox = gone_[i];
    bool ended = false;
    if (all || went_.contains(mailbox)) {
      auto read = co_await read_generations(mailbox, std::nullopt, budget);
      if (!read) co_return fail(read.error());
      ended = *read;
    }
    if (ended) {
      gone_[i] = gone_.back();
      gone_.pop_back();
    } else {
      ++i;
    }
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
  for (auto it = lost_.begin(); it != lost_.end();) {
    const Group group = it->first;
    if (group == Group(but, uidvalidity)) {
      ++it;
      continue;
    }
    std::vector<UidRange> ranges;
    for (const Uid uid : it->second) ranges.push_back({uid.value(), uid.value()});
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
    it = lost_.erase(it);
  }
  co_return {};
}

/// The newest generation first: its messages are likeliest to be there still.
Task<Result<bool>> ReusePool::read_generations(MailboxId mailbox, std::optional<UidValidity> but,
                                               std::uint64_t& budget) {
  auto generations = co_await vault_.generations(mailbox);
  if (!generations) co_return fail(generations.error());
  std::reverse(generations->begin(), generations->end());
  bool ended = true;
  for (const UidValidity one : *generations) {
    if (one == but) continue;
    auto read = co_await read_group({mailbox, one}, budget);
    if (!read) co_return fail(read.error());
    ended = ended && *read;
  }
  co_return ended;
}

Task<Result<bool>> ReusePool::read_group(Group group, std::uint64_t& budget) {
  constexpr std::uint32_t kLastUid = 0xffffffff;
  std::uint64_t& reached = read_[group];
  while (budget > 0 && !candidates_.full() && reached < kLastUid) {
    auto page =
        co_await vault_.entries(group.first, group.second, {static_cast<std::uint32_t>(reached + 1), kLastUid}, kPage);
    if (!page) co_return fail(page.error());
    for (const Entry& entry : *page) candidates_.add(entry);
    reached = page->size() < kPage ? kLastUid : page->back().place.uid.value();
    budget -= std::min<std::uint64_t>(budget, page->size());
  }
  co_return reached == kLastUid;
}

}  // namespace postern::sync
