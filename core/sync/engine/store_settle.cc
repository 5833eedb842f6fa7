#include "core/sync/engine/store_settle.h"

#include <map>
#include <utility>

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;

}  // namespace

Vault::TargetChanges settled_store(const StoreIntent& intent, std::vector<Binding> bindings,
                                   const std::vector<StoreSeen>& seen) {
  Vault::TargetChanges changes;
  changes.end_store_intent = intent.id;
  const std::optional<ModSeq> carried = carried_out(intent.delta, intent.since, seen);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    FlagSet agreed = agreed_after_store(seen[i], intent.delta, intent.since, carried);
    if (agreed == seen[i].agreed) continue;
    bindings[i].agreed = std::move(agreed);
    changes.bind.push_back(std::move(bindings[i]));
  }
  return changes;
}

/// In the order in which they were written: what one of them is found to have done counts for the next.
Task<Result<UidSet>> StoreSettle::run() {
  older_.clear();
  auto intents = co_await mailbox_.context().vault.store_intents(mailbox_.id());
  if (!intents) co_return fail(intents.error());
  std::vector<StoreIntent> open;
  UidSet named, told;
  for (StoreIntent& intent : *intents) {
    if (intent.mailbox != mailbox_.source().id || intent.at_source) continue;
    if (intent.uidvalidity != mailbox_.opened().uidvalidity) {
      older_.push_back(std::move(intent));
      continue;
    }
    named = named.united(intent.uids);
    if (!intent.delta.empty()) told = told.united(intent.uids);
    open.push_back(std::move(intent));
  }
  UidSet again;
  if (open.empty()) co_return again;
  auto bound = co_await read_bound(named);
  if (!bound) co_return fail(bound.error());
  std::vector<UidRange> uids;
  for (const auto& [uid, binding] : *bound) {
    const std::uint32_t own = binding.place.uid.value();
    if (binding.place.uidvalidity == mailbox_.source().uidvalidity) uids.push_back({own, own});
  }
  again = UidSet::collect(std::move(uids));
  auto now = co_await read_flags(told);
  if (!now) co_return fail(now.error());
  for (const StoreIntent& intent : open) {
    auto settled = co_await settle(intent, *bound, *now);
    if (!settled) co_return fail(settled.error());
  }
  co_return again;
}

/// What is bound to `uids`, by UID on the target. A walk over the mailbox's bindings.
Task<Result<StoreSettle::Bound>> StoreSettle::read_bound(const UidSet& uids) {
  Bound bound;
  std::optional<Place> after;
  while (true) {
    auto page = co_await mailbox_.context().vault.all_bindings(mailbox_.id(), mailbox_.source().id, after, kPage);
    if (!page) co_return fail(page.error());
    if (page->empty()) co_return bound;
    after = page->back().place;
    for (Binding& one : *page) {
      const bool here = one.target_uidvalidity == mailbox_.opened().uidvalidity && uids.contains(one.target_uid);
      if (here) bound.emplace(one.target_uid, std::move(one));
    }
  }
}

Task<Result<std::map<Uid, FlagReport>>> StoreSettle::read_flags(const UidSet& uids) {
  std::map<Uid, FlagReport> now;
  for (const UidSet& part : uids.split(kPage)) {
    auto reports = co_await mailbox_.target().flags(part, std::nullopt, mailbox_.context().wait);
    if (!reports) co_return fail(reports.error());
    for (FlagReport& one : *reports) now.insert_or_assign(one.uid, std::move(one));
  }
  co_return now;
}

Task<Result<void>> StoreSettle::settle(const StoreIntent& intent, Bound& bound, const std::map<Uid, FlagReport>& now) {
  std::vector<Binding> bindings;
  std::vector<StoreSeen> seen;
  intent.uids.for_each([&](Uid uid) {
    const auto there = now.find(uid);
    if (there == now.end()) return;
    const auto [first, last] = bound.equal_range(uid);
    for (auto one = first; one != last; ++one) {
      seen.push_back({one->second.agreed, there->second.flags, there->second.modseq});
      bindings.push_back(one->second);
    }
  });
  Vault::TargetChanges changes = settled_store(intent, std::move(bindings), seen);
  for (const Binding& agreed : changes.bind) {
    const auto [first, last] = bound.equal_range(agreed.target_uid);
    for (auto one = first; one != last; ++one) {
      if (one->second.place == agreed.place) one->second.agreed = agreed.agreed;
    }
  }
  auto done = co_await mailbox_.commit(std::move(changes));
  co_return done;
}

Task<Result<void>> StoreSettle::end_older() {
  for (const StoreIntent& intent : std::exchange(older_, {})) {
    Vault::TargetChanges changes;
    changes.end_store_intent = intent.id;
    auto ended = co_await mailbox_.commit(std::move(changes));
    if (!ended) co_return ended;
  }
  co_return {};
}

}  // namespace postern::sync
