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

Task<Result<UidSet>> StoreSettle::run() {
  UidSet again;
  older_.clear();
  auto intents = co_await mailbox_.context().vault.store_intents(mailbox_.id());
  if (!intents) co_return fail(intents.error());
  for (StoreIntent& intent : *intents) {
    if (intent.mailbox != mailbox_.source().id || intent.at_source) continue;
    if (intent.uidvalidity != mailbox_.opened().uidvalidity) {
      older_.push_back(std::move(intent));
      continue;
    }
    auto settled = co_await settle(std::move(intent), again);
    if (!settled) co_return fail(settled.error());
  }
  co_return again;
}

Task<Result<void>> StoreSettle::settle(StoreIntent intent, UidSet& again) {
  Context& context = mailbox_.context();
  auto reports = co_await mailbox_.target().flags(intent.uids, std::nullopt, context.wait);
  if (!reports) co_return fail(reports.error());
  std::map<Uid, FlagReport> now;
  for (FlagReport& one : *reports) now.insert_or_assign(one.uid, std::move(one));
  std::vector<Binding> bindings;
  std::vector<StoreSeen> seen;
  std::optional<Place> after;
  while (true) {
    auto page = co_await context.vault.all_bindings(mailbox_.id(), intent.mailbox, after, kPage);
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    after = page->back().place;
    for (Binding& one : *page) {
      if (one.target_uidvalidity != intent.uidvalidity || !intent.uids.contains(one.target_uid)) continue;
      if (one.place.uidvalidity == mailbox_.source().uidvalidity) again.add(one.place.uid);
      const auto there = now.find(one.target_uid);
      if (there == now.end()) continue;
      seen.push_back({one.agreed, std::move(there->second.flags), there->second.modseq});
      bindings.push_back(std::move(one));
    }
  }
  auto done = co_await mailbox_.commit(settled_store(intent, std::move(bindings), seen));
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
