#include "core/sync/engine/source_flags.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/entry_reader.h"
#include "core/sync/engine/origin.h"
#include "core/sync/engine/source_back.h"
#include "core/sync/engine/store_settle.h"
#include "core/sync/planner/mailbox_diff.h"
#include "core/sync/planner/verdict.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kUidsPerStore = 1'000;
constexpr int kRounds = 4;  // of asking for what somebody changed meanwhile; the last one without a condition
constexpr std::size_t kFlagNames = 200;  // octets

const MailboxRecord* find(const std::vector<MailboxRecord>& mailboxes, MailboxId id, UidValidity uidvalidity) {
  const auto found = std::find_if(mailboxes.begin(), mailboxes.end(), [&](const auto& one) {
    return one.id == id && one.present && one.uidvalidity == uidvalidity;
  });
  return found == mailboxes.end() ? nullptr : &*found;
}

/// Those that are not as `delta` would have them.
UidSet lacking(const UidSet& uids, const std::map<Uid, FlagReport>& seen, const FlagDelta& delta) {
  UidSet left;
  for (const auto& [uid, report] : seen) {
    if (uids.contains(uid) && !(report.flags.applied(delta) == report.flags)) left.add(uid);
  }
  return left;
}

/// Whether both sides agree on something of `delta` that the source has no more: somebody there changed it back.
bool is_changed_back(const FlagSet& now, const FlagDelta& delta, const FlagSet& agreed) {
  const FlagDelta left = now.delta_to(now.applied(delta));
  return !agreed.intersected(left.add).empty() || !(left.remove.intersected(agreed) == left.remove);
}

ModSeq latest(const std::map<Uid, FlagReport>& seen, ModSeq least) {
  for (const auto& [uid, report] : seen) least = std::max(least, report.modseq);
  return least;
}

}  // namespace

/// Whether UIDs name what is held. Of a mailbox that is to be compared first nobody knows, and one that turns out to
/// have gone back since it was pulled is noted. `stated`: UIDNEXT.
Task<Result<void>> SourceFlags::check_uids(const MailboxRecord& source, std::uint32_t stated) {
  if (!source.cursor) co_return {};
  const bool noted = source.cursor->uidnext == kUidnextToCompare;
  if (!noted && (stated == 0 || stated >= source.cursor->uidnext)) co_return {};
  if (!noted) {
    auto done = co_await note_source_back(context_.vault, source);
    if (!done) co_return done;
  }
  co_return fail(Error(ErrorKind::busy, "the source's mailbox went back to an earlier state and is compared first")
                     .scope(Scope::mailbox));
}

/// Another source under the same configuration is nobody's to write to: as the guard holds its deletions.
Task<Result<bool>> SourceFlags::is_the_account() {
  auto id = co_await context_.vault.target_id(context_.options.target);
  if (!id) co_return fail(id.error());
  id_ = *id;
  auto own = co_await is_own_source(context_);
  co_return own;
}

Task<Result<void>> SourceFlags::settle() {
  auto own = co_await is_the_account();
  if (!own) co_return fail(own.error());
  auto intents = co_await context_.vault.store_intents(id_);
  if (!intents) co_return fail(intents.error());
  std::erase_if(*intents, [](const StoreIntent& one) { return !one.at_source; });
  if (!*own) co_return {};
  Result<void> reachable;
  for (StoreIntent& intent : *intents) {
    const MailboxId mailbox = intent.mailbox;
    const UidSet uids = intent.uids;
    if (reachable && !context_.unsettled.contains(mailbox)) {
      auto settled = co_await settle(std::move(intent));
      if (settled) continue;
      reachable = session_.leave(Error(settled.error()).remedy("its flags wait, on both sides, until it can be read"));
    }
    UidSet& waiting = context_.unsettled[mailbox];
    waiting = waiting.united(uids);
  }
  co_await session_.close();
  co_return reachable;
}

/// Of a generation that is no more nothing can be said.
Task<Result<void>> SourceFlags::settle(StoreIntent intent) {
  auto mailboxes = co_await context_.vault.mailboxes();
  if (!mailboxes) co_return fail(mailboxes.error());
  Seen seen;
  if (const MailboxRecord* source = find(*mailboxes, intent.mailbox, intent.uidvalidity)) {
    auto looked = co_await look(*source, intent, seen);
    if (!looked) co_return fail(Error(looked.error()).at(source->name.display()));
  }
  const UidSet uids = intent.uids;
  auto taken = co_await take_over(std::move(intent), uids, std::move(seen));
  co_return taken;
}

/// Nothing is seen of a mailbox that was made anew, or has gone, since it was pulled.
Task<Result<void>> SourceFlags::look(MailboxRecord source, const StoreIntent& intent, Seen& seen) {
  auto writer = co_await session_.connected();
  if (!writer) co_return fail(writer.error());
  auto opened = co_await (*writer)->open(source.name, context_.wait);
  if (!opened && opened.error().kind() != ErrorKind::not_found) co_return fail(opened.error());
  if (opened && opened->uidvalidity == intent.uidvalidity) {
    auto same = co_await check_uids(source, opened->uidnext);
    if (!same) co_return same;
    auto shown = co_await read(**writer, intent.uids, seen);
    if (!shown) co_return shown;
  }
  session_.progressed();
  co_return {};
}

Task<Result<void>> SourceFlags::carry(FlagWishes wishes) {
  if (wishes.empty()) co_return {};
  auto own = co_await is_the_account();
  if (!own) co_return fail(own.error());
  if (!*own) {
    context_.problem(Error(ErrorKind::config,
                           "the source is not the account that filled the vault, so that no flags "
                           "are changed there")
                         .remedy("give the account another name in the configuration, or the source it had"));
    co_return {};
  }
  auto carried = co_await carry_each(std::move(wishes));
  co_await session_.close();
  co_return carried;
}

Task<Result<void>> SourceFlags::carry_each(FlagWishes wishes) {
  auto mailboxes = co_await context_.vault.mailboxes();
  if (!mailboxes) co_return fail(mailboxes.error());
  for (auto& [id, wish] : wishes) {
    const MailboxRecord* source = find(*mailboxes, id, wish.uidvalidity);
    if (source == nullptr) continue;
    auto carried = co_await carry(*source, std::move(wish));
    if (carried) continue;
    auto left = session_.leave(Error(carried.error()).at(source->name.display()));
    if (!left) co_return left;
  }
  co_return {};
}

Task<Result<void>> SourceFlags::carry(const MailboxRecord& source, MailboxWishes wishes) {
  auto writer = co_await session_.connected();
  if (!writer) co_return fail(writer.error());
  auto carried = co_await carry(**writer, source, std::move(wishes));
  if (carried) session_.progressed();
  co_return carried;
}

Task<Result<void>> SourceFlags::carry(SourceWriter& writer, MailboxRecord source, MailboxWishes wishes) {
  auto opened = co_await writer.open(source.name, context_.wait);
  if (!opened) co_return fail(opened.error());
  if (opened->read_only) {
    co_return fail(Error(ErrorKind::permission, "the source's mailbox is open for reading only")
                       .scope(Scope::mailbox)
                       .remedy("give the source account the right to set flags, or say flags: replay"));
  }
  if (opened->uidvalidity != source.uidvalidity || opened->uid_not_sticky) {
    log::info(context_.options.account + ": " + source.name.display() +
              ": no flags are changed: its UIDVALIDITY is another one than when it was pulled");
    co_return {};
  }
  auto same = co_await check_uids(source, opened->uidnext);
  if (!same) co_return same;
  const FlagSupport support{opened->any_keyword, opened->permanent_flags};
  for (const auto& [delta, uids] : wishes.groups.groups()) {
    for (const std::string& flag : not_kept(delta.add, support)) not_kept_.insert(flag);
    StoreIntent intent;
    intent.mailbox = source.id;
    intent.uidvalidity = source.uidvalidity;
    intent.delta = {replayable(delta.add, support), replayable(delta.remove, support)};
    intent.at_source = true;
    if (intent.delta.empty()) continue;
    for (const UidSet& part : uids.split(kUidsPerStore)) {
      intent.uids = part;
      auto told = co_await tell(writer, intent, opened->highestmodseq);
      if (!told) co_return told;
    }
  }
  report(source, wishes.first);
  auto moved = co_await reached(source.id, wishes.reached);
  co_return moved;
}

/// `selected`: HIGHESTMODSEQ as of SELECT.
Task<Result<void>> SourceFlags::tell(SourceWriter& writer, StoreIntent intent, ModSeq selected) {
  const UidSet uids = intent.uids;
  Seen seen;
  auto shown = co_await read(writer, uids, seen);
  if (!shown) co_return shown;
  intent.uids = lacking(uids, seen, intent.delta);
  const UidSet asked = intent.uids;
  if (!asked.empty()) {
    if (selected.value() != 0) intent.since = latest(seen, selected);
    intent.at = context_.scheduler.wall();
    auto id = co_await context_.vault.put_store_intent(id_, intent);
    if (!id) co_return fail(id.error());
    intent.id = *id;
    auto stored = co_await store(writer, intent, seen);
    if (!stored) co_return stored;
  }
  const UidSet left = lacking(asked, seen, intent.delta);
  context_.report.source.flag_updates += asked.size() - left.size();
  refused_messages_ += left.size();
  left.for_each([&](Uid uid) {
    const FlagDelta lost = seen.at(uid).flags.delta_to(seen.at(uid).flags.applied(intent.delta));
    for (const std::string& flag : lost.add) refused_.insert(flag);
    for (const std::string& flag : lost.remove) refused_.insert(flag);
  });
  intent.since = {};  // nobody's change has to be told from an answer that was lost
  auto taken = co_await take_over(std::move(intent), uids, std::move(seen));
  co_return taken;
}

/// `seen` is what the source shows afterwards.
Task<Result<void>> SourceFlags::store(SourceWriter& writer, const StoreIntent& intent, Seen& seen) {
  UidSet left = intent.uids;
  ModSeq since = intent.since;
  for (int round = 1; !left.empty() && round <= kRounds; ++round) {
    std::optional<ModSeq> condition;
    if (round < kRounds && since.value() != 0) condition = since;
    auto stored = co_await writer.store_flags(left, intent.delta, condition, context_.wait);
    if (!stored) {
      if (!refuses_change(stored.error())) co_return fail(stored.error());
      auto less = co_await store_less(writer, left, intent.delta, stored.error());
      if (!less) co_return less;
    }
    auto shown = co_await read(writer, left, seen);
    if (!shown) co_return shown;
    if (!stored) co_return {};
    left = lacking(stored->modified.intersected(left), seen, intent.delta);
    since = latest(seen, since);
  }
  co_return {};
}

/// A change that was refused, once more without its keywords.
Task<Result<void>> SourceFlags::store_less(SourceWriter& writer, UidSet uids, FlagDelta delta, Error refusal) {
  if (!refusal_) refusal_ = std::move(refusal);
  const FlagDelta rest{delta.add.without_keywords(), delta.remove.without_keywords()};
  if (rest.empty() || rest == delta) co_return {};
  auto stored = co_await writer.store_flags(std::move(uids), rest, std::nullopt, context_.wait);
  if (!stored && !refuses_change(stored.error())) co_return fail(stored.error());
  co_return {};
}

/// What is not there any more leaves `seen`.
Task<Result<void>> SourceFlags::read(SourceWriter& writer, UidSet uids, Seen& seen) {
  auto reports = co_await writer.flags(uids, context_.wait);
  if (!reports) co_return fail(reports.error());
  uids.for_each([&](Uid uid) { seen.erase(uid); });
  for (FlagReport& one : *reports) {
    if (uids.contains(one.uid)) seen.insert_or_assign(one.uid, std::move(one));
  }
  co_return {};
}

/// First the vault, then what both sides agree on, with the intent's end: an interruption in between leaves the intent.
Task<Result<void>> SourceFlags::take_over(StoreIntent intent, UidSet uids, Seen seen) {
  auto entries = co_await entries_of(context_.vault, intent.mailbox, intent.uidvalidity, uids);
  if (!entries) co_return fail(entries.error());
  MailboxChanges shown;
  shown.mailbox = intent.mailbox;
  shown.uidvalidity = intent.uidvalidity;
  for (const auto& [uid, report] : seen) shown.flags.push_back(report);
  shown.flags = changed_flags(std::move(shown.flags), *entries);
  if (!shown.flags.empty()) {
    auto committed = co_await context_.vault.commit(std::move(shown));
    if (!committed) co_return fail(committed.error());
  }
  // What is agreed on is in the target's words.
  const KeywordMap& keywords = context_.options.keywords;
  intent.delta = {keywords.to_target(intent.delta.add), keywords.to_target(intent.delta.remove)};
  for (auto& [uid, report] : seen) report.flags = keywords.to_target(report.flags);
  std::vector<Binding> bindings;
  std::vector<StoreSeen> messages;
  for (const UidRange& range : uids.ranges()) {
    auto bound = co_await context_.vault.bindings(id_, intent.mailbox, intent.uidvalidity, range,
                                                  range.last - range.first + std::size_t{1});
    if (!bound) co_return fail(bound.error());
    for (Binding& one : *bound) {
      const auto there = seen.find(one.place.uid);
      if (there == seen.end()) continue;
      messages.push_back({one.agreed, there->second.flags, there->second.modseq});
      bindings.push_back(std::move(one));
    }
  }
  Vault::TargetChanges changes = settled_store(intent, std::move(bindings), messages);
  if (intent.id.value() == 0) changes.end_store_intent.reset();
  if (changes.bind.empty() && !changes.end_store_intent) co_return {};
  auto announced = co_await announce(intent, changes.bind, seen);
  if (!announced) co_return announced;
  auto done = co_await context_.vault.commit_target(id_, std::move(changes));
  co_return done;
}

/// What was changed back at the source between our STORE and the pull has no row in the history: an intent brings the
/// target's mailbox to where it is told.
Task<Result<void>> SourceFlags::announce(const StoreIntent& intent, const std::vector<Binding>& bindings,
                                         const Seen& seen) {
  StoreIntent back;
  back.mailbox = intent.mailbox;
  back.delta = {intent.delta.remove, intent.delta.add};
  back.at = context_.scheduler.wall();
  for (const Binding& one : bindings) {
    if (!is_changed_back(seen.at(one.place.uid).flags, intent.delta, one.agreed)) continue;
    back.uidvalidity = one.target_uidvalidity;
    back.uids.add(one.target_uid);
  }
  if (back.uids.empty()) co_return {};
  auto put = co_await context_.vault.put_store_intent(id_, std::move(back));
  if (!put) co_return fail(put.error());
  co_return {};
}

Task<Result<void>> SourceFlags::reached(MailboxId mailbox, FlagsReached reached) {
  auto recorded = co_await context_.vault.target_mailboxes(id_);
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) {
    if (one.source != mailbox) continue;
    note_reached(one, reached);
    auto put = co_await context_.vault.put_target_mailbox(id_, std::move(one));
    co_return put;
  }
  co_return {};
}

/// What PERMANENTFLAGS lacks a person hears of once.
void SourceFlags::report(const MailboxRecord& source, bool first) {
  if (!not_kept_.empty()) {
    Error error(ErrorKind::permission, "the source's mailbox does not keep flags that messages have on the target: " +
                                           not_kept_.to_string().substr(0, kFlagNames));
    error.scope(Scope::message).remedy("they stay there").at(source.name.display());
    if (first) {
      context_.problem(std::move(error));
    } else {
      log::info(context_.options.account + ": " + error.to_string());
    }
  }
  if (refused_messages_ != 0) {
    if (!refusal_) refusal_ = Error(ErrorKind::server_bug, "the source says OK and does not do it");
    Error error(refusal_->kind(), "the source refuses changes of flags of " + std::to_string(refused_messages_) +
                                      " messages: " + refused_.to_string().substr(0, kFlagNames));
    error.server_text(refusal_->server_text())
        .remedy("they stay as they are on both sides; the source is told again when their flags change there next")
        .at(source.name.display());
    context_.problem(std::move(error));
  }
  refusal_.reset();
  refused_ = not_kept_ = {};
  refused_messages_ = 0;
}

}  // namespace postern::sync
