#include "core/sync/engine/move_run.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/bound_check.h"
#include "core/sync/engine/went_back.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kMovesPerCommand = 500;
constexpr std::uint32_t kLongLine = 0xffffffff;

/// The server said NO: it is done with the command.
bool is_refusal(const Error& error) {
  const Verdict what = verdict(error);
  return what == Verdict::skip_message || what == Verdict::skip_mailbox || error.kind() == ErrorKind::quota;
}

}  // namespace

/// Where the messages came from, as far as they are bound there.
Task<Result<std::map<Place, Binding>>> MoveRun::old_places() {
  std::map<std::pair<MailboxId, UidValidity>, UidSet> wanted;
  for (const Move& move : moves_) wanted[{move.from.mailbox, move.from.uidvalidity}].add(move.from.uid);
  std::map<Place, Binding> found;
  for (const auto& [mailbox, uids] : wanted) {
    for (const UidSet& part : uids.split(kPage, kLongLine)) {
      for (const UidRange& range : part.ranges()) {
        auto bindings =
            co_await mailbox_.context().vault.bindings(mailbox_.id(), mailbox.first, mailbox.second, range, kPage);
        if (!bindings) co_return fail(bindings.error());
        for (Binding& one : *bindings) found.emplace(one.place, std::move(one));
      }
    }
  }
  co_return found;
}

/// The moves whose old place is still taken and whose new one is, or is not.
Task<Result<MoveRun::Steps>> MoveRun::steps(bool arrived) {
  Steps found;
  auto before = co_await old_places();
  if (!before) co_return fail(before.error());
  UidSet uids;
  std::map<Uid, Place> from;
  for (const Move& move : moves_) {
    if (!before->contains(move.from) || move.to.uidvalidity != mailbox_.source().uidvalidity) continue;
    uids.add(move.to.uid);
    from.emplace(move.to.uid, move.from);
  }
  for (const UidSet& part : uids.split(kPage, kLongLine)) {
    for (const UidRange& range : part.ranges()) {
      auto rows = co_await mailbox_.rows(range, kPage);
      if (!rows) co_return fail(rows.error());
      for (TargetMailbox::Row& row : *rows) {
        if (row.entry.vanished || row.binding.has_value() != arrived) continue;
        const Place& place = from.at(row.entry.place.uid);
        found[place.mailbox].push_back({std::move(row.entry), before->at(place)});
      }
    }
  }
  co_return found;
}

/// The moves whose new place is taken, or is not, by the target mailbox that they come from.
Task<Result<std::vector<MoveRun::Departed>>> MoveRun::departed(bool arrived) {
  std::vector<Departed> groups;
  if (moves_.empty()) co_return groups;
  auto found = co_await steps(arrived);
  if (!found) co_return fail(found.error());
  if (found->empty()) co_return groups;
  auto recorded = co_await mailbox_.context().vault.target_mailboxes(mailbox_.id());
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& from : *recorded) {
    const auto group = found->find(from.source);
    if (group != found->end()) groups.push_back({std::move(from), std::move(group->second)});
  }
  co_return groups;
}

Task<Result<void>> MoveRun::run() {
  auto groups = co_await departed(false);
  if (!groups) co_return fail(groups.error());
  for (auto& [from, all] : *groups) {
    if (from.name == mailbox_.name()) {
      auto stayed = co_await stay(from, std::move(all));
      if (!stayed) co_return stayed;
      continue;
    }
    if (keeps()) continue;
    std::erase_if(all, [&from = from](const Step& one) { return one.before.target_uidvalidity != from.uidvalidity; });
    for (std::size_t at = 0; at < all.size(); at += kMovesPerCommand) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
      const auto last = first + static_cast<std::ptrdiff_t>(std::min(kMovesPerCommand, all.size() - at));
      auto carried = co_await carry(from, {first, last});
      if (!carried) co_return carried;
    }
  }
  co_return {};
}

/// Both mailboxes of the source go to this one: the message is there, and becomes the other one's.
Task<Result<void>> MoveRun::stay(const TargetMailboxRecord& from, std::vector<Step> steps) {
  if (!mailbox_.is_shared_with(from.source)) co_return {};
  Vault::TargetChanges changes;
  for (const Step& one : steps) {
    if (one.before.target_uidvalidity != mailbox_.opened().uidvalidity) continue;
    changes.bind.push_back(mailbox_.binding(one.entry.place, one.before.target_uid, one.before.agreed));
    changes.unbind.push_back(one.before.place);
  }
  if (changes.bind.empty()) co_return {};
  const std::uint64_t moved = changes.bind.size();
  auto done = co_await mailbox_.commit(std::move(changes));
  if (done) mailbox_.totals().moved += moved;
  co_return done;
}

/// Selects where `steps` come from, to take them away from there. `doubtful`: what may be other messages by now.
Task<Result<MoveRun::OldMailbox>> MoveRun::open(const TargetMailboxRecord& from, const std::vector<Step>& steps,
                                                UidSet& doubtful) {
  MailboxRecord source;
  source.id = from.source;
  TargetMailbox old(mailbox_.context(), mailbox_.target(), mailbox_.id(), std::move(source), from.name, nothing_bound_);
  auto opened = co_await old.open();
  if (!opened) {
    if (opened.error().kind() == ErrorKind::not_found) co_return OldMailbox::gone;
    if (opened.error().kind() != ErrorKind::busy && is_refusal(opened.error())) co_return OldMailbox::closed;
    co_return fail(std::move(opened.error().at(from.name.display())));
  }
  if (old.opened().uidvalidity != from.uidvalidity) co_return OldMailbox::gone;
  if (went_back(old, from)) {
    auto noted = co_await note_went_back(old);
    if (!noted) co_return fail(noted.error());
    co_return OldMailbox::went_back;
  }
  std::vector<BoundMessage> leaving;
  for (const Step& one : steps) {
    if (one.before.target_uidvalidity == from.uidvalidity) leaving.push_back({one.entry, one.before});
  }
  auto check = co_await check_bound(old, std::move(leaving));
  if (!check) co_return fail(check.error());
  doubtful = std::move(check->doubtful);
  co_return check->went_back ? OldMailbox::went_back : OldMailbox::open;
}

Task<Result<void>> MoveRun::carry(const TargetMailboxRecord& from, std::vector<Step> steps) {
  Context& context = mailbox_.context();
  const std::uint32_t first = mailbox_.uidnext();
  UidSet doubtful;
  auto there = co_await open(from, steps, doubtful);
  if (!there) co_return fail(there.error());
  std::erase_if(steps, [&doubtful](const Step& one) { return doubtful.contains(one.before.target_uid); });
  std::optional<Error> refusal;
  if (*there == OldMailbox::open && !steps.empty()) {
    Intent intent;
    intent.mailbox = mailbox_.source().id;
    intent.target_uidvalidity = mailbox_.opened().uidvalidity;
    intent.target_uidnext = first;
    intent.at = context.scheduler.wall();
    UidSet uids;
    for (const Step& one : steps) {
      intent.items.push_back({one.entry.place, one.entry.digest, one.entry.size, one.before.agreed});
      uids.add(one.before.target_uid);
    }
    auto id = co_await context.vault.put_intent(mailbox_.id(), intent);
    if (!id) co_return fail(id.error());
    intent.id = *id;
    auto outcome = co_await mailbox_.target().move(std::move(uids), mailbox_.name(), context.wait);
    if (!outcome && !is_refusal(outcome.error())) co_return fail(outcome.error());  // the intent tells the next session
    if (!outcome) refusal = outcome.error();
    auto opened = co_await mailbox_.open();
    if (!opened) co_return opened;
    auto settled = co_await arrived(from, std::move(intent), std::move(steps), outcome ? *outcome : MoveOutcome());
    if (!settled) co_return settled;
  } else {
    auto opened = co_await mailbox_.open();
    co_return opened;
  }
  if (refusal && refusal->kind() == ErrorKind::quota) co_return fail(std::move(*refusal));
  if (refusal) log::info(context.options.account + ": not moved, sent instead: " + refusal->to_string());
  co_return {};
}

/// The command has been answered: what came is bound, by the server's word once the mailbox bears it out, or by
/// looking; the rest may be sent. The old places are given up only then.
Task<Result<void>> MoveRun::arrived(const TargetMailboxRecord& from, Intent intent, std::vector<Step> steps,
                                    const MoveOutcome& outcome) {
  auto loaded = co_await mailbox_.load_bound();
  if (!loaded) co_return loaded;
  auto stated = co_await bind_stated(intent, steps, outcome);
  if (!stated) co_return fail(stated.error());
  Vault::TargetChanges changes;
  std::vector<Entry> sought;
  for (const Step& one : steps) {
    const auto uid = stated->find(one.before.target_uid);
    if (uid != stated->end() && mailbox_.is_bound(uid->second)) {
      changes.unbind.push_back(one.before.place);
      changes.audit.push_back(audit(from, one));
      continue;
    }
    sought.push_back(one.entry);
    sought.back().flags = one.before.agreed;
  }
  if (sought.empty()) changes.end_intent = intent.id;
  const std::uint64_t moved = changes.unbind.size();
  auto done = co_await mailbox_.commit(std::move(changes));
  if (!done) co_return done;
  mailbox_.totals().appended -= moved;
  mailbox_.totals().moved += moved;
  mailbox_.context().progress.replay_done += moved;
  if (sought.empty()) co_return {};
  const std::uint64_t count = sought.size();
  // Not all of them need be there: one that was gone from its old place is not moved, and the answer is OK all the
  // same.
  auto missing = co_await reconcile_.look(std::move(sought), intent.target_uidnext, Reconcile::Fate::unknown);
  if (!missing) co_return fail(missing.error());
  mailbox_.totals().appended -= count - missing->size();  // they were moved
  auto ended = co_await mailbox_.bind({}, intent.id);
  co_return ended;
}

/// Binds what COPYUID says and unbinds again what is not so. Gives the new UIDs by the old ones. Those that stay bound
/// are counted as appended.
Task<Result<std::map<Uid, Uid>>> MoveRun::bind_stated(const Intent& intent, const std::vector<Step>& steps,
                                                      const MoveOutcome& outcome) {
  std::map<Uid, Uid> stated;
  if (outcome.uidvalidity != mailbox_.opened().uidvalidity) co_return stated;
  for (const MoveOutcome::Moved& one : outcome.moved) {
    if (one.to.value() >= intent.target_uidnext && !mailbox_.is_bound(one.to)) stated.emplace(one.from, one.to);
  }
  std::vector<Binding> bindings;
  for (const Step& one : steps) {
    const auto uid = stated.find(one.before.target_uid);
    if (uid != stated.end()) bindings.push_back(mailbox_.binding(one.entry.place, uid->second, one.before.agreed));
  }
  if (bindings.empty()) co_return stated;
  const std::uint64_t count = bindings.size();
  auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return fail(bound.error());
  mailbox_.totals().appended += count;
  auto refuted = co_await reconcile_.refute({intent});
  if (!refuted) co_return fail(refuted.error());
  co_return stated;
}

Task<Result<void>> MoveRun::finish() {
  if (keeps()) co_return {};
  auto groups = co_await departed(true);
  if (!groups) co_return fail(groups.error());
  if (groups->empty()) co_return {};
  for (auto& [from, steps] : *groups) {
    auto left = co_await leave(from, std::move(steps));
    if (!left) co_return left;
  }
  auto opened = co_await mailbox_.open();
  co_return opened;
}

/// A UID that is gone already, after an answer that was lost, is no error to UID EXPUNGE. What is doubtful stays there.
Task<Result<void>> MoveRun::leave(const TargetMailboxRecord& from, std::vector<Step> steps) {
  UidSet uids, doubtful;
  auto there = co_await open(from, steps, doubtful);
  if (!there) co_return fail(there.error());
  if (*there == OldMailbox::went_back) co_return fail(compared_first(from.name));
  Vault::TargetChanges changes;
  for (const Step& one : steps) {
    changes.unbind.push_back(one.before.place);
    if (*there != OldMailbox::open || one.before.target_uidvalidity != from.uidvalidity) continue;
    if (doubtful.contains(one.before.target_uid)) continue;
    uids.add(one.before.target_uid);
    changes.audit.push_back(audit(from, one));
  }
  if (!uids.empty()) {
    auto gone = co_await mailbox_.target().expunge(std::move(uids), mailbox_.context().wait);
    if (!gone) co_return gone;
  }
  const std::uint64_t moved = changes.unbind.size();
  auto done = co_await mailbox_.commit(std::move(changes));
  if (!done) co_return done;
  mailbox_.totals().moved += moved;
  if (*there == OldMailbox::closed) report_left(from, moved);
  report_doubtful(mailbox_.context(), from.name, doubtful.size());
  co_return {};
}

void MoveRun::report_left(const TargetMailboxRecord& from, std::uint64_t messages) {
  Context& context = mailbox_.context();
  context.problem(Error(ErrorKind::permission, std::to_string(messages) +
                                                   " messages that were moved at the source stay in their old mailbox "
                                                   "too, which the target does not let be changed")
                      .scope(Scope::mailbox)
                      .remedy("give the target account the right to delete there, or delete them by hand")
                      .at(from.name.display())
                      .at(context.options.target));
}

AuditRecord MoveRun::audit(const TargetMailboxRecord& from, const Step& step) const {
  return {mailbox_.context().scheduler.wall(),
          AuditRecord::Action::moved,
          mailbox_.id(),
          step.before.place,
          step.entry.digest,
          from.name.display(),
          step.before.target_uidvalidity,
          step.before.target_uid};
}

}  // namespace postern::sync
