#include "core/sync/engine/mailbox_replay.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/adopt.h"
#include "core/sync/engine/append_run.h"
#include "core/sync/engine/cleared_mail.h"
#include "core/sync/engine/deletion_run.h"
#include "core/sync/engine/flag_run.h"
#include "core/sync/engine/move_run.h"
#include "core/sync/engine/own_flags.h"
#include "core/sync/engine/reconcile.h"
#include "core/sync/engine/second_copies.h"
#include "core/sync/engine/store_settle.h"
#include "core/sync/engine/went_back.h"
#include "core/sync/planner/rename_plan.h"
#include "core/sync/planner/verdict.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kFlagNames = 200;  // octets
constexpr std::uint32_t kLongLine = 0xffffffff;

}  // namespace

Task<Result<void>> MailboxReplay::run() {
  if (job_.departures.gone) {
    auto cleared = co_await clear_out();
    co_return cleared;
  }
  if (!job_.target.exists) {
    auto created = co_await create();
    if (!created) co_return created;
  }
  auto done = co_await attempt();
  if (done || done.error().kind() != ErrorKind::not_found) co_return done;
  auto created = co_await create_again();
  if (!created) co_return created;
  done = co_await attempt();
  co_return done;
}

/// The source's mailbox is gone: nothing is brought to the target's any more.
Task<Result<void>> MailboxReplay::clear_out() {
  TargetMailbox mailbox(context_, target_, id_, job_.source, job_.target.name, progress_, job_.sharers);
  Result<void> opened;
  if (job_.target.exists) opened = co_await mailbox.open();
  if (!opened && opened.error().kind() != ErrorKind::not_found) co_return opened;
  if (job_.target.exists && opened) {
    auto compared = co_await follow_back(mailbox);
    if (!compared) co_return compared;
    Reconcile reconcile(mailbox);
    const std::uint64_t before = progress_;
    auto again = co_await reconcile.run(std::move(job_.intents));
    if (!again) co_return fail(again.error());
    unclear_ = reconcile.unclear_uids();
    departures_left_ = departures_left_ || progress_ != before;  // what is bound only now was not planned for
    auto given_up = co_await give_up_cleared_mail(mailbox, true);
    if (!given_up) co_return given_up;
  } else {
    for (const Intent& intent : job_.intents) {
      auto ended = co_await mailbox.bind({}, intent.id);
      if (!ended) co_return ended;
    }
  }
  StoreSettle stores(mailbox);
  auto stored = co_await stores.run();
  if (!stored) co_return fail(stored.error());
  auto ended = co_await stores.end_older();
  if (!ended) co_return ended;
  DeletionRun deletions(mailbox, job_.departures, job_.trash);
  auto deleted = co_await deletions.run();
  co_return deleted;
}

/// It was listed and is gone: SELECT says so, or APPEND with [TRYCREATE]. The new mailbox has another UIDVALIDITY, so
/// that everything is compared and sent again.
Task<Result<void>> MailboxReplay::create_again() {
  log::info(context_.options.account + ": " + job_.target.name.display() +
            ": the target's mailbox is gone and is created again");
  auto created = co_await create();
  if (!created) co_return created;
  auto intents = co_await context_.vault.intents(id_);
  if (!intents) co_return fail(intents.error());
  std::erase_if(*intents, [&](const Intent& intent) { return intent.mailbox != job_.source.id; });
  job_.intents = std::move(*intents);
  job_.subscribed = false;
  co_return {};
}

Task<Result<void>> MailboxReplay::attempt() {
  not_kept_ = {};
  context_.over_quota.erase(job_.source.id);
  without_flags_ = 0;
  all_compared_ = true;
  const std::uint64_t before = progress_;
  TargetMailbox mailbox(context_, target_, id_, job_.source, job_.target.name, progress_, job_.sharers);
  auto opened = co_await mailbox.open();
  if (!opened) co_return opened;
  auto compared = co_await follow_back(mailbox);
  if (!compared) co_return compared;
  Reconcile reconcile(mailbox);
  // Intents before all else: what they stand for must be bound before anything decides to send.
  auto again = co_await reconcile.run(std::move(job_.intents));
  if (!again) co_return fail(again.error());
  departures_left_ = departures_left_ || reconcile.bound_vanished();
  for (const Entry& entry : *again) job_.touched.add(entry.place.uid);
  SecondCopies copies(mailbox, reconcile);
  auto found = co_await copies.bind_found();
  if (!found) co_return fail(found.error());
  job_.touched = job_.touched.united(found->bound);
  unclear_ = found->unclear.united(reconcile.unclear_uids());
  std::erase_if(job_.departures.moves, [this](const Move& one) { return unclear_.contains(one.to.uid); });
  StoreSettle stores(mailbox);
  auto stored = co_await stores.run();
  if (!stored) co_return fail(stored.error());
  job_.touched = job_.touched.united(*stored);
  auto contacted = co_await contact(mailbox, stores);
  if (!contacted) co_return contacted;
  OwnFlags own_flags(mailbox, *job_.record);
  auto behind = co_await own_flags.distrust();
  if (!behind) co_return behind;
  auto checked = co_await unbind_lost(mailbox, job_.departures.returned);
  if (!checked) co_return checked;
  MoveRun moves(mailbox, reconcile, job_.departures.moves);
  auto moved = co_await moves.run();
  if (!moved) co_return moved;
  auto replayed = co_await replay(mailbox, reconcile);
  if (!replayed) co_return replayed;
  auto subscribed = co_await carry_subscription();
  if (!subscribed) co_return subscribed;
  report_flags();
  auto settled = co_await moves.finish();
  if (!settled) co_return settled;
  DeletionRun deletions(mailbox, job_.departures, job_.trash);
  auto deleted = co_await deletions.run();
  if (!deleted) co_return deleted;
  const std::string keywords = context_.options.keywords.canonical();
  const bool complete = first_contact_ && all_compared_;
  const std::uint32_t uidnext = highest_known(mailbox.opened().uidnext);
  const bool grew = job_.record->uidnext < uidnext;
  if (grew) job_.record->uidnext = uidnext;
  // Touched, for a pass that was killed has bound something and not come to this. By others' mail alone nothing is
  // written.
  const bool ours = progress_ != before || !job_.touched.empty();
  if (complete || job_.record->keyword_map != keywords || (grew && ours)) {
    job_.record->adopted = job_.record->adopted || complete;
    job_.record->keyword_map = keywords;
    auto put = co_await context_.vault.put_target_mailbox(id_, *job_.record);
    if (!put) co_return put;
  }
  auto looked = co_await own_flags.look(progress_ != before);
  if (!looked) co_return looked;
  auto reported = co_await copies.report();
  co_return reported;
}

/// That CREATE says OK, or that it is there, proves no mailbox of this very name: servers take blanks away, or do not
/// tell upper from lower case. Where that may be, LIST has to show it.
Task<Result<void>> MailboxReplay::create() {
  auto created = co_await create_as_allowed();
  if (!created) co_return fail(created.error());
  made_ = *created == Creation::made;
  const MailboxName& name = job_.target.name;
  const bool doubtful =
      !made_ || job_.names->has_twin(name) || (job_.target.blanks_at_risk && name != job_.target.strict_name);
  job_.names->note(name);
  job_.sharers = job_.names->claim(name, job_.sharers->ids);
  if (!doubtful) co_return Result<void>();
  auto found = co_await find_spelling();
  co_return found;
}

/// A refusal may only say, without a code for it, that there is such a mailbox: after an answer that was lost it is
/// ours. Another name is tried where there is none.
Task<Result<Creation>> MailboxReplay::create_as_allowed() {
  auto created = co_await target_.create(job_.target.name, context_.wait);
  if (created || (created.error().scope() != Scope::mailbox && created.error().scope() != Scope::message))
    co_return created;
  auto there = co_await is_listed(job_.target.name);
  if (!there) co_return fail(there.error());
  if (*there) co_return Creation::was_there;
  const MailboxName strict = job_.target.strict_name;
  if (strict.wire().empty() || strict == job_.target.name) co_return created;
  job_.target.name = strict;
  created = co_await target_.create(strict, context_.wait);
  co_return created;
}

/// In this spelling, or in one that differs in case alone.
Task<Result<bool>> MailboxReplay::is_listed(MailboxName name) {
  auto listed = co_await target_.list(context_.wait);
  if (!listed) co_return fail(listed.error());
  const std::string folded = fold_case(name.display());
  co_return std::any_of(listed->begin(), listed->end(), [&](const ListedMailbox& one) {
    return one.selectable && fold_case(one.name.display()) == folded;
  });
}

Task<Result<void>> MailboxReplay::find_spelling() {
  auto listed = co_await target_.list(context_.wait);
  if (!listed) co_return fail(listed.error());
  const MailboxName name = job_.target.name;
  const std::string folded = fold_case(name.display());
  const MailboxName* twin = nullptr;
  for (const ListedMailbox& one : *listed) {
    if (one.name == name) co_return Result<void>();
    if (one.selectable && fold_case(one.name.display()) == folded) twin = &one.name;
  }
  if (twin != nullptr && !job_.names->is_of_another(*twin, *job_.sharers)) {
    job_.target.name = *twin;
    job_.sharers = job_.names->claim(*twin, job_.sharers->ids);
    co_return Result<void>();
  }
  if (twin != nullptr) {
    co_return fail(
        Error(ErrorKind::config, "the target does not tell \"" + name.display() + "\" from \"" + twin->display() +
                                     "\", where another mailbox of the source goes")
            .scope(Scope::mailbox)
            .remedy("give one of the two another name with mailbox_map, or leave it out with mailboxes.exclude"));
  }
  if (!job_.target.strict_name.wire().empty() && name != job_.target.strict_name) {
    job_.target.name = job_.target.strict_name;
    auto created = co_await create();
    co_return created;
  }
  co_return fail(Error(ErrorKind::server_bug, "the target says that there is such a mailbox and does not list it")
                     .scope(Scope::mailbox)
                     .remedy("give the mailbox another name with mailbox_map"));
}

/// In three ways; a target that will not have it so is reported, and asked again in the next pass.
Task<Result<void>> MailboxReplay::carry_subscription() {
  const bool wanted = job_.source.subscribed;
  const std::optional<bool> agreed = made_ ? std::nullopt : job_.record->subscribed;
  if (agreed == wanted) co_return Result<void>();
  Result<void> done;
  switch (subscription(wanted, agreed, job_.subscribed)) {
    case Subscription::leave:
      break;
    case Subscription::subscribe:
      done = co_await target_.subscribe(job_.target.name, context_.wait);
      break;
    case Subscription::unsubscribe:
      done = co_await target_.unsubscribe(job_.target.name, context_.wait);
      break;
  }
  if (!done) {
    if (verdict(done.error()) != Verdict::skip_mailbox && verdict(done.error()) != Verdict::skip_message)
      co_return done;
    context_.problem(Error(done.error()).at(context_.options.target));
    co_return Result<void>();
  }
  job_.record->subscribed = wanted;
  if (first_contact_) co_return Result<void>();  // becomes durable with the end of it
  auto put = co_await context_.vault.put_target_mailbox(id_, *job_.record);
  co_return put;
}

/// A target that was restored from a backup: before anything that is bound there is believed. Its record has room for
/// one first contact more, so that what is undone is sent again. Any of those that share the mailbox may know it: by
/// the turn of the one that had the highest UIDs the others may have filled it up.
Task<Result<void>> MailboxReplay::follow_back(TargetMailbox& mailbox) {
  bool back = job_.record && went_back(mailbox, *job_.record);
  if (mailbox.sharers().size() > 1) {
    auto recorded = co_await context_.vault.target_mailboxes(id_);
    if (!recorded) co_return fail(recorded.error());
    back = false;
    for (TargetMailboxRecord& one : *recorded) {
      back = back || (mailbox.sharers().contains(one.source) && went_back(mailbox, one));
      if (one.source == job_.source.id) job_.record = std::move(one);  // another one's turn may have found it
    }
  }
  if (!back) co_return {};
  if (job_.record) job_.record->adopted = false;
  auto compared = co_await compare_bound(mailbox);
  co_return compared;
}

/// Everything of a mailbox is compared when the target mailbox is not the one that was followed so far.
Task<Result<void>> MailboxReplay::contact(TargetMailbox& mailbox, StoreSettle& stores) {
  const std::optional<TargetMailboxRecord>& known = job_.record;
  first_contact_ = !known || !known->adopted || !(known->name == job_.target.name) ||
                   known->uidvalidity != mailbox.opened().uidvalidity;
  if (first_contact_) {
    TargetMailboxRecord record{job_.source.id, job_.target.name, mailbox.opened().uidvalidity, false};
    record.uidnext = highest_known(mailbox.opened().uidnext);
    if (known) record.keyword_map = known->keyword_map;
    record.source_name = known && !known->source_name.empty() ? known->source_name : job_.source.name.display();
    if (known) record.subscribed = known->subscribed;
    job_.record = std::move(record);
    auto put = co_await context_.vault.put_target_mailbox(id_, *job_.record);
    if (!put) co_return put;
    auto all = co_await context_.vault.known_uids(job_.source.id, job_.source.uidvalidity);
    if (!all) co_return fail(all.error());
    auto lost = co_await lost_cleared_mail(mailbox);
    if (!lost) co_return fail(lost.error());
    job_.touched = all->united(*lost);
  }
  auto plan = co_await plan_rebinding(mailbox);
  if (!plan) co_return fail(plan.error());
  if (plan->keeps_flags && job_.record->flags_read) {  // with two_way they come back from the target, by a first look
    job_.record->flags_read.reset();
    job_.record->flags_part.reset();
    auto put = co_await context_.vault.put_target_mailbox(id_, *job_.record);
    if (!put) co_return put;
  }
  auto rebound = co_await mailbox.bind(std::move(plan->bind), std::nullopt, std::move(plan->unbind));
  if (!rebound) co_return rebound;
  if (first_contact_) {
    auto adopted = co_await adopt(mailbox, stores.of_older_generations());
    if (!adopted) co_return fail(adopted.error());
    job_.touched = job_.touched.without(*adopted);
    all_compared_ = adopted->empty();
    if (!all_compared_) co_return {};  // what is not compared yet needs them again
  }
  if (first_contact_ || plan->leaves_lost) {
    auto given_up = co_await give_up_cleared_mail(mailbox);
    if (!given_up) co_return given_up;
  }
  auto ended = co_await stores.end_older();
  co_return ended;
}

Task<Result<void>> MailboxReplay::replay(TargetMailbox& mailbox, Reconcile& reconcile) {
  context_.progress.replay_total += job_.touched.size();
  AppendRun append(mailbox, reconcile);
  FlagRun flags(mailbox);
  const auto held = context_.quarantine.held(job_.source.id, job_.source.uidvalidity, Quarantine::Stage::append, id_);
  UidSet settled;
  for (const UidSet& part : job_.touched.split(kPage, kLongLine)) {
    std::vector<Entry> missing;
    for (const UidRange& range : part.ranges()) {
      auto rows = co_await mailbox.rows(range, kPage);
      if (!rows) co_return fail(rows.error());
      for (TargetMailbox::Row& row : *rows) {
        const bool gone = row.entry.vanished && !row.is_lost();
        const bool unwanted =
            gone || (!row.binding && row.entry.flags.contains("\\Deleted") && !mailbox.flag_support().deleted);
        if (unwanted || row.binding) settled.add(row.entry.place.uid);
        if (unwanted) continue;
        note_flags(row.entry, mailbox.flag_support());
        if (row.binding) {
          flags.add(row.entry, *row.binding);
        } else if (!held.aside.contains(row.entry.place.uid) && !unclear_.contains(row.entry.place.uid)) {
          missing.push_back(std::move(row.entry));
        }
      }
    }
    auto appended = co_await append.run(std::move(missing));
    if (!appended) co_return appended;
    if (!flags.is_full()) continue;
    auto told = co_await flags.run();
    if (!told) co_return told;
  }
  unclear_ = unclear_.united(reconcile.unclear_uids());
  if (append.kept_back() || !unclear_.empty()) all_compared_ = false;
  // Held back for reasons that have gone: bound or deleted since, or of an older generation.
  const auto still = context_.quarantine.held(job_.source.id, job_.source.uidvalidity, Quarantine::Stage::append, id_);
  auto cleared = co_await context_.quarantine.clear_all_but(job_.source.id, job_.source.uidvalidity,
                                                            still.aside.united(still.due).without(settled),
                                                            Quarantine::Stage::append, id_);
  if (!cleared) co_return cleared;
  auto stored = co_await flags.run();
  if (stored) flags.report_refused();
  co_return stored;
}

void MailboxReplay::note_flags(const Entry& entry, const FlagSupport& support) {
  const FlagSet lost = not_kept(entry.flags, support);
  if (lost.empty()) return;
  ++without_flags_;
  for (const std::string& flag : lost) not_kept_.insert(flag);
}

/// A person hears of it with the first copy; later passes only log it, lest each new message asked for attention.
void MailboxReplay::report_flags() {
  if (without_flags_ == 0) return;
  Error error(ErrorKind::permission, "the target's mailbox does not keep flags that " + std::to_string(without_flags_) +
                                         " messages have: " + not_kept_.to_string().substr(0, kFlagNames));
  error.scope(Scope::message).remedy("the messages are there without them; the vault keeps them");
  error.at(job_.target.name.display()).at(context_.options.target);
  if (first_contact_) return context_.problem(std::move(error));
  log::info(context_.options.account + ": " + error.to_string());
}

}  // namespace postern::sync
