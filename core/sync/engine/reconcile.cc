#include "core/sync/engine/reconcile.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "core/io/sleep.h"
#include "core/sync/planner/quirk.h"
#include "core/sync/planner/settle.h"

namespace postern::sync {
namespace {

bool is_set_aside(const Reconcile::Found& found, const Match& match) {
  return found.unread.contains(found.candidates[match.candidate].uid) ||
         std::find(found.unclear.begin(), found.unclear.end(), match.wanted) != found.unclear.end();
}

/// Nothing is concluded of what is not handed out, nor of what it may be: they count as paired until the end.
void set_aside(const Reconcile::Found& found, Matching& matching) {
  if (found.unclear.empty()) return;
  for (std::size_t i = 0; i < found.candidates.size(); ++i) {
    if (found.unread.contains(found.candidates[i].uid)) matching.sure.push_back({found.unclear.front(), i});
  }
  const std::size_t any = matching.sure.back().candidate;
  for (const std::size_t one : found.unclear) matching.sure.push_back({one, any});
}

}  // namespace

Task<Result<std::vector<Entry>>> Reconcile::run(std::vector<Intent> intents) {
  std::vector<Entry> again;
  if (intents.empty()) co_return again;
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return fail(loaded.error());
  loaded = co_await doubts_.load();
  if (!loaded) co_return fail(loaded.error());
  auto unread = co_await refute_readable(intents);
  if (!unread) co_return fail(unread.error());
  for (Intent& intent : intents) {
    auto missing = co_await settle(std::move(intent));
    if (!missing) co_return fail(missing.error());
    std::move(missing->begin(), missing->end(), std::back_inserter(again));
  }
  co_return again;
}

UidSet Reconcile::unclear_uids() const {
  UidSet uids;
  for (const Place& place : unclear_) {
    if (place.uidvalidity == mailbox_.source().uidvalidity) uids.add(place.uid);
  }
  return uids;
}

/// Once in a session.
void Reconcile::report_unread(const UidSet& unread) {
  const UidSet news = unread.without(reported_);
  if (news.empty()) return;
  reported_ = reported_.united(news);
  mailbox_.context().problem(
      TargetMailbox::not_handed_out_error(news).at(mailbox_.name().display()).at(mailbox_.context().options.target));
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
      mailbox_.note_cleared(held->front());
      claims.claims.push_back({own, held->front().target_uid});
    }
  }
  co_return claims;
}

Task<Result<void>> Reconcile::refute(const std::vector<Intent>& intents) {
  auto unread = co_await refute_readable(intents);
  if (!unread) co_return fail(unread.error());
  if (!unread->empty()) co_return fail(TargetMailbox::not_handed_out_error(*unread));
  co_return {};
}

/// A claim to what is not handed out is given up too: the message is looked for, and may be found there. Gives those
/// UIDs.
Task<Result<UidSet>> Reconcile::refute_readable(const std::vector<Intent>& intents) {
  UidSet unread;
  auto all = co_await claims_of(intents);
  if (!all) co_return fail(all.error());
  if (all->claims.empty()) co_return unread;
  auto wanted = co_await mailbox_.wanted(all->ours);
  if (!wanted) co_return fail(wanted.error());
  UidSet uids;
  for (const Claim& claim : all->claims) uids.add(claim.uid);
  const UidRange span{uids.ranges().front().first, uids.ranges().back().last};
  auto shown = co_await mailbox_.target().messages(UidSet::range(span.first, span.last), mailbox_.context().wait);
  if (!shown) co_return fail(shown.error());
  Refuted refuted = refuted_claims(all->claims, *wanted, *shown, mailbox_.opened().uidnext);
  auto known = co_await mailbox_.digests_handed_out(refuted.ask);
  if (!known) co_return fail(known.error());
  auto missing = co_await mailbox_.not_handed_out(refuted.ask, *known);
  if (!missing) co_return fail(missing.error());
  unread = std::move(*missing);
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
  for (const Claim& claim : all->claims) {
    if (unread.contains(claim.uid)) unbind.push_back(mailbox_.binding(all->ours[claim.own].place, claim.uid, {}));
  }
  std::uint64_t& appended = mailbox_.totals().appended;
  appended -= std::min<std::uint64_t>(appended, unbind.size());
  auto done = co_await mailbox_.unbind(std::move(unbind), std::move(doubt));
  if (!done) co_return fail(done.error());
  co_return unread;
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
    auto left = co_await look_at_clear(std::move(missing), first);
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
  auto whole = co_await keep_unclear(intent);
  if (!whole) co_return fail(whole.error());
  if (*whole) co_return missing;
  const std::vector<Intent> ending{intent};
  auto checked = co_await flags_.check(ending, AppendedFlags::Keywords::not_known);
  if (!checked) co_return fail(checked.error());
  Vault::TargetChanges changes;
  changes.end_intent = intent.id;
  for (const Entry& entry : missing) looked_for.erase(entry.place);
  std::erase_if(looked_for, [this](const Place& place) { return unclear_.contains(place); });
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
    if (!held->empty()) mailbox_.note_cleared(held->front());
    auto entry = co_await vault.entries(place.mailbox, place.uidvalidity, one, 1);
    if (!entry) co_return fail(entry.error());
    if (entry->empty() || entry->front().digest != item.digest) continue;
    entry->front().flags = item.flags;  // as it was sent
    unbound.push_back(std::move(entry->front()));
  }
  co_return unbound;
}

/// True when the intent stays as it is, for all of it is unclear. Else one for what is unclear takes its place.
Task<Result<bool>> Reconcile::keep_unclear(const Intent& intent) {
  Intent rest = intent;
  std::erase_if(rest.items, [this](const Intent::Item& item) { return !unclear_.contains(item.place); });
  if (rest.items.empty()) co_return false;
  if (rest.items.size() == intent.items.size()) co_return true;
  auto put = co_await mailbox_.context().vault.put_intent(mailbox_.id(), std::move(rest));
  if (!put) co_return fail(put.error());
  co_return false;
}

Task<Result<Reconcile::Found>> Reconcile::find(std::vector<Entry> entries, std::uint32_t first, Fate fate,
                                               UidSet leave_out) {
  auto found = co_await compare(std::move(entries), first, fate, std::move(leave_out));
  if (found && !found->unread.empty()) co_return fail(TargetMailbox::not_handed_out_error(found->unread));
  co_return found;
}

/// What is not handed out, and what it may be, is no match of anything but its digest.
Task<Result<Reconcile::Found>> Reconcile::compare(std::vector<Entry> entries, std::uint32_t first, Fate fate,
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
    auto known = co_await mailbox_.digests_handed_out(matching.ask);
    if (!known) co_return fail(known.error());
    auto unread = co_await mailbox_.not_handed_out(matching.ask, *known);
    if (!unread) co_return fail(unread.error());
    found.unread = std::move(*unread);
    const auto same = match_by_digest(found.wanted, found.candidates, *known, matching);
    matching.sure.insert(matching.sure.end(), same.begin(), same.end());
    found.unclear = held_back(found.wanted, found.candidates, found.unread, matching);
    set_aside(found, matching);
    const auto altered = fate == Fate::stored ? match_in_order(found.wanted, found.candidates, matching)
                                              : match_altered(found.wanted, found.candidates, matching);
    take_altered(matching, altered);
  }
  take_altered(matching, match_resized(found.wanted, found.candidates, matching));
  const std::uint64_t ours = mailbox_.bound_from(first) + entries.size();
  if (fate == Fate::stored && found.candidates.size() == entries.size() && mailbox_.opened().uidnext == first + ours) {
    take_altered(matching, match_headers_in_order(found.wanted, found.candidates, matching));
  }
  std::erase_if(matching.sure, [&](const Match& match) { return is_set_aside(found, match); });
  found.matches = std::move(matching.sure);
  co_return found;
}

Task<Result<std::vector<Entry>>> Reconcile::look(std::vector<Entry> entries, std::uint32_t first, Fate fate) {
  auto seen = co_await find(entries, first, fate, {});
  if (!seen) co_return fail(seen.error());
  auto missing = co_await bind_found(std::move(entries), std::move(*seen));
  co_return missing;
}

/// The same, when nobody knows what became of the APPEND: what is unclear is noted, and not missing.
Task<Result<std::vector<Entry>>> Reconcile::look_at_clear(std::vector<Entry> entries, std::uint32_t first) {
  auto seen = co_await compare(entries, first, Fate::unknown, {});
  if (!seen) co_return fail(seen.error());
  for (const std::size_t one : seen->unclear) unclear_.insert(entries[one].place);
  if (!seen->unclear.empty()) report_unread(seen->unread);
  auto missing = co_await bind_found(std::move(entries), std::move(*seen));
  if (missing) std::erase_if(*missing, [this](const Entry& entry) { return unclear_.contains(entry.place); });
  co_return missing;
}

/// Gives the entries that are not there.
Task<Result<std::vector<Entry>>> Reconcile::bind_found(std::vector<Entry> entries, Found seen) {
  std::vector<Binding> bindings;
  std::set<std::size_t> found;
  for (const Match& match : seen.matches) {
    const Candidate& there = seen.candidates[match.candidate];
    found.insert(match.wanted);
    bindings.push_back(mailbox_.binding(seen.wanted[match.wanted].place, there.uid,
                                        replayable(entries[match.wanted].flags, mailbox_.flag_support())));
    bound_vanished_ = bound_vanished_ || (entries[match.wanted].vanished && !bindings.back().leaving);
  }
  mailbox_.context().tolerated(quirk::kAlteredAppend, seen.altered);
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
