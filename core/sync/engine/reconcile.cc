#include "core/sync/engine/reconcile.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/io/sleep.h"
#include "core/sync/planner/quirk.h"
#include "core/sync/planner/settle.h"

namespace postern::sync {

Task<Result<std::vector<Entry>>> Reconcile::run(std::vector<Intent> intents) {
  std::vector<Entry> again;
  if (intents.empty()) co_return again;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  loaded = co_await doubts_.load();
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
      claims.sent_with.push_back(&intent);
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
  auto shown = co_await mailbox_.target().messages(UidSet::range(span.first, span.last), mailbox_.context().wait);
  if (!shown) co_return fail(shown.error());
  Refuted refuted = refuted_claims(all->claims, *wanted, *shown, mailbox_.opened().uidnext);
  auto known = co_await mailbox_.digests(refuted.ask);
  if (!known) co_return fail(known.error());
  const std::vector<Claim> others = refuted_by_digest(all->claims, *wanted, *known);
  refuted.claims.insert(refuted.claims.end(), others.begin(), others.end());
  std::vector<Binding> unbind;
  std::vector<Doubt> doubt;
  for (const Claim& claim : refuted.claims) {
    const Entry& own = all->ours[claim.own];
    unbind.push_back(mailbox_.binding(own.place, claim.uid, {}));
    const std::vector<Doubt> noted =
        doubts_.note({own}, in_doubt(*all->sent_with[claim.own], AppendInDoubt::Why::unshown));
    doubt.insert(doubt.end(), noted.begin(), noted.end());
  }
  std::uint64_t& appended = mailbox_.totals().appended;
  appended -= std::min<std::uint64_t>(appended, unbind.size());
  auto done = co_await mailbox_.unbind(std::move(unbind), std::move(doubt));
  co_return done;
}

AppendInDoubt in_doubt(const Intent& intent, AppendInDoubt::Why why) {
  return {intent.target_uidvalidity, intent.target_uidnext, intent.at, why};
}

Task<Result<std::vector<Entry>>> Reconcile::settle(Intent intent) {
  Context& context = mailbox_.context();
  // In another generation of the target mailbox the message, if it is there, may have any UID.
  const bool same = intent.target_uidvalidity == mailbox_.opened().uidvalidity;
  const std::uint32_t first = same ? intent.target_uidnext : 1;
  auto unbound = co_await unbound_entries(intent.items);
  if (!unbound) co_return fail(unbound.error());
  std::vector<Entry> missing = std::move(*unbound);
  std::set<Place> looked_for;
  for (const Entry& entry : missing) looked_for.insert(entry.place);
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
  const std::vector<Intent> ending{intent};
  auto checked = co_await flags_.check(ending, AppendedFlags::Keywords::not_known);
  if (!checked) co_return fail(checked.error());
  Vault::TargetChanges changes;
  changes.end_intent = intent.id;
  for (const Entry& entry : missing) looked_for.erase(entry.place);
  doubts_.shown({looked_for.begin(), looked_for.end()}, intent.at, changes);
  if (same) {
    const std::vector<Doubt> noted = doubts_.note(missing, in_doubt(intent, AppendInDoubt::Why::unanswered));
    changes.doubt.insert(changes.doubt.end(), noted.begin(), noted.end());
  }
  auto ended = co_await mailbox_.commit(std::move(changes));
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

Task<Result<Reconcile::Found>> Reconcile::find(std::vector<Entry> entries, std::uint32_t first, Fate fate,
                                               UidSet leave_out) {
  Found found;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  auto candidates = co_await mailbox_.unbound_from(first);
  if (!candidates) co_return fail(candidates.error());
  found.candidates = std::move(*candidates);
  std::erase_if(found.candidates, [&](const Candidate& one) { return leave_out.contains(one.uid); });
  auto wanted = co_await mailbox_.wanted(entries);
  if (!wanted) co_return fail(wanted.error());
  found.wanted = std::move(*wanted);
  const auto take_altered = [&found](Matching& matching, const std::vector<Match>& altered) {
    matching.sure.insert(matching.sure.end(), altered.begin(), altered.end());
    found.altered += altered.size();
  };
  Matching matching = match_by_identity(found.wanted, found.candidates);
  if (!matching.ask.empty()) {
    auto known = co_await mailbox_.digests(matching.ask);
    if (!known) co_return fail(known.error());
    const auto same = match_by_digest(found.wanted, found.candidates, *known, matching);
    matching.sure.insert(matching.sure.end(), same.begin(), same.end());
    const auto altered = fate == Fate::stored ? match_in_order(found.wanted, found.candidates, matching)
                                              : match_altered(found.wanted, found.candidates, matching);
    take_altered(matching, altered);
  }
  take_altered(matching, match_resized(found.wanted, found.candidates, matching));
  const std::uint64_t ours = mailbox_.bound_from(first) + entries.size();
  if (fate == Fate::stored && found.candidates.size() == entries.size() && mailbox_.opened().uidnext == first + ours) {
    take_altered(matching, match_headers_in_order(found.wanted, found.candidates, matching));
  }
  found.matches = std::move(matching.sure);
  co_return found;
}

Task<Result<std::vector<Entry>>> Reconcile::look(std::vector<Entry> entries, std::uint32_t first, Fate fate) {
  auto seen = co_await find(entries, first, fate, {});
  if (!seen) co_return fail(seen.error());
  std::vector<Binding> bindings;
  std::set<std::size_t> found;
  for (const Match& match : seen->matches) {
    const Candidate& there = seen->candidates[match.candidate];
    found.insert(match.wanted);
    bound_vanished_ = bound_vanished_ || entries[match.wanted].vanished;
    bindings.push_back(mailbox_.binding(seen->wanted[match.wanted].place, there.uid,
                                        replayable(entries[match.wanted].flags, mailbox_.flag_support())));
  }
  mailbox_.context().tolerated(quirk::kAlteredAppend, seen->altered);
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

}  // namespace postern::sync
