#include "core/sync/engine/mailbox_tour.h"

#include <utility>
#include <vector>

#include "core/sync/engine/fetch_run.h"
#include "core/sync/engine/flag_changes.h"
#include "core/sync/planner/cursor.h"
#include "core/sync/planner/look.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPrepared = 128;  // mailboxes: more than one read of the socket can bring to an end …
constexpr std::size_t kFewest = 64;     // … as long as so many are left

UidSet uids_of(const std::vector<FlagReport>& reports) {
  std::vector<UidRange> uids;
  for (const FlagReport& report : reports) {
    if (report.uid.value() != 0) uids.push_back({report.uid.value(), report.uid.value()});
  }
  return UidSet::collect(std::move(uids));
}

}  // namespace

Task<Result<void>> MailboxTour::run() {
  auto toured = co_await prepare();
  if (toured && !prepared_.empty()) toured = co_await source_.tour(*this, context_.wait);
  if (!toured && is_cut(toured.error())) context_.bodies.cut();
  co_await group_.join();
  auto drained = co_await give_back_unvisited();
  if (!drained) co_return drained;  // the vault's failure weighs more than the server's
  if (error_) co_return fail(*error_);
  co_return toured;
}

// ------------------------------------------------------------------------------------------------------ preparing

Task<Result<void>> MailboxTour::prepare() {
  TaskGroup readers(context_.scheduler);
  std::vector<VisitPtr> visits;
  while (prepared_.size() + visits.size() < kPrepared) {
    auto job = jobs_.take_for_tour();
    if (!job) break;
    visits.push_back(std::make_shared<Visit>());
    visits.back()->job = std::move(*job);
    readers.spawn(prepare(visits.back()));
  }
  co_await readers.join();
  for (VisitPtr& visit : visits) {
    if (visit->plan && !error_) {
      prepared_.push_back(std::move(visit));
    } else {
      give_back(*visit, !error_);
    }
  }
  if (error_) co_return fail(*error_);
  co_return {};
}

Task<void> MailboxTour::prepare(VisitPtr visit) {
  auto gathered = co_await gather(*visit);
  if (!gathered && !error_) error_ = gathered.error();
}

Task<Result<void>> MailboxTour::gather(Visit& visit) {
  MailboxRecord& record = visit.job.record;
  TourFacts& facts = visit.facts;
  if (record.cursor && record.cursor->uidvalidity != record.uidvalidity) record.cursor.reset();
  facts.generation = record.uidvalidity;
  facts.cursor = record.cursor;
  facts.stated = visit.job.listed;
  facts.condstore = source_.features().condstore;
  facts.qresync = source_.features().qresync;
  facts.message_limit = source_.features().message_limit;
  facts.view_limit = source_.features().view_limit;
  if (record.cursor) {
    facts.sweep_due = sweep_is_due(*record.cursor, context_.scheduler.wall(), context_.options.flag_sweep);
  }
  if (record.uidvalidity.value() != 0) {
    auto held = co_await context_.vault.known_uids(record.id, record.uidvalidity);
    if (!held) co_return fail(held.error());
    facts.held = std::move(*held);
    const std::uint32_t above = record.cursor ? record.cursor->uidnext : 1;
    auto entries = co_await context_.vault.entries(record.id, record.uidvalidity, {above, 0xffffffff}, 1);
    if (!entries) co_return fail(entries.error());
    facts.entries_above = !entries->empty();
    auto quarantined = context_.quarantine.held(record.id, record.uidvalidity, Quarantine::Stage::fetch);
    facts.due = !quarantined.due.empty();
    facts.aside = std::move(quarantined.aside);
  }
  auto plan = plan_tour(facts);
  if (!plan) co_return {};
  if (record.uidvalidity.value() == 0) {
    auto started = co_await context_.vault.new_generation(record.id, facts.stated.uidvalidity);
    if (!started) co_return started;
    record.uidvalidity = facts.stated.uidvalidity;
  }
  visit.sink.emplace(context_, pipe_, record.id, record.uidvalidity, plan->bodies);
  visit.plan = std::move(plan);
  co_return {};
}

// -------------------------------------------------------------------------------------------------------- visiting

std::optional<TourStop> MailboxTour::next() {
  if (prepared_.empty()) return std::nullopt;
  under_way_.push_back(std::move(prepared_.front()));
  prepared_.pop_front();
  const Visit& visit = *under_way_.back();
  TourStop stop;
  stop.name = visit.job.record.name;
  stop.uidvalidity = visit.job.record.uidvalidity;
  if (visit.plan->kind == TourKind::qresync) {
    stop.resume = visit.facts.cursor;
    stop.known = visit.facts.held;
  }
  stop.bodies = visit.plan->bodies;
  stop.expected = visit.plan->expected;
  stop.list = visit.plan->list;
  stop.flags = visit.plan->flags;
  if (visit.plan->kind == TourKind::condstore) stop.since = visit.facts.cursor->highestmodseq;
  return stop;
}

Task<Result<void>> MailboxTour::ready(Wait wait) {
  if (!under_way_.empty()) {
    auto roomy = co_await under_way_.front()->sink->ready(wait);
    if (!roomy) co_return roomy;
  }
  if (error_) co_return fail(*error_);
  if (prepared_.size() >= kFewest) co_return {};
  auto more = co_await prepare();
  co_return more;
}

void MailboxTour::visited(TourFindings findings) {
  VisitPtr visit = std::move(under_way_.front());
  under_way_.pop_front();
  group_.spawn(settle(std::move(visit), std::move(findings)));
}

// -------------------------------------------------------------------------------------------------------- settling

Task<void> MailboxTour::settle(VisitPtr visit, TourFindings findings) {
  auto settled = co_await settle(*visit, findings);
  if (!settled && !error_) error_ = settled.error();
}

Task<Result<void>> MailboxTour::settle(Visit& visit, TourFindings& findings) {
  report_repeated(context_, visit.job.record.name, findings.repeated);
  std::optional<TourProof> proof;
  TourEvidence evidence;
  std::vector<FlagReport> reports = std::move(findings.flags);
  if (findings.complete && findings.opened) {
    OpenedMailbox& opened = *findings.opened;
    evidence.opened = opened.status;
    evidence.uid_not_sticky = opened.uid_not_sticky;
    evidence.has_changes = opened.changes.has_value();
    if (opened.changes) {
      evidence.vanished = std::move(opened.changes->vanished);
      reports = std::move(opened.changes->changed);
    }
    evidence.listed = std::move(findings.listed);
    evidence.reported = uids_of(reports);
    evidence.arrived = visit.sink->arrived();
    proof = prove_tour(visit.facts, *visit.plan, evidence);
  }
  if (!proof) {
    auto kept = co_await keep_arrived(visit);
    give_back(visit, true);
    co_return kept;
  }
  const MailboxRecord& record = visit.job.record;
  auto flagged = co_await submit_flag_changes(context_, pipe_, record.id, record.uidvalidity, visit.facts.held,
                                              std::move(reports));
  if (!flagged) co_return flagged;
  context_.progress.messages_done += visit.facts.held.without(proof->vanished).size();
  context_.progress.mailboxes_done += 1;
  ++done_;
  ++context_.report.source.rungs[visit.plan->list ? Rung::enumerate : rung_of(visit.plan->kind)];
  commit(visit, *findings.opened, std::move(*proof));
  co_return {};
}

/// The last of a mailbox in one commit: what was submitted before it is durable before it.
void MailboxTour::commit(Visit& visit, const OpenedMailbox& opened, TourProof proof) {
  const MailboxRecord& record = visit.job.record;
  MailboxChanges last;
  last.mailbox = record.id;
  last.uidvalidity = record.uidvalidity;
  last.appended = visit.sink->take();
  last.vanished = std::move(proof.vanished);
  const SourceCursor cursor =
      cursor_after(record, opened.status, visit.job.listed, proof.swept, context_.scheduler.wall());
  if (record.cursor != cursor) last.cursor = cursor;
  if (last.appended.empty() && last.vanished.empty() && !last.cursor) return;
  pipe_.submit(std::move(last));
}

void MailboxTour::give_back(Visit& visit, bool by_itself) {
  if (visit.sink) context_.progress.messages_done -= visit.sink->arrived().size();  // counted again as held
  visit.job.by_itself = by_itself;
  jobs_.add(std::move(visit.job));
}

/// Before the job is given back: another session may take it at once, and fetches what is not durable.
Task<Result<void>> MailboxTour::keep_arrived(Visit& visit) {
  visit.sink->flush();
  if (visit.sink->arrived().empty()) co_return {};
  auto durable = co_await pipe_.drain();
  co_return durable;
}

/// After a cut. The oldest may be what cuts the connection: it is pulled by itself, where that is found out.
Task<Result<void>> MailboxTour::give_back_unvisited() {
  for (const VisitPtr& visit : under_way_) visit->sink->flush();
  auto drained = co_await pipe_.drain();
  bool oldest = true;
  for (const VisitPtr& visit : std::exchange(under_way_, {})) give_back(*visit, std::exchange(oldest, false));
  for (const VisitPtr& visit : std::exchange(prepared_, {})) give_back(*visit, false);
  co_return drained;
}

}  // namespace postern::sync
