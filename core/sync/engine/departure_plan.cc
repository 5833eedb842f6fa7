#include "core/sync/engine/departure_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/bytes.h"
#include "core/sync/engine/entry_reader.h"
#include "core/sync/engine/origin.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 10'000;
constexpr std::uint32_t kLongLine = 0xffffffff;
constexpr std::uint32_t kLastUid = 0xffffffff;

std::string in_words(GuardHold::Reason reason, std::uint64_t deletions, std::uint64_t of) {
  const std::string count = std::to_string(deletions) + " of " + std::to_string(of) + " messages vanished";
  switch (reason) {
    case GuardHold::Reason::many:
      return count + " at once";
    case GuardHold::Reason::emptied:
      return "the mailbox became empty: " + count;
    case GuardHold::Reason::mailboxes_vanished:
      return "several mailboxes vanished at once: " + count;
    case GuardHold::Reason::other_account:
      return "the source is not the account that filled the vault: " + count;
    case GuardHold::Reason::server_reverted:
      return "the source went back to an earlier state: " + count;
  }
  return count;
}

bool is_trash(const MailboxRecord& mailbox) {
  return std::any_of(mailbox.attributes.begin(), mailbox.attributes.end(),
                     [](const std::string& attribute) { return ascii_iequals(attribute, "\\Trash"); });
}

/// The hold was written before the history said that anything vanished, and that has yet to become durable.
bool is_compared_still(const MailboxRecord& source, const GuardHold& hold) {
  return hold.reason == GuardHold::Reason::server_reverted && source.cursor &&
         source.cursor->uidnext == kUidnextToCompare;
}

/// One mailbox of the source that has a mailbox on the target.
struct Leaving {
  const MailboxRecord* source = nullptr;
  const TargetMailboxRecord* target = nullptr;
  const GuardHold* hold = nullptr;  // of the current generation
  bool gone = false;
  PendingDeletions pending;
  UidSet before;                       // what was there before these left
  std::vector<PlacedObject> vanished;  // that may have been moved
};

class Planner {
 public:
  Planner(Context& context, TargetId target, const HistoryFold& fold, const std::vector<MailboxRecord>& mailboxes,
          const std::map<MailboxId, TargetMailboxRecord>& recorded)
      : context_(context), target_(target), fold_(fold), mailboxes_(mailboxes), recorded_(recorded) {}

  Task<Result<std::map<MailboxId, Departures>>> run();

 private:
  Task<Result<void>> know_origin();
  Task<Result<void>> release_all();
  std::map<MailboxId, Departures> moves_alone();
  Task<Result<void>> gather(const MailboxRecord& source);
  Task<Result<UidSet>> bound(const Leaving& leaving, const UidSet& uids);
  Task<Result<std::uint64_t>> count_bound(const Leaving& leaving, std::uint64_t enough);
  Task<Result<void>> find_moves();
  std::vector<Move> pair(std::vector<PlacedObject> vanished, std::vector<PlacedObject> arrived) const;
  Task<Result<std::vector<PlacedObject>>> appeared(const std::set<Digest>& digests);
  Task<Result<void>> judge();
  Task<Result<void>> apply(const Leaving& leaving, GuardVerdict verdict);
  void report(const Leaving& leaving, const GuardVerdict& verdict, std::uint64_t of);
  const MailboxWork* work_of(const MailboxRecord& source) const;
  /// Mailboxes of the source may share one of the target.
  bool merges() const {
    const auto& rule = context_.options.merges;
    return rule && std::any_of(mailboxes_.begin(), mailboxes_.end(), [&rule](const MailboxRecord& one) {
             return rule(one.name.display(), one.name.delimiter());
           });
  }
  bool keeps() const { return context_.options.deletes == Deletes::keep; }
  bool followed(const MailboxRecord& one) const { return one.selectable && context_.wants(one.name); }

  Context& context_;
  TargetId target_;
  const HistoryFold& fold_;
  const std::vector<MailboxRecord>& mailboxes_;
  const std::map<MailboxId, TargetMailboxRecord>& recorded_;
  std::map<MailboxId, GuardHold> holds_;
  bool other_account_ = false;
  std::vector<Leaving> leaving_;
  std::map<MailboxId, std::uint64_t> moved_away_;
  Vault::TargetChanges changes_;
  std::map<MailboxId, Departures> departures_;
};

Task<Result<std::map<MailboxId, Departures>>> Planner::run() {
  auto holds = co_await context_.vault.guard_holds(target_);
  if (!holds) co_return fail(holds.error());
  for (GuardHold& one : *holds) holds_.emplace(one.mailbox, std::move(one));
  auto known = co_await know_origin();
  if (!known) co_return fail(known.error());
  if (keeps()) {
    auto released = co_await release_all();
    if (!released) co_return fail(released.error());
    if (!merges()) co_return std::move(departures_);
  }
  for (const MailboxRecord& one : mailboxes_) {
    auto gathered = co_await gather(one);
    if (!gathered) co_return fail(gathered.error());
  }
  if (keeps() || !other_account_) {
    auto found = co_await find_moves();
    if (!found) co_return fail(found.error());
  }
  if (keeps()) co_return moves_alone();
  auto judged = co_await judge();
  if (!judged) co_return fail(judged.error());
  if (!changes_.hold.empty() || !changes_.release.empty()) {
    auto held = co_await context_.vault.commit_target(target_, std::move(changes_));
    if (!held) co_return fail(held.error());
  }
  std::erase_if(departures_, [](const auto& one) { return one.second.empty(); });
  co_return std::move(departures_);
}

/// The account is taken for another one until a person has let through a deletion that was held for that, or has said
/// that it is the same.
Task<Result<void>> Planner::know_origin() {
  auto own = co_await is_own_source(context_);
  if (!own) co_return fail(own.error());
  const bool believed = *own || std::any_of(holds_.begin(), holds_.end(), [](const auto& one) {
    return one.second.reason == GuardHold::Reason::other_account && one.second.acknowledged;
  });
  other_account_ = !believed;
  const std::string& origin = context_.options.origin;
  if (!believed || origin.empty()) co_return {};
  auto known = co_await context_.vault.origin();
  if (!known) co_return fail(known.error());
  if (*known == origin) co_return {};
  auto set = co_await context_.vault.set_origin(origin);
  co_return set;
}

/// What was held stays on the target, as what vanishes now does.
Task<Result<void>> Planner::release_all() {
  if (holds_.empty()) co_return {};
  for (const auto& [mailbox, hold] : holds_) changes_.release.push_back(mailbox);
  holds_.clear();
  auto released = co_await context_.vault.commit_target(target_, std::exchange(changes_, {}));
  co_return released;
}

std::map<MailboxId, Departures> Planner::moves_alone() {
  std::map<MailboxId, Departures> moved;
  for (auto& [mailbox, departures] : departures_) {
    if (!departures.moves.empty()) moved[mailbox].moves = std::move(departures.moves);
  }
  return moved;
}

const MailboxWork* Planner::work_of(const MailboxRecord& source) const {
  const auto found = fold_.work().find(source.id);
  return found == fold_.work().end() ? nullptr : &found->second;
}

/// Which bound messages of a mailbox have vanished.
Task<Result<void>> Planner::gather(const MailboxRecord& source) {
  const auto recorded = recorded_.find(source.id);
  if (recorded == recorded_.end() || !followed(source)) co_return {};
  const MailboxWork* work = work_of(source);
  const bool current = work && work->uidvalidity == source.uidvalidity;
  if (current) departures_[source.id].returned = work->returned;
  if (source.present && work && work->created) {
    auto known = co_await context_.vault.known_uids(source.id, source.uidvalidity);
    if (!known) co_return fail(known.error());
    departures_[source.id].returned = std::move(*known);
  }
  if (context_.options.deletes == Deletes::trash && is_trash(source)) co_return {};  // it is there already
  const auto held = holds_.find(source.id);
  Leaving leaving;
  leaving.source = &source;
  leaving.target = &recorded->second;
  // Under another UIDVALIDITY what vanished is not known: what was held of the old one stays on the target.
  if (held != holds_.end() && held->second.uidvalidity == source.uidvalidity) leaving.hold = &held->second;
  if (held != holds_.end() && !leaving.hold) changes_.release.push_back(source.id);
  leaving.gone = !source.present && (leaving.hold || (work && work->gone));
  const bool comparing = leaving.hold && is_compared_still(source, *leaving.hold);
  UidSet candidates;
  if (leaving.hold) candidates = leaving.hold->uids;
  if (current) candidates = candidates.united(work->vanished);
  if (candidates.empty() && !leaving.gone) co_return {};
  auto known = co_await context_.vault.known_uids(source.id, source.uidvalidity);
  if (!known) co_return fail(known.error());
  if (leaving.gone) candidates = candidates.united(*known);
  auto there = co_await bound(leaving, candidates);
  if (!there) co_return fail(there.error());
  UidSet vanished;
  for (const UidSet& part : there->split(kPage, kLongLine)) {
    auto entries = co_await entries_of(context_.vault, source.id, source.uidvalidity, part);
    if (!entries) co_return fail(entries.error());
    for (const Entry& entry : *entries) {
      const bool to_compare = comparing && leaving.hold->uids.contains(entry.place.uid);
      if (!entry.vanished && !leaving.gone && !to_compare) continue;  // it is back
      vanished.add(entry.place.uid);
      if (!leaving.hold || !leaving.hold->uids.contains(entry.place.uid))
        leaving.vanished.push_back({entry.place, entry.digest});
    }
  }
  leaving.before = known->united(vanished);
  const UidSet of_hold = leaving.hold ? vanished.intersected(leaving.hold->uids) : UidSet();
  // What a person let through before the comparison came to its end is not what will have vanished.
  const bool acknowledged = leaving.hold && leaving.hold->acknowledged && !comparing;
  leaving.pending.mailbox = source.id;
  leaving.pending.vanished = vanished.without(of_hold);
  (acknowledged ? leaving.pending.acknowledged : leaving.pending.held) = of_hold;
  if (leaving.hold) leaving.pending.held_for = leaving.hold->reason;
  leaving.pending.gone = leaving.gone && !acknowledged;
  const std::uint32_t uidnext = source.cursor ? source.cursor->uidnext : 0;
  leaving.pending.reverted = uidnext != 0 && !vanished.empty() && vanished.max().value() >= uidnext;
  leaving_.push_back(std::move(leaving));
  co_return {};
}

/// Those of `uids` that stand for a message of the target mailbox as it was followed last, without those that Postern
/// itself deleted at the source.
Task<Result<UidSet>> Planner::bound(const Leaving& leaving, const UidSet& uids) {
  UidSet found;
  for (const UidRange& range : uids.ranges()) {
    std::uint64_t from = range.first;
    while (from <= range.last) {
      auto page = co_await context_.vault.bindings(target_, leaving.source->id, leaving.source->uidvalidity,
                                                   {static_cast<std::uint32_t>(from), range.last}, kPage);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      for (const Binding& one : *page) {
        const bool cleared = one.leaving;
        if (!cleared && one.target_uidvalidity == leaving.target->uidvalidity) found.add(one.place.uid);
      }
      from = std::uint64_t{page->back().place.uid.value()} + 1;
    }
  }
  co_return found;
}

/// The bound messages that there were before these left. Those that vanished earlier and were kept would make any share
/// of the mailbox look small. Counts no further than `enough`.
Task<Result<std::uint64_t>> Planner::count_bound(const Leaving& leaving, std::uint64_t enough) {
  std::uint64_t count = 0;
  std::uint64_t from = 1;
  while (from <= kLastUid && count < enough) {
    auto page = co_await context_.vault.bindings(target_, leaving.source->id, leaving.source->uidvalidity,
                                                 {static_cast<std::uint32_t>(from), kLastUid}, kPage);
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    for (const Binding& one : *page) {
      const bool there = one.target_uidvalidity == leaving.target->uidvalidity;
      if (there && leaving.before.contains(one.place.uid)) ++count;
    }
    from = std::uint64_t{page->back().place.uid.value()} + 1;
  }
  co_return count;
}

Task<Result<void>> Planner::find_moves() {
  std::vector<PlacedObject> vanished;
  std::set<Digest> digests;
  for (Leaving& one : leaving_) {
    for (const PlacedObject& object : one.vanished) digests.insert(object.digest);
    vanished.insert(vanished.end(), one.vanished.begin(), one.vanished.end());
  }
  if (vanished.empty()) co_return {};
  auto arrived = co_await appeared(digests);
  if (!arrived) co_return fail(arrived.error());
  for (const Move& move : pair(std::move(vanished), std::move(*arrived))) {
    departures_[move.to.mailbox].moves.push_back(move);
    const auto from = std::find_if(leaving_.begin(), leaving_.end(),
                                   [&](const Leaving& one) { return one.source->id == move.from.mailbox; });
    from->pending.vanished.remove(move.from.uid);
    ++moved_away_[move.from.mailbox];
  }
  co_return {};
}

/// With `keep` nothing leaves a target mailbox, but a message may change hands within one (merge: true).
std::vector<Move> Planner::pair(std::vector<PlacedObject> vanished, std::vector<PlacedObject> arrived) const {
  if (!keeps()) return pair_moves(std::move(vanished), std::move(arrived));
  std::map<MailboxId, std::string> targets;
  for (const auto& [source, record] : recorded_) targets.emplace(source, record.name.wire());
  return pair_moves_within(std::move(vanished), std::move(arrived), targets);
}

/// What was entered since, of these contents, whether it is on the target already or not.
Task<Result<std::vector<PlacedObject>>> Planner::appeared(const std::set<Digest>& digests) {
  std::vector<PlacedObject> found;
  for (const MailboxRecord& one : mailboxes_) {
    const MailboxWork* work = work_of(one);
    if (!work || !one.present || !followed(one) || work->uidvalidity != one.uidvalidity) continue;
    for (const UidSet& part : work->appeared.split(kPage, kLongLine)) {
      auto entries = co_await entries_of(context_.vault, one.id, one.uidvalidity, part);
      if (!entries) co_return fail(entries.error());
      for (const Entry& entry : *entries) {
        const bool marked = entry.flags.contains("\\Deleted") && context_.options.deletes != Deletes::mirror;
        const bool unwanted = entry.vanished || marked;
        if (!unwanted && digests.contains(entry.digest)) found.push_back({entry.place, entry.digest});
      }
    }
  }
  co_return found;
}

Task<Result<void>> Planner::judge() {
  std::vector<PendingDeletions> pending;
  for (Leaving& one : leaving_) {
    const std::uint64_t moved = moved_away_[one.source->id];
    const std::uint64_t leave = one.pending.vanished.size() + one.pending.held.size() + one.pending.acknowledged.size();
    // More than this many times what leaves is more than any limit asks for.
    const GuardLimits& limits = context_.options.guard;
    const std::uint64_t enough =
        moved + limits.emptied + leave * (limits.percent == 0 ? 1 : 100 / limits.percent + 1) + 1;
    auto bound = co_await count_bound(one, leave == 0 ? 0 : enough);
    if (!bound) co_return fail(bound.error());
    one.pending.of = *bound - std::min(*bound, moved);
    pending.push_back(one.pending);
  }
  std::vector<GuardVerdict> verdicts = guard(pending, context_.options.guard, other_account_);
  for (std::size_t i = 0; i < leaving_.size(); ++i) {
    auto applied = co_await apply(leaving_[i], std::move(verdicts[i]));
    if (!applied) co_return applied;
  }
  co_return {};
}

Task<Result<void>> Planner::apply(const Leaving& leaving, GuardVerdict verdict) {
  std::optional<GuardHold> hold;
  if (verdict.reason) {
    auto of = co_await count_bound(leaving, UINT64_MAX);
    if (!of) co_return fail(of.error());
    report(leaving, verdict, *of);
    if (!verdict.hold.empty()) {
      hold = GuardHold{leaving.source->id,          target_,      *verdict.reason,
                       leaving.source->uidvalidity, verdict.hold, *of,
                       context_.scheduler.wall(),   false,        {}};
      if (leaving.hold && !leaving.hold->acknowledged) hold->since = leaving.hold->since;
      hold->detail = in_words(*verdict.reason, verdict.hold.size(), *of);
    }
  }
  Departures& departures = departures_[leaving.source->id];
  const bool undone = leaving.hold && !verdict.carry_out.intersected(leaving.hold->uids).empty();
  if (undone) {  // the vault's record lasts until its deletions are carried out
    departures.settles_hold = true;
    departures.hold = std::move(hold);
  } else if (!hold) {
    if (leaving.hold) changes_.release.push_back(leaving.source->id);
  } else if (!leaving.hold || leaving.hold->acknowledged || leaving.hold->uids != hold->uids ||
             leaving.hold->reason != hold->reason) {
    changes_.hold.push_back(std::move(*hold));
  }
  departures.deletions = std::move(verdict.carry_out);
  departures.gone = leaving.gone && !verdict.reason;
  co_return {};
}

void Planner::report(const Leaving& leaving, const GuardVerdict& verdict, std::uint64_t of) {
  context_.report.target->held += verdict.hold.size();
  context_.problem(Error(ErrorKind::permission, "the target keeps what vanished at the source: " +
                                                    in_words(*verdict.reason, verdict.hold.size(), of))
                       .scope(Scope::mailbox)
                       .remedy("look at the source; if the messages are meant to go, `postern guard ack` lets them")
                       .at(leaving.source->name.display())
                       .at(context_.options.target));
}

}  // namespace

Task<Result<std::map<MailboxId, Departures>>> plan_departures(
    Context& context, TargetId target, const HistoryFold& fold, const std::vector<MailboxRecord>& mailboxes,
    const std::map<MailboxId, TargetMailboxRecord>& recorded) {
  Planner planner(context, target, fold, mailboxes, recorded);
  auto planned = co_await planner.run();
  co_return planned;
}

}  // namespace postern::sync
