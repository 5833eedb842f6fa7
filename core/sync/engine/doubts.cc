#include "core/sync/engine/doubts.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/sync/planner/quirk.h"

namespace postern::sync {

Task<Result<void>> Doubts::load() {
  if (loaded_) co_return {};
  auto all = co_await mailbox_.context().vault.doubts(mailbox_.id(), mailbox_.source().id);
  if (!all) co_return fail(all.error());
  for (Doubt& doubt : *all) known_.emplace(doubt.place, std::move(doubt));
  loaded_ = true;
  co_return {};
}

const Doubt* Doubts::find(Place place) const {
  const auto found = known_.find(place);
  const bool here = found != known_.end() && found->second.target_uidvalidity == mailbox_.opened().uidvalidity;
  return here ? &found->second : nullptr;
}

UidSet Doubts::reported() const {
  std::vector<UidRange> all;
  for (const auto& [place, doubt] : known_) {
    if (doubt.target_uidvalidity != mailbox_.opened().uidvalidity) continue;
    const std::vector<UidRange>& told = doubt.reported.ranges();
    all.insert(all.end(), told.begin(), told.end());
  }
  return UidSet::collect(std::move(all));
}

WallTime Doubts::latest() const {
  WallTime latest{};
  for (const auto& [place, doubt] : known_) latest = std::max(latest, doubt.at);
  return latest;
}

void Doubts::shown(const std::vector<Place>& places, WallTime at, Vault::TargetChanges& changes) {
  for (const Place& place : places) {
    const auto found = known_.find(place);
    if (found == known_.end() || found->second.at != at || found->second.unshown == 0) continue;
    Doubt& doubt = found->second;
    --doubt.unshown;
    if (doubt.unshown != 0 || doubt.unanswered != 0) {
      changes.doubt.push_back(doubt);
      continue;
    }
    changes.end_doubt.push_back(place);
    known_.erase(found);
  }
}

std::vector<Doubt> Doubts::note(const std::vector<Entry>& entries, const AppendInDoubt& append) {
  std::vector<Doubt> noted;
  for (const Entry& entry : entries) {
    const Doubt* before = find(entry.place);
    if (known_.size() >= kMostDoubts && !known_.contains(entry.place)) {
      log::warning(mailbox_.context().options.account + ": " + mailbox_.name().display() +
                   ": too many messages in doubt; a second copy of further ones may go unnoticed");
      break;
    }
    Doubt doubt = doubted(before ? std::optional(*before) : std::nullopt, entry.place, entry.digest, append);
    known_.insert_or_assign(entry.place, doubt);
    noted.push_back(std::move(doubt));
  }
  return noted;
}

/// None when the place holds another message now, or none.
Task<Result<std::optional<Entry>>> Doubts::entry_of(const Doubt& doubt) {
  const Place& place = doubt.place;
  const UidRange one{place.uid.value(), place.uid.value()};
  std::optional<Entry> entry;
  if (doubt.target_uidvalidity != mailbox_.opened().uidvalidity) co_return entry;
  auto found = co_await mailbox_.context().vault.entries(place.mailbox, place.uidvalidity, one, 1);
  if (!found) co_return fail(found.error());
  if (!found->empty() && found->front().digest == doubt.digest) entry = std::move(found->front());
  co_return entry;
}

Task<Result<std::optional<Binding>>> Doubts::binding_of(Place place) {
  const UidRange one{place.uid.value(), place.uid.value()};
  auto held = co_await mailbox_.context().vault.bindings(mailbox_.id(), place.mailbox, place.uidvalidity, one, 1);
  if (!held) co_return fail(held.error());
  if (held->empty()) co_return std::nullopt;
  mailbox_.note_cleared(held->front());
  co_return std::move(held->front());
}

bool Doubts::is_here(const std::optional<Binding>& binding) const {
  return binding && binding->target_uidvalidity == mailbox_.opened().uidvalidity;
}

Task<Result<Doubts::Unbound>> Doubts::unbound() {
  Unbound unbound{{}, UINT32_MAX};
  for (const auto& [place, doubt] : known_) {
    auto entry = co_await entry_of(doubt);
    if (!entry) co_return fail(entry.error());
    if (!*entry || place.uidvalidity != mailbox_.source().uidvalidity) continue;
    auto binding = co_await binding_of(place);
    if (!binding) co_return fail(binding.error());
    const bool is_lost = *binding && (*binding)->target_uidvalidity == kNowhere;
    if (is_here(*binding) || ((*entry)->vanished && !is_lost)) continue;
    unbound.first = std::min(unbound.first, doubt.target_uidnext);
    unbound.entries.push_back(*std::move(*entry));
  }
  co_return unbound;
}

Task<Result<std::vector<Doubts::Bound>>> Doubts::bound() {
  std::vector<Bound> bound;
  for (const auto& [place, doubt] : known_) {
    auto entry = co_await entry_of(doubt);
    if (!entry) co_return fail(entry.error());
    if (!*entry) continue;
    auto binding = co_await binding_of(place);
    if (!binding) co_return fail(binding.error());
    if (is_here(*binding)) bound.push_back({*std::move(*entry), doubt, (*binding)->target_uid});
  }
  co_return bound;
}

Task<Result<void>> Doubts::report(const std::map<Place, UidSet>& copies) {
  Context& context = mailbox_.context();
  Vault::TargetChanges changes;
  std::vector<UidRange> told;
  for (const auto& [place, uids] : copies) {
    Doubt& doubt = known_.at(place);
    uids.for_each([&, &place = place](Uid uid) {
      changes.audit.push_back({context.scheduler.wall(), AuditRecord::Action::second_copy, mailbox_.id(), place,
                               doubt.digest, mailbox_.name().display(), mailbox_.opened().uidvalidity, uid});
    });
    told.insert(told.end(), uids.ranges().begin(), uids.ranges().end());
    doubt.reported = doubt.reported.united(uids);
    changes.doubt.push_back(doubt);
  }
  if (told.empty()) co_return {};
  const UidSet all = UidSet::collect(std::move(told));
  auto done = co_await mailbox_.commit(std::move(changes));
  if (!done) co_return done;
  const std::string what = "the target stored a message late that had been sent again: UIDs " +
                           all.to_string().substr(0, 200) + " are second copies";
  log::warning(context.options.account + ": " + mailbox_.name().display() + ": " + what);
  context.tolerated(quirk::kSecondCopy, all.size());
  context.problem(Error(ErrorKind::server_bug, what)
                      .remedy("compare and delete one of each; Postern deletes nothing here")
                      .at(mailbox_.name().display()));
  co_return {};
}

/// A message that is held back may be looked for whenever it is tried again, be it in weeks.
Task<Result<void>> Doubts::end_those_over() {
  Context& context = mailbox_.context();
  Vault::TargetChanges changes;
  for (const auto& [place, doubt] : known_) {
    auto entry = co_await entry_of(doubt);
    if (!entry) co_return fail(entry.error());
    const bool held = context.quarantine.holds(place, Quarantine::Stage::append, mailbox_.id());
    const CopyWatch watch = copy_watch(doubt, context.scheduler.wall());
    const bool over = !held && (watch == CopyWatch::last || watch == CopyWatch::over);
    if (!*entry || over) changes.end_doubt.push_back(place);
  }
  for (const Place& place : changes.end_doubt) known_.erase(place);
  if (changes.end_doubt.empty()) co_return {};
  auto done = co_await mailbox_.commit(std::move(changes));
  co_return done;
}

}  // namespace postern::sync
