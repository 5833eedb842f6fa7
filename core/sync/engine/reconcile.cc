#include "core/sync/engine/reconcile.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/io/sleep.h"
#include "core/sync/planner/settle.h"

namespace postern::sync {

Task<Result<std::vector<Entry>>> Reconcile::run(std::vector<Intent> intents) {
  std::vector<Entry> again;
  if (intents.empty()) co_return again;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  auto refuted = co_await refute(intents);
  if (!refuted) co_return fail(refuted.error());
  for (Intent& intent : intents) {
    auto missing = co_await settle(std::move(intent));
    if (!missing) co_return fail(missing.error());
    std::move(missing->begin(), missing->end(), std::back_inserter(again));
  }
  co_return again;
}

/// Reads the bindings of the intents' items.
Task<Result<Reconcile::Claims>> Reconcile::claims_of(const std::vector<Intent>& intents) {
  Vault& vault = mailbox_.context().vault;
  Claims claims;
  for (const Intent& intent : intents) {
    for (const Intent::Item& item : intent.items) {
      const std::size_t own = claims.ours.size();
      claims.ours.push_back({.place = item.place, .digest = item.digest, .size = item.size});
      const UidRange one{item.place.uid.value(), item.place.uid.value()};
      auto held = co_await vault.bindings(mailbox_.id(), item.place.mailbox, item.place.uidvalidity, one, 1);
      if (!held) co_return fail(held.error());
      if (held->empty() || held->front().target_uidvalidity != mailbox_.opened().uidvalidity) continue;
      claims.claims.push_back({own, held->front().target_uid});
    }
  }
  co_return claims;
}

Task<Result<void>> Reconcile::refute(const std::vector<Intent>& intents) {
  auto all = co_await claims_of(intents);
  if (!all) co_return fail(all.error());
  if (all->claims.empty()) co_return {};
  auto wanted = co_await mailbox_.wanted(all->ours);
  if (!wanted) co_return fail(wanted.error());
  UidSet uids;
  for (const Claim& claim : all->claims) uids.add(claim.uid);
  const UidRange span{uids.ranges().front().first, uids.ranges().back().last};
  auto shown = co_await mailbox_.target().messages(span, mailbox_.context().wait);
  if (!shown) co_return fail(shown.error());
  Refuted refuted = refuted_claims(all->claims, *wanted, *shown, mailbox_.opened().uidnext);
  auto known = co_await mailbox_.digests(refuted.ask);
  if (!known) co_return fail(known.error());
  const std::vector<Claim> others = refuted_by_digest(all->claims, *wanted, *known);
  refuted.claims.insert(refuted.claims.end(), others.begin(), others.end());
  std::vector<Binding> unbind;
  for (const Claim& claim : refuted.claims)
    unbind.push_back(mailbox_.binding(all->ours[claim.own].place, claim.uid, {}));
  std::uint64_t& appended = mailbox_.totals().appended;
  appended -= std::min<std::uint64_t>(appended, unbind.size());
  auto done = co_await mailbox_.unbind(std::move(unbind));
  co_return done;
}

Task<Result<std::vector<Entry>>> Reconcile::settle(Intent intent) {
  Context& context = mailbox_.context();
  // In another generation of the target mailbox the message, if it is there, may have any UID.
  const bool same = intent.target_uidvalidity == mailbox_.opened().uidvalidity;
  const std::uint32_t first = same ? intent.target_uidnext : 1;
  auto unbound = co_await unbound_entries(intent.items);
  if (!unbound) co_return fail(unbound.error());
  std::vector<Entry> missing = std::move(*unbound);
  Settle settle(intent.at, context.options.settle);
  while (!missing.empty()) {
    auto left = co_await look(std::move(missing), first, Fate::unknown);
    if (!left) co_return fail(left.error());
    missing = std::move(*left);
    if (missing.empty()) break;
    settle.looked(mailbox_.opened().uidnext, mailbox_.opened().messages);
    const auto pause = settle.wait(context.scheduler.wall());
    if (!pause) break;
    auto slept = co_await sleep(context.scheduler, *pause, context.wait);
    if (!slept) co_return fail(slept.error());
    auto opened = co_await mailbox_.open();
    if (!opened) co_return fail(opened.error());
  }
  if (!missing.empty()) {
    context.resent[mailbox_.source().id].push_back({missing, first, intent.at + context.options.settle});
  }
  const std::vector<Intent> ending{intent};
  auto checked = co_await flags_.check(ending, AppendedFlags::Keywords::not_known);
  if (!checked) co_return fail(checked.error());
  auto ended = co_await mailbox_.bind({}, intent.id);
  if (!ended) co_return fail(ended.error());
  std::erase_if(missing, [&](const Entry& e) { return e.place.uidvalidity != mailbox_.source().uidvalidity; });
  co_return missing;
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

/// Which unbound messages from `first` on are the entries' own.
Task<Result<Reconcile::Found>> Reconcile::find(const std::vector<Entry>& entries, std::uint32_t first, Fate fate) {
  Found found;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  auto candidates = co_await mailbox_.unbound_from(first);
  if (!candidates) co_return fail(candidates.error());
  found.candidates = std::move(*candidates);
  auto wanted = co_await mailbox_.wanted(entries);
  if (!wanted) co_return fail(wanted.error());
  found.wanted = std::move(*wanted);
  Matching matching = match_by_identity(found.wanted, found.candidates);
  if (!matching.ask.empty()) {
    auto known = co_await mailbox_.digests(matching.ask);
    if (!known) co_return fail(known.error());
    const auto same = match_by_digest(found.wanted, found.candidates, *known, matching);
    matching.sure.insert(matching.sure.end(), same.begin(), same.end());
    const auto altered = fate == Fate::stored ? match_in_order(found.wanted, found.candidates, matching)
                                              : match_altered(found.wanted, found.candidates, matching);
    matching.sure.insert(matching.sure.end(), altered.begin(), altered.end());
  }
  const auto resized = match_resized(found.wanted, found.candidates, matching);
  matching.sure.insert(matching.sure.end(), resized.begin(), resized.end());
  const std::uint64_t ours = mailbox_.bound_from(first) + entries.size();
  if (fate == Fate::stored && found.candidates.size() == entries.size() && mailbox_.opened().uidnext == first + ours) {
    const auto rest = match_headers_in_order(found.wanted, found.candidates, matching);
    matching.sure.insert(matching.sure.end(), rest.begin(), rest.end());
  }
  found.matches = std::move(matching.sure);
  co_return found;
}

Task<Result<std::vector<Entry>>> Reconcile::look(std::vector<Entry> entries, std::uint32_t first, Fate fate) {
  auto seen = co_await find(entries, first, fate);
  if (!seen) co_return fail(seen.error());
  std::vector<Binding> bindings;
  std::set<std::size_t> found;
  for (const Match& match : seen->matches) {
    const Candidate& there = seen->candidates[match.candidate];
    found.insert(match.wanted);
    bindings.push_back(mailbox_.binding(seen->wanted[match.wanted].place, there.uid,
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
  Context& context = mailbox_.context();
  std::vector<Resent>& all = context.resent[mailbox_.source().id];
  for (; !all.empty(); all.pop_back()) {
    const Resent& resent = all.back();
    // A wall clock that went back must not stretch the wait.
    const auto rest =
        std::min<std::chrono::milliseconds>(resent.settled - context.scheduler.wall(), context.options.settle);
    if (rest > std::chrono::milliseconds(0)) {
      auto slept = co_await sleep(context.scheduler, rest, context.wait);
      if (!slept) co_return slept;
    }
    auto opened = co_await mailbox_.open();
    if (!opened) co_return opened;
    auto seen = co_await find(resent.entries, resent.first, Fate::unknown);
    if (!seen) co_return fail(seen.error());
    UidSet uids;
    for (const Match& match : seen->matches) uids.add(seen->candidates[match.candidate].uid);
    if (uids.empty()) continue;
    context.problem(Error(ErrorKind::server_bug, "the target stored a message late that had been sent again: UIDs " +
                                                     uids.to_string() + " are second copies")
                        .remedy("compare and delete one of each; Postern deletes nothing here")
                        .at(mailbox_.name().display()));
  }
  co_return {};
}

}  // namespace postern::sync
