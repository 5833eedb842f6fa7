#include "core/sync/engine/append_run.h"

#include <algorithm>
#include <utility>

#include "core/sync/planner/append_batch.h"

namespace postern::sync {
namespace {

std::vector<Intent::Item> items_of(const std::vector<Entry>& entries) {
  std::vector<Intent::Item> items;
  for (const Entry& entry : entries) items.push_back({entry.place, entry.digest, entry.size, entry.flags});
  return items;
}

/// The vault could not read what it was to send: the message is to blame, and the connection is lost all the same.
bool is_damage(const AppendOutcome& outcome) {
  return outcome.fate == AppendOutcome::Fate::not_sent && outcome.error && outcome.error->scope() == Scope::message;
}

Error damage_cut() { return {ErrorKind::transient, "the connection was given up in the middle of a damaged message"}; }

Error why(const AppendOutcome& outcome) {
  return outcome.error.value_or(Error(ErrorKind::transient, "the connection broke while a message was appended"));
}

}  // namespace

Task<Result<void>> AppendRun::run(std::vector<Entry> entries) {
  auto fit = co_await sendable(std::move(entries));
  if (!fit) co_return fail(fit.error());
  auto sent = co_await send_all(*fit);
  if (!sent && sent.error().kind() != ErrorKind::quota) co_return sent;
  auto missing = co_await prove();
  if (!sent) co_return sent;
  if (!missing) co_return fail(missing.error());
  auto left = co_await give_up(std::move(*missing), Which::swallowed);
  if (!left) co_return fail(left.error());
  if (left->empty()) co_return {};
  sent = co_await send_all(*left);
  if (!sent) co_return sent;
  missing = co_await prove();
  if (!missing) co_return fail(missing.error());
  left = co_await give_up(std::move(*missing), Which::all);
  if (!left) co_return fail(left.error());
  co_return {};
}

/// Puts those into quarantine that the target says OK to and does not show, in this pass or in earlier ones. Gives the
/// others.
Task<Result<std::vector<Entry>>> AppendRun::give_up(std::vector<Entry> entries, Which which) {
  std::vector<Entry> others;
  for (Entry& entry : entries) {
    const Doubt* doubt = reconcile_.doubts().find(entry.place);
    if (which == Which::swallowed && (doubt == nullptr || !is_swallowed(*doubt))) {
      others.push_back(std::move(entry));
      continue;
    }
    auto held = co_await quarantine(
        entry, Error(ErrorKind::server_bug, "the target answered OK to APPEND twice and does not show the message"));
    if (!held) co_return fail(held.error());
  }
  co_return others;
}

/// What was held back is there.
Task<Result<void>> AppendRun::release(const std::vector<Place>& places) {
  Quarantine& held = mailbox_.context().quarantine;
  for (const Place& place : places) {
    auto cleared = co_await held.clear(place, Quarantine::Stage::append, mailbox_.id());
    if (!cleared) co_return cleared;
  }
  co_return {};
}

Task<Result<void>> AppendRun::send_all(const std::vector<Entry>& entries) {
  first_ = mailbox_.uidnext();
  const BatchLimits limits;
  for (std::size_t from = 0; from < entries.size();) {
    const std::size_t length = batch_length(entries, from, limits);
    const auto first = entries.begin() + static_cast<std::ptrdiff_t>(from);
    auto fit = co_await quota_.fitting({first, first + static_cast<std::ptrdiff_t>(length)});
    if (!fit) co_return fail(fit.error());
    auto sent = co_await send(std::move(*fit));
    if (!sent) co_return sent;
    from += length;
  }
  co_return {};
}

/// Looks at what the OKs were worth, and ends the intents. Gives the entries that are not there after all.
Task<Result<std::vector<Entry>>> AppendRun::prove() {
  std::vector<Entry> missing;
  if (unproved_.empty()) co_return missing;
  auto opened = co_await mailbox_.open();
  if (!opened) co_return fail(opened.error());
  const bool all_there = proved();
  std::vector<Intent> intents = std::exchange(unproved_, {});
  std::set<Place> there;
  for (const Intent& intent : intents) {
    for (const Intent::Item& item : intent.items) there.insert(item.place);
  }
  uids_ = {};
  stored_ = found_ = 0;
  if (all_there) {
    auto checked = co_await reconcile_.flags().check(intents, AppendedFlags::Keywords::sent);
    if (!checked) co_return fail(checked.error());
    for (const Intent& intent : intents) {
      auto ended = co_await mailbox_.bind({}, intent.id);
      if (!ended) co_return fail(ended.error());
    }
  } else {
    auto again = co_await reconcile_.run(std::move(intents));
    if (!again) co_return again;
    missing = std::move(*again);
    first_ = mailbox_.uidnext();
  }
  for (const Entry& entry : missing) there.erase(entry.place);
  for (const Place& place : reconcile_.unclear()) there.erase(place);
  auto released = co_await release({there.begin(), there.end()});
  if (!released) co_return fail(released.error());
  co_return missing;
}

/// Each new UID of the mailbox is one that the target gave to us.
bool AppendRun::proved() const {
  if (mailbox_.uidnext() - first_ != stored_ || uids_.size() + found_ != stored_) return false;
  return uids_.empty() || (uids_.ranges().front().first >= first_ && uids_.ranges().back().last < mailbox_.uidnext());
}

Task<Result<std::vector<Entry>>> AppendRun::sendable(std::vector<Entry> entries) {
  Context& context = mailbox_.context();
  const auto limit = mailbox_.target().features().append_limit;
  auto loaded = co_await reconcile_.doubts().load();
  if (!loaded) co_return fail(loaded.error());
  std::vector<Entry> worth;
  std::vector<Entry> swallowed;  // and not held back yet: the pass that found out was interrupted
  for (Entry& entry : entries) {
    const Doubt* doubt = reconcile_.doubts().find(entry.place);
    const bool held = context.quarantine.holds(entry.place, Quarantine::Stage::append, mailbox_.id());
    (doubt != nullptr && is_swallowed(*doubt) && !held ? swallowed : worth).push_back(std::move(entry));
  }
  auto given_up = co_await give_up(std::move(swallowed), Which::swallowed);
  if (!given_up) co_return fail(given_up.error());
  std::vector<Entry> fit;
  for (Entry& entry : worth) {
    if (!limit || entry.size <= *limit) {
      fit.push_back(std::move(entry));
      continue;
    }
    auto held =
        co_await quarantine(entry, Error(ErrorKind::message, std::to_string(entry.size) +
                                                                 " octets are more than the target's APPENDLIMIT of " +
                                                                 std::to_string(*limit)));
    if (!held) co_return fail(held.error());
  }
  co_return fit;
}

Task<Result<void>> AppendRun::send(std::vector<Entry> batch) {
  Context& context = mailbox_.context();
  std::vector<Sent> open;
  std::vector<Entry> entries;
  for (Entry& entry : batch) {
    auto octets = co_await context.vault.open_object(entry.digest);
    if (!octets && (octets.error().kind() == ErrorKind::not_found || octets.error().scope() == Scope::message)) {
      auto held = co_await quarantine(entry, octets.error());
      if (!held) co_return held;
      continue;
    }
    if (!octets) co_return fail(octets.error());
    entries.push_back(entry);
    open.push_back({std::move(entry), std::move(*octets)});
  }
  if (open.empty()) co_return {};
  auto intent = co_await put_intent(entries);
  if (!intent) co_return fail(intent.error());
  const bool at_once = open.size() == 1 || mailbox_.target().features().multiappend;
  auto sent = at_once ? co_await send_at_once(std::move(*intent), std::move(open))
                      : co_await send_one_by_one(std::move(*intent), std::move(open));
  co_return sent;
}

/// Names `entries` as on their way to new UIDs: those from the last proof on, for what was stated since may be wrong.
Task<Result<Intent>> AppendRun::put_intent(const std::vector<Entry>& entries) {
  Context& context = mailbox_.context();
  Intent intent;
  intent.mailbox = mailbox_.source().id;
  intent.target_uidvalidity = mailbox_.opened().uidvalidity;
  intent.target_uidnext = first_;
  intent.at = context.scheduler.wall();
  intent.items = items_of(entries);
  auto id = co_await context.vault.put_intent(mailbox_.id(), intent);
  if (!id) co_return fail(id.error());
  intent.id = *id;
  co_return intent;
}

std::vector<AppendItem> AppendRun::to_send(const std::vector<Sent>& batch) const {
  std::vector<AppendItem> items;
  for (const Sent& one : batch) {
    FlagSet flags = replayable(one.entry.flags, mailbox_.flag_support());
    if (without_keywords_.contains(one.entry.place)) flags = flags.without_keywords();
    InternalDate date = one.entry.internaldate;
    if (with_other_date_.contains(one.entry.place)) date = other_date(one.entry).value_or(date);
    items.push_back({one.octets.get(), std::move(flags), date});
  }
  return items;
}

Task<Result<void>> AppendRun::send_at_once(Intent intent, std::vector<Sent> batch) {
  const AppendOutcome outcome =
      co_await mailbox_.target().append(mailbox_.name(), to_send(batch), mailbox_.context().wait);
  std::vector<Entry> entries;
  for (Sent& one : batch) entries.push_back(std::move(one.entry));
  batch.clear();
  switch (outcome.fate) {
    case AppendOutcome::Fate::stored: {
      std::vector<Uid> uids = believable(outcome, entries.size());
      auto bound = co_await stored(std::move(intent), std::move(entries), std::move(uids));
      co_return bound;
    }
    case AppendOutcome::Fate::refused: {
      auto ended = co_await mailbox_.bind({}, intent.id);
      if (!ended) co_return ended;
      auto done = co_await refused(std::move(entries), why(outcome));
      co_return done;
    }
    case AppendOutcome::Fate::not_sent: {
      auto ended = co_await mailbox_.bind({}, intent.id);
      if (!ended) co_return ended;
      if (!is_damage(outcome)) break;
      auto found = co_await quarantine_damaged(std::move(entries));
      if (!found) co_return found;
      co_return fail(damage_cut());
    }
    case AppendOutcome::Fate::unknown:
      break;  // the intent stays: the next session finds out
  }
  co_return fail(why(outcome));
}

/// Without MULTIAPPEND: one intent and one batch of bindings for the run all the same.
Task<Result<void>> AppendRun::send_one_by_one(Intent intent, std::vector<Sent> batch) {
  std::vector<AppendOutcome> outcomes =
      co_await mailbox_.target().append_each(mailbox_.name(), to_send(batch), mailbox_.context().wait);
  Answers answers;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].octets.reset();
    if (i < outcomes.size()) answered(std::move(batch[i].entry), outcomes[i], answers);
  }
  outcomes.clear();
  if (answers.open.empty()) {
    if (answers.stored.size() != batch.size()) {
      auto narrowed = co_await only_stored(std::move(intent), answers.stored);
      if (!narrowed) co_return fail(narrowed.error());
      intent = std::move(*narrowed);
    }
    if (answers.uids.size() != answers.stored.size()) answers.uids.clear();
    if (!answers.stored.empty()) {
      auto bound = co_await stored(std::move(intent), std::move(answers.stored), std::move(answers.uids));
      if (!bound) co_return bound;
    }
  } else {
    auto bound = co_await stored_in_part(intent.id, answers);
    if (!bound) co_return bound;
  }
  for (const auto& [entry, reason] : answers.guilty) {
    auto done = answers.broken ? co_await quarantine(entry, reason) : co_await refused_alone(entry, reason);
    if (!done) co_return done;
  }
  if (answers.broken) co_return fail(std::move(*answers.broken));
  co_return {};
}

/// Some were refused or never sent: no later session is to look or wait for these.
Task<Result<Intent>> AppendRun::only_stored(Intent intent, const std::vector<Entry>& stored) {
  Intent narrowed;
  if (!stored.empty()) {
    auto put = co_await put_intent(stored);
    if (!put) co_return fail(put.error());
    narrowed = std::move(*put);
  }
  auto ended = co_await mailbox_.bind({}, intent.id);
  if (!ended) co_return fail(ended.error());
  co_return narrowed;
}

/// Sorts one message by what became of it.
void AppendRun::answered(Entry entry, const AppendOutcome& outcome, Answers& answers) {
  switch (outcome.fate) {
    case AppendOutcome::Fate::stored: {
      const std::vector<Uid> uid = believable(outcome, 1);
      answers.stored.push_back(std::move(entry));
      if (uid.empty()) return;
      mailbox_.saw_uid(uid.front());
      answers.uids.push_back(uid.front());
      return;
    }
    case AppendOutcome::Fate::refused:
      if (blames_a_message(why(outcome))) {
        answers.guilty.emplace_back(std::move(entry), why(outcome));
        return;
      }
      break;
    case AppendOutcome::Fate::not_sent:
      if (is_damage(outcome)) {
        answers.guilty.emplace_back(std::move(entry), why(outcome));
        answers.broken = damage_cut();
        return;
      }
      break;
    case AppendOutcome::Fate::unknown:
      answers.open.push_back(std::move(entry));
      break;
  }
  if (!answers.broken) answers.broken = why(outcome);
}

/// The connection ended with some of them unanswered: an intent for these alone takes the place of the whole run's, so
/// that nothing is looked or waited for that was answered or never sent; another one for those that are bound and have
/// yet to be proved. Stored ones without a UID count as unanswered.
Task<Result<void>> AppendRun::stored_in_part(IntentId intent, const Answers& answers) {
  const bool uids_known = answers.uids.size() == answers.stored.size();
  std::vector<Entry> open = answers.open;
  if (!uids_known) open.insert(open.begin(), answers.stored.begin(), answers.stored.end());
  if (uids_known && !answers.stored.empty()) {
    auto to_prove = co_await put_intent(answers.stored);
    if (!to_prove) co_return fail(to_prove.error());
  }
  auto held = co_await put_intent(open);
  if (!held) co_return fail(held.error());
  std::vector<Binding> bindings;
  for (std::size_t i = 0; i < answers.stored.size() && uids_known; ++i) {
    const Entry& entry = answers.stored[i];
    bindings.push_back(
        mailbox_.binding(entry.place, answers.uids[i], replayable(entry.flags, mailbox_.flag_support())));
  }
  const std::uint64_t appended = bindings.size();
  auto bound = co_await mailbox_.bind(std::move(bindings), intent);
  if (!bound) co_return bound;
  mailbox_.totals().appended += appended;
  mailbox_.context().progress.replay_done += appended;
  co_return {};
}

/// An APPENDUID of another UIDVALIDITY, for another number of messages or naming UIDs that were there before is not
/// believed: the messages are looked for instead.
std::vector<Uid> AppendRun::believable(const AppendOutcome& outcome, std::size_t count) {
  if (outcome.uidvalidity != mailbox_.opened().uidvalidity || outcome.uids.size() != count) return {};
  std::uint32_t least = mailbox_.uidnext();
  for (const Uid uid : outcome.uids) {
    if (uid.value() < least || uid.value() == 0 || mailbox_.is_bound(uid)) {
      contradicted_ = true;
      return {};
    }
    least = uid.value() + 1;
  }
  return outcome.uids;
}

Task<Result<void>> AppendRun::stored(Intent intent, std::vector<Entry> entries, std::vector<Uid> uids) {
  Context& context = mailbox_.context();
  stored_ += entries.size();
  if (uids.size() == entries.size()) {
    std::vector<Binding> bindings;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      bindings.push_back(
          mailbox_.binding(entries[i].place, uids[i], replayable(entries[i].flags, mailbox_.flag_support())));
      uids_.add(uids[i]);
    }
    auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
    if (!bound) co_return bound;
    unproved_.push_back(std::move(intent));
    mailbox_.totals().appended += entries.size();
    context.progress.replay_done += entries.size();
  } else {
    auto found = co_await find(intent, entries);
    if (!found) co_return found;
  }
  co_return {};
}

/// An OK without a UID that can be believed: where are the messages? Something that was believed before may be the lie.
Task<Result<void>> AppendRun::find(const Intent& intent, const std::vector<Entry>& entries) {
  auto opened = co_await mailbox_.open();
  if (!opened) co_return opened;
  if (contradicted_) {
    std::vector<Intent> open = unproved_;
    open.push_back(intent);
    auto refuted = co_await reconcile_.refute(open);
    if (!refuted) co_return refuted;
    contradicted_ = false;
  }
  auto missing = co_await reconcile_.look(entries, first_, Reconcile::Fate::stored);
  if (!missing) co_return fail(missing.error());
  if (missing->empty()) {
    found_ += entries.size();
    const std::vector<Intent> ending{intent};
    auto checked = co_await reconcile_.flags().check(ending, AppendedFlags::Keywords::sent);
    if (!checked) co_return checked;
    auto ended = co_await mailbox_.bind({}, intent.id);
    if (!ended) co_return ended;
    std::vector<Place> places;
    for (const Entry& entry : entries) places.push_back(entry.place);
    auto released = co_await release(places);
    co_return released;
  }
  // The proof fails for them: they are looked for again there, sent once more, and then given up. A pass that ended
  // here leaves the count to the next one, which would otherwise send them as if for the first time, and so on.
  Vault::TargetChanges changes;
  changes.doubt = reconcile_.doubts().note(*missing, in_doubt(intent, AppendInDoubt::Why::unshown));
  auto noted = co_await mailbox_.commit(std::move(changes));
  if (!noted) co_return noted;
  unproved_.push_back(intent);
  co_return {};
}

}  // namespace postern::sync
