#include "core/sync/engine/reconcile.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/io/sleep.h"
#include "core/sync/planner/settle.h"

namespace postern::sync {

Task<Result<UidSet>> Reconcile::run(std::vector<Intent> intents) {
  if (intents.empty()) co_return again_;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  for (Intent& intent : intents) {
    auto settled = co_await settle(std::move(intent));
    if (!settled) co_return fail(settled.error());
  }
  co_return again_;
}

Task<Result<void>> Reconcile::settle(Intent intent) {
  Context& context = mailbox_.context();
  // In another generation of the target mailbox the message, if it is there, may have any UID.
  const bool same = intent.target_uidvalidity == mailbox_.opened().uidvalidity;
  const std::uint32_t first = same ? intent.target_uidnext : 1;
  auto unbound = co_await unbound_entries(intent.items);
  if (!unbound) co_return fail(unbound.error());
  std::vector<Entry> missing = std::move(*unbound);
  Settle settle(intent.at, context.options.settle);
  while (!missing.empty()) {
    auto left = co_await look(std::move(missing), first);
    if (!left) co_return fail(left.error());
    missing = std::move(*left);
    if (missing.empty()) break;
    settle.looked(mailbox_.opened().uidnext, mailbox_.opened().messages);
    const auto pause = settle.wait(context.scheduler.wall());
    if (!pause) break;
    auto slept = co_await sleep(context.scheduler, *pause, context.wait);
    if (!slept) co_return slept;
    auto opened = co_await mailbox_.open();
    if (!opened) co_return opened;
  }
  for (const Entry& entry : missing) {
    if (entry.place.uidvalidity == mailbox_.source().uidvalidity) again_.add(entry.place.uid);
  }
  if (!missing.empty()) resent_.push_back({std::move(missing), first});
  auto ended = co_await mailbox_.bind({}, intent.id);
  co_return ended;
}

/// What the intent stands for and no binding says is there.
Task<Result<std::vector<Entry>>> Reconcile::unbound_entries(std::vector<Intent::Item> items) {
  Vault& vault = mailbox_.context().vault;
  std::vector<Entry> unbound;
  for (const Intent::Item& item : items) {
    const Place& place = item.place;
    const UidRange one{place.uid.value(), place.uid.value()};
    auto held = co_await vault.bindings(mailbox_.id(), place.mailbox, place.uidvalidity, one, 1);
    if (!held) co_return fail(held.error());
    if (!held->empty() && held->front().target_uidvalidity == mailbox_.opened().uidvalidity) continue;
    auto entry = co_await vault.entries(place.mailbox, place.uidvalidity, one, 1);
    if (!entry) co_return fail(entry.error());
    if (entry->empty() || entry->front().digest != item.digest) continue;
    entry->front().flags = item.flags;  // as it was sent
    unbound.push_back(std::move(entry->front()));
  }
  co_return unbound;
}

Task<Result<std::vector<Entry>>> Reconcile::look(std::vector<Entry> entries, std::uint32_t first) {
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  auto candidates = co_await mailbox_.unbound_from(first);
  if (!candidates) co_return fail(candidates.error());
  auto wanted = co_await mailbox_.wanted(entries);
  if (!wanted) co_return fail(wanted.error());
  Matching matching = match_by_identity(*wanted, *candidates);
  if (!matching.ask.empty()) {
    auto known = co_await mailbox_.digests(matching.ask);
    if (!known) co_return fail(known.error());
    const auto sure = match_by_digest(*wanted, *candidates, *known, matching);
    matching.sure.insert(matching.sure.end(), sure.begin(), sure.end());
    // A server that rewrites what it stores gives other digests: what is left of one identity pairs in order of UID,
    // since it came after the command and nobody else's binding claims it.
    const auto rest = match_in_order(*wanted, *candidates, matching);
    matching.sure.insert(matching.sure.end(), rest.begin(), rest.end());
  }
  std::vector<Binding> bindings;
  std::set<std::size_t> found;
  for (const Match& match : matching.sure) {
    const Candidate& there = (*candidates)[match.candidate];
    found.insert(match.wanted);
    bindings.push_back(mailbox_.binding((*wanted)[match.wanted].place, there.uid,
                                        replayable(entries[match.wanted].flags, mailbox_.flag_support())));
  }
  mailbox_.totals().appended += bindings.size();
  mailbox_.context().progress.replay_done += bindings.size();
  auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return fail(bound.error());
  std::vector<Entry> missing;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!found.contains(i)) missing.push_back(std::move(entries[i]));
  }
  co_return missing;
}

Task<Result<void>> Reconcile::report_late_twins() {
  for (const Resent& resent : resent_) {
    auto opened = co_await mailbox_.open();
    if (!opened) co_return opened;
    auto candidates = co_await mailbox_.unbound_from(resent.first);
    if (!candidates) co_return fail(candidates.error());
    auto wanted = co_await mailbox_.wanted(resent.entries);
    if (!wanted) co_return fail(wanted.error());
    const Matching twins = match_by_identity(*wanted, *candidates);
    UidSet uids = twins.ask;
    for (const Match& match : twins.sure) uids.add((*candidates)[match.candidate].uid);
    if (uids.empty()) continue;
    mailbox_.context().problem(
        Error(ErrorKind::server_bug, "the target stored a message late that had been sent again: UIDs " +
                                         uids.to_string() + " are second copies")
            .remedy("compare and delete one of each; Postern deletes nothing here")
            .at(mailbox_.name().display()));
  }
  co_return {};
}

}  // namespace postern::sync
