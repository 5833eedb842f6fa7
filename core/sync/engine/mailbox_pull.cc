#include "core/sync/engine/mailbox_pull.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/sync/engine/body_reuse.h"
#include "core/sync/engine/fetch_run.h"
#include "core/sync/engine/flag_changes.h"
#include "core/sync/engine/returning.h"
#include "core/sync/planner/cursor.h"
#include "core/sync/planner/generation.h"
#include "core/sync/planner/look.h"
#include "core/sync/planner/mailbox_diff.h"
#include "core/sync/planner/quirk.h"

namespace postern::sync {
namespace {

constexpr std::uint32_t kEveryUid = 0xffffffff;
constexpr std::size_t kFlagPage = 2'000;  // UIDs whose flags are asked for at a time
constexpr int kEnumerations = 3;          // an enumeration shorter than EXISTS is asked for again this often

}  // namespace

Task<Result<void>> MailboxPull::run() {
  auto opened = co_await open();
  if (!opened) co_return opened;
  auto found = co_await find_changes();
  if (!found) co_return found;
  context_.progress.messages_done += held_.without(vanished_).size();
  auto applied = co_await apply_vanished();
  if (!applied) co_return applied;
  if (!fetch_.empty() || !context_.reuse.to_compare(record_.id, record_.uidvalidity).empty()) {
    auto fetched = co_await fetch_bodies();
    if (!fetched) co_return fetched;
  }
  auto compared = co_await end_comparison();
  if (!compared) co_return compared;
  auto stored = co_await store_cursor();
  co_return stored;
}

Task<Result<void>> MailboxPull::fetch_bodies() {
  Returning returning(context_, pipe_, record_);
  auto loaded = co_await returning.load(fetch_);
  if (!loaded) co_return loaded;
  auto fetched = co_await bring();
  auto compared = co_await returning.compare();  // after a cut too: what came is not fetched again
  if (!compared) co_return compared;
  if (!fetched) co_return fail(fetched.error());
  if (!*fetched) {
    complete_ = false;
    context_.problem(Error(ErrorKind::server_bug, "many messages that the server lists did not come when asked for")
                         .remedy("they are asked for again in the next pass")
                         .at(record_.name.display()));
  }
  co_return {};
}

/// What is held already without its body, and then the bodies. A quarantined message is let out by its own arrival.
Task<Result<bool>> MailboxPull::bring() {
  BodyReuse reuse(context_, source_, pipe_, record_, !record_.cursor, suspects_, shares_);
  const UidSet retried = fetch_.intersected(quarantined_.due);
  auto left = co_await reuse.run(fetch_.without(retried));
  if (!left) co_return fail(left.error());
  const UidSet bodies = left->united(retried);
  if (bodies.empty()) co_return true;
  FetchRun fetch(context_, source_, pipe_, record_, bodies, suspects_, shares_);
  auto fetched = co_await fetch.run();
  not_brought_ = fetch.decided();
  co_return fetched;
}

Task<Result<void>> MailboxPull::open() {
  if (record_.uidvalidity.value() != 0) {
    auto held = co_await context_.vault.known_uids(record_.id, record_.uidvalidity);
    if (!held) co_return fail(held.error());
    held_ = std::move(*held);
  }
  if (record_.cursor && record_.cursor->uidvalidity != record_.uidvalidity) record_.cursor.reset();
  std::optional<SourceCursor> resume;
  if (source_.features().qresync && record_.cursor && record_.cursor->highestmodseq.value() != 0)
    resume = record_.cursor;
  auto opened = co_await source_.open(record_.name, resume, held_, context_.wait);
  if (!opened) co_return fail(opened.error());
  opened_ = std::move(*opened);
  exists_ = opened_.status.messages.value_or(0);
  const Generation generation =
      compare_generation({.held = record_.uidvalidity,
                          .held_uidnext = record_.cursor ? record_.cursor->uidnext : 0,
                          .stated = opened_.status.uidvalidity,
                          .stated_uidnext = opened_.status.uidnext,
                          .uid_not_sticky = opened_.uid_not_sticky,
                          .held_modseq = record_.cursor ? record_.cursor->highestmodseq : ModSeq(),
                          .stated_modseq = opened_.status.highestmodseq});
  if (generation == Generation::changed) {
    auto calm = co_await check_calm();
    if (!calm) co_return calm;
  }
  if (generation == Generation::first || generation == Generation::changed) {
    auto started = co_await start_generation();
    if (!started) co_return started;
  } else if (generation == Generation::reverted) {
    reverted_ = true;
  } else if (generation != Generation::same) {
    co_return fail(Error(ErrorKind::server_bug, hold_reason(generation))
                       .scope(Scope::mailbox)
                       .retry(Retry::never)
                       .remedy("the mailbox is held; what the vault has of it stays"));
  }
  auto cleared = co_await clear_quarantine_of_held();
  if (!cleared) co_return cleared;
  quarantined_ = context_.quarantine.held(record_.id, record_.uidvalidity, Quarantine::Stage::fetch);
  co_return {};
}

/// A server that gives new UIDs again and again would have its messages looked at again and again.
Task<Result<void>> MailboxPull::check_calm() {
  const WallTime now = context_.scheduler.wall();
  auto changes = co_await context_.vault.generation_changes(record_.id, now - kGenerationWindow);
  if (!changes) co_return fail(changes.error());
  const auto until = restless_until(*changes, now);
  if (!until) co_return {};
  const InternalDate again{std::chrono::ceil<std::chrono::seconds>(until->time_since_epoch()).count(), 0};
  co_return fail(
      Error(ErrorKind::server_bug, hold_reason(Generation::hold_restless))
          .scope(Scope::mailbox)
          .retry(Retry::never)
          .remedy("what the vault has of it stays; the mailbox is looked at again after " + again.to_rfc3339()));
}

/// What became durable in a pass that ended before it could say so.
Task<Result<void>> MailboxPull::clear_quarantine_of_held() {
  const auto all = context_.quarantine.held(record_.id, record_.uidvalidity, Quarantine::Stage::fetch);
  for (const UidSet& one : all.aside.united(all.due).intersected(held_).split(1)) {
    auto cleared =
        co_await context_.quarantine.clear({record_.id, record_.uidvalidity, one.min()}, Quarantine::Stage::fetch);
    if (!cleared) co_return cleared;
  }
  co_return {};
}

Task<Result<void>> MailboxPull::start_generation() {
  record_.uidvalidity = opened_.status.uidvalidity;
  record_.cursor.reset();
  held_ = UidSet();
  opened_.changes.reset();
  auto cleared =
      co_await context_.quarantine.clear_all_but(record_.id, record_.uidvalidity, UidSet(), Quarantine::Stage::fetch);
  if (!cleared) co_return cleared;
  auto started = co_await context_.vault.new_generation(record_.id, record_.uidvalidity);
  co_return started;
}

Task<Result<void>> MailboxPull::find_changes() {
  if (reverted_) {
    auto compared = co_await compare_all();
    co_return compared;
  }
  RungFacts facts{.cursor = record_.cursor,
                  .stated = opened_.status,
                  .condstore = source_.features().condstore,
                  .has_changes = opened_.changes.has_value(),
                  .sweep_due = true};
  if (facts.stated.uidnext == 0) facts.stated.uidnext = listed_.uidnext;
  if (facts.cursor) {
    facts.sweep_due = sweep_is_due(*facts.cursor, context_.scheduler.wall(), context_.options.flag_sweep);
  }
  switch (const Rung rung = choose_rung(facts)) {
    case Rung::qresync: {
      auto believed = co_await believe_changes(rung, opened_.changes->vanished, std::move(opened_.changes->changed));
      co_return believed;
    }
    case Rung::uidnext: {
      auto reports = co_await source_.flags({record_.cursor->uidnext, kEveryUid}, std::nullopt, context_.wait);
      if (!reports) co_return fail(reports.error());
      auto believed = co_await believe_changes(rung, UidSet(), std::move(*reports));
      co_return believed;
    }
    case Rung::condstore: {
      auto reports = co_await source_.flags({1, kEveryUid}, record_.cursor->highestmodseq, context_.wait);
      if (!reports) co_return fail(reports.error());
      if (only_arrivals(*record_.cursor, facts.stated)) {
        auto believed = co_await believe_changes(rung, UidSet(), std::move(*reports));
        co_return believed;
      }
      auto applied = co_await apply_flags(std::move(*reports));
      if (!applied) co_return applied;
      auto enumerated = co_await enumerate(quarantined_.due);
      co_return enumerated;
    }
    case Rung::enumerate:
      break;
  }
  auto enumerated = co_await enumerate(quarantined_.due);
  if (!enumerated) co_return enumerated;
  if (!sweeps_flags(facts)) co_return {};
  auto swept = co_await sweep_flags();
  co_return swept;
}

Task<Result<void>> MailboxPull::believe_changes(Rung rung, UidSet vanished, std::vector<FlagReport> reports) {
  UidSet reported = quarantined_.due.without(vanished);
  std::vector<Uid> uids;
  for (const FlagReport& report : reports) uids.push_back(report.uid);
  std::sort(uids.begin(), uids.end());
  UidSet named;
  for (const Uid uid : uids) {
    if (uid.value() != 0) named.add(uid);
  }
  reported = reported.united(named);
  auto applied = co_await apply_flags(std::move(reports));
  if (!applied) co_return applied;
  const auto plan = plan_from_changes(held_, quarantined_.aside, vanished, reported, exists_);
  if (!plan) context_.tolerated(quirk::kChangesIncomplete);
  const auto view = source_.features().view_limit;
  // What has only left a view that is cut short may be called vanished, and in any case makes the counts differ.
  if (!plan || (view && exists_ >= *view) || is_mass(held_, plan->vanished)) {
    auto enumerated = co_await enumerate(quarantined_.due);
    co_return enumerated;
  }
  ++context_.report.source.rungs[rung];
  fetch_ = plan->fetch;
  vanished_ = plan->vanished;
  no_longer_listed_ = quarantined_.aside.united(quarantined_.due).intersected(vanished);
  co_return {};
}

Task<Result<void>> MailboxPull::enumerate(UidSet due) {
  ++context_.report.source.rungs[Rung::enumerate];
  Enumeration listings({.held = held_,
                        .aside = quarantined_.aside,
                        .stated = listed_.messages,
                        .view_limit = source_.features().view_limit});
  std::uint32_t uidnext = opened_.status.uidnext;
  for (int attempt = 0; attempt < kEnumerations; ++attempt) {
    if (attempt != 0) {  // another client may have expunged meanwhile: the count has to be of the same moment
      auto again = co_await source_.open(record_.name, std::nullopt, UidSet(), context_.wait);
      if (!again) co_return fail(again.error());
      if (again->status.uidvalidity != record_.uidvalidity) {
        // The UIDs listed so far name other messages now.
        co_return fail(ErrorKind::transient, "the mailbox was made anew while it was listed");
      }
      exists_ = again->status.messages.value_or(0);
      uidnext = again->status.uidnext;
    }
    auto uids = co_await source_.uids(context_.wait);
    if (!uids) co_return fail(uids.error());
    if (uids->size() < exists_) context_.tolerated(quirk::kListingShort);
    if (uids->size() > exists_) context_.tolerated(quirk::kListingLong);
    listings.add({std::move(*uids), exists_, uidnext});
    if (listings.proof() == Enumeration::Proof::complete) break;
  }
  const Enumeration::Plan plan = listings.plan();
  fetch_ = plan.uids.fetch.united(due.intersected(listings.last().uids));
  vanished_ = plan.uids.vanished;
  no_longer_listed_ = listings.gone_of(quarantined_.aside.united(quarantined_.due));
  shown_ = listings.last().uids;
  report_enumeration(listings, plan);
  co_return {};
}

/// What the listings leave open, for a person.
void MailboxPull::report_enumeration(const Enumeration& listings, const Enumeration::Plan& plan) {
  const auto problem = [&](std::string what, std::string_view remedy) {
    context_.problem(
        Error(ErrorKind::server_bug, std::move(what)).remedy(std::string(remedy)).at(record_.name.display()));
  };
  const std::string exists = std::to_string(exists_);
  const std::uint64_t lacking = held_.without(listings.last().uids).size();
  switch (listings.proof()) {
    case Enumeration::Proof::complete:
      break;
    case Enumeration::Proof::shorter:
      problem("the server says " + exists + " messages and lists " + std::to_string(listings.last().uids.size()),
              "no deletion is inferred; the mailbox is listed again in the next pass");
      break;
    case Enumeration::Proof::unconfirmed:
      problem(std::to_string(lacking) + " messages at once were not listed, and then others were",
              "no deletion is inferred; the mailbox is listed again in the next pass");
      break;
    case Enumeration::Proof::contradicted:
      problem("STATUS says " + std::to_string(listed_.messages.value_or(0)) + " messages and EXAMINE " + exists + "; " +
                  std::to_string(lacking) + " that are held are not listed",
              "no deletion is inferred before both agree; the mailbox is listed again in the next pass");
      break;
  }
  complete_ = complete_ && listings.proof() == Enumeration::Proof::complete;
  const auto view = source_.features().view_limit;
  if (!view || exists_ < *view || (plan.unjudged.empty() && exists_ != *view)) return;
  problem("the server may show only the newest " + exists + " messages of this mailbox; of " +
              std::to_string(plan.unjudged.size()) + " that are held from below them nothing is inferred",
          "take UIDONLY out of disable, or ask the server's operator for it: it brings the whole mailbox into view");
}

/// The server was restored from a backup. What it lost has vanished, and what has the UID of a held message and is not
/// that message, by size and date, is fetched.
Task<Result<void>> MailboxPull::compare_all() {
  back_.emplace(context_, source_, pipe_, record_);
  auto noted = co_await back_->note(opened_.status);
  if (!noted) co_return noted;
  auto enumerated = co_await enumerate(quarantined_.due);
  if (!enumerated) co_return enumerated;
  const UidSet left = held_.intersected(shown_);  // of what is out of view nothing is inferred
  auto others = co_await back_->others(left);
  if (!others) co_return fail(others.error());
  fetch_ = fetch_.united(*others);
  swept_ = true;
  auto kept = co_await back_->keep_flags(*others);
  if (!kept) co_return kept;
  auto swept = co_await back_->sweep_flags(left.without(*others));
  co_return swept;
}

/// Of what stands under the UID of a held message and did not come nothing shows that it is that message: the one that
/// is held has vanished, so that the other is asked for again, as any that is quarantined, and is not taken for held.
Task<Result<void>> MailboxPull::end_comparison() {
  if (!back_ || !complete_) co_return {};
  const auto quarantined = context_.quarantine.held(record_.id, record_.uidvalidity, Quarantine::Stage::fetch);
  not_brought_ = not_brought_.united(quarantined.aside).united(quarantined.due);
  vanished_ = vanished_.united(not_brought_.intersected(held_));
  auto drained = co_await pipe_.drain();
  if (!drained) co_return drained;
  auto reported = co_await back_->report_kept();
  co_return reported;
}

Task<Result<void>> MailboxPull::sweep_flags() {
  swept_ = true;
  const UidSet known = held_.without(vanished_);
  for (const UidSet& page : known.split(kFlagPage, kEveryUid)) {
    auto reports = co_await source_.flags({page.min().value(), page.max().value()}, std::nullopt, context_.wait);
    if (!reports) co_return fail(reports.error());
    auto applied = co_await apply_flags(std::move(*reports));
    if (!applied) co_return applied;
  }
  co_return {};
}

Task<Result<void>> MailboxPull::apply_flags(std::vector<FlagReport> reports) {
  auto submitted =
      co_await submit_flag_changes(context_, pipe_, record_.id, record_.uidvalidity, held_, std::move(reports));
  co_return submitted;
}

Task<Result<void>> MailboxPull::apply_vanished() {
  for (const UidSet& one : no_longer_listed_.split(1)) {
    auto cleared =
        co_await context_.quarantine.clear({record_.id, record_.uidvalidity, one.min()}, Quarantine::Stage::fetch);
    if (!cleared) co_return cleared;
  }
  // With the cursor that shows why, lest what a restored server forgot were taken for deleted.
  if (vanished_.empty() || reverted_) co_return {};
  MailboxChanges gone = changes();
  gone.vanished = vanished_;
  pipe_.submit(std::move(gone));
  co_return {};
}

Task<Result<void>> MailboxPull::store_cursor() {
  auto drained = co_await pipe_.drain();
  if (!drained || !complete_) co_return drained;
  const SourceCursor cursor = cursor_after(record_, opened_.status, listed_, swept_, context_.scheduler.wall());
  if (record_.cursor == cursor) co_return {};
  MailboxChanges last = changes();
  last.cursor = cursor;
  if (reverted_) {
    auto held = co_await back_->hold(vanished_, held_.size());
    if (!held) co_return held;
    last.vanished = vanished_;
  }
  auto stored = co_await pipe_.commit(std::move(last));
  co_return stored;
}

MailboxChanges MailboxPull::changes() const {
  MailboxChanges changes;
  changes.mailbox = record_.id;
  changes.uidvalidity = record_.uidvalidity;
  return changes;
}

}  // namespace postern::sync
