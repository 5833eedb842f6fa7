#include "core/sync/engine/fetch_run.h"

#include <utility>

#include "core/sync/planner/quirk.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kAskedAlone = 200;  // a mailbox and pass; a server that answers nothing is not asked for ever
constexpr std::uint64_t kQuarantined = 200;
constexpr int kListings = 3;  // asked for until one is complete

std::string uid_place(Uid uid) { return "UID " + std::to_string(uid.value()); }

}  // namespace

void report_repeated(Context& context, const MailboxName& name, const UidSet& repeated) {
  if (repeated.empty()) return;
  context.problem(Error(ErrorKind::server_bug,
                        "the server sent a body for the same UID twice: " + repeated.to_string().substr(0, 60))
                      .remedy("the first was kept; open the message at the source to see whether it is the right one")
                      .at(name.display()));
}

Task<Result<bool>> FetchRun::run() {
  auto complete = co_await run_all();
  report_repeated(context_, name_, repeated_);
  sink_.flush();  // also after a cut: complete messages are never fetched twice
  if (complete) {
    auto cleared = co_await clear_arrived();
    if (!cleared) co_return fail(cleared.error());
  }
  co_return complete;
}

Task<Result<bool>> FetchRun::run_all() {
  auto probed = co_await probe();
  if (!probed) co_return fail(probed.error());
  if (const UidSet rest = missing(); !rest.empty()) {
    // In one go: the source cuts it into commands and keeps the line busy.
    auto fetched = co_await (rest.size() < SharedFetch::kWorthJoining ? fetch(rest) : fetch_shared(rest));
    if (!fetched) co_return fail(fetched.error());
  }
  auto bisected = co_await bisect();
  if (!bisected) co_return bisected;
  auto asked = co_await ask_alone();
  if (!asked) co_return asked;
  co_return *bisected&&* asked;
}

/// What was in flight when the connection broke, before everything else and with nothing else in flight.
Task<Result<void>> FetchRun::probe() {
  for (;;) {
    auto judged = co_await judge();
    if (!judged) co_return judged;
    const UidSet some = suspects_.next();
    if (some.empty()) co_return {};
    auto fetched = co_await fetch(some);
    if (!fetched) co_return fetched;
    suspects_.cleared(some);
  }
}

Task<Result<void>> FetchRun::fetch(UidSet uids) {
  sink_.forget_asked();
  auto outcome = co_await source_.fetch(std::move(uids), sink_, context_.wait);
  auto taken = co_await take(std::move(outcome));
  co_return taken;
}

/// With the sessions that have nothing else to do. What one of them asked for when it broke is asked for again.
Task<Result<void>> FetchRun::fetch_shared(UidSet uids) {
  sink_.forget_asked();
  SharedFetch shared(context_, pipe_, record_, std::move(uids), suspects_);
  shares_.add(shared);
  auto outcome = co_await source_.fetch_from(shared, sink_, context_.wait);
  shares_.remove(shared);
  co_await shared.end();
  others_ = others_.united(shared.arrived());
  for (FetchOutcome& other : shared.take_outcomes()) {
    auto taken = co_await take(std::move(other));
    if (!taken) co_return taken;
  }
  auto taken = co_await take(std::move(outcome));
  if (!taken) co_return taken;
  auto probed = co_await probe();
  if (!probed) co_return probed;
  const UidSet again = shared.left_behind().intersected(missing());
  if (again.empty()) co_return {};
  auto fetched = co_await fetch(again);
  co_return fetched;
}

Task<Result<void>> FetchRun::take(Result<FetchOutcome> outcome) {
  if (!outcome) {
    Error error = outcome.error();
    if (is_cut(error) && !pipe_.error()) {
      auto suspected = co_await suspect();
      if (!suspected) co_return suspected;
    }
    co_return fail(std::move(error));
  }
  const UidSet repeated = outcome->repeated.intersected(wanted_);
  context_.tolerated(quirk::kBodyRepeated, repeated.size());
  repeated_ = repeated_.united(repeated);
  for (auto& refused : outcome->refused) {
    if (!worth_splitting(refused.error)) co_return fail(refused.error);
    refused.uids = refused.uids.intersected(wanted_).without(arrived());
    if (!refused.uids.empty()) refused_.push_back(std::move(refused));
  }
  co_return {};
}

/// The connection broke: whose fault it may be.
Task<Result<void>> FetchRun::suspect() {
  suspects_.cut(sink_.asked().intersected(wanted_), sink_.arrived(), context_.bodies);
  auto judged = co_await judge();
  co_return judged;
}

Task<Result<void>> FetchRun::judge() {
  suspects_.keep(missing());
  const Error why(ErrorKind::message, "the connection breaks whenever this message is asked for");
  while (const auto guilty = suspects_.take_guilty(context_.bodies)) {
    auto held = co_await quarantine(*guilty, why);
    if (!held) co_return held;
  }
  co_return {};
}

Task<Result<bool>> FetchRun::bisect() {
  while (!refused_.empty()) {
    if (quarantined_ >= kQuarantined) {
      Error error = refused_.back().error;
      co_return fail(std::move(error.scope(Scope::mailbox).retry(Retry::never)));
    }
    const auto refused = std::move(refused_.back());
    refused_.pop_back();
    if (refused.uids.size() == 1) {
      auto held = co_await quarantine(refused.uids.min(), refused.error);
      if (!held) co_return fail(held.error());
      continue;
    }
    for (UidSet& half : refused.uids.split((refused.uids.size() + 1) / 2)) {
      auto fetched = co_await fetch(std::move(half));
      if (!fetched) co_return fail(fetched.error());
    }
  }
  co_return true;
}

Task<Result<bool>> FetchRun::ask_alone() {
  const UidSet silent = missing();
  if (silent.empty()) co_return true;
  context_.tolerated(quirk::kMessageLeftOut, silent.size());
  std::vector<UidSet> alone = silent.split(1);
  const bool all = alone.size() <= kAskedAlone;
  if (!all) alone.resize(kAskedAlone);
  UidSet asked;
  for (const UidSet& one : alone) {
    asked.add(one.min());
    if (wanted_.size() == 1) break;  // it was alone the first time
    auto fetched = co_await fetch(one);
    if (!fetched) co_return fail(fetched.error());
  }
  auto bisected = co_await bisect();
  if (!bisected) co_return bisected;
  const UidSet ghosts = asked.without(arrived()).without(decided_);
  if (ghosts.empty()) co_return all;
  auto judged = co_await judge(ghosts);
  if (!judged) co_return fail(judged.error());
  co_return all;
}

/// Gone or withheld: gone only by a complete listing, as in any enumeration.
Task<Result<void>> FetchRun::judge(UidSet ghosts) {
  auto listings = co_await list_again(ghosts);
  if (!listings) co_return fail(listings.error());
  const UidSet gone = listings->gone_of(ghosts);
  const Error withheld(ErrorKind::message, "the server lists the message but does not hand it out");
  const Error unproved(ErrorKind::message,
                       "the message did not come when asked for, and a listing that is not complete leaves it out");
  for (const UidSet& one : ghosts.split(1)) {
    const Uid uid = one.min();
    if (!gone.contains(uid)) {
      auto held = co_await quarantine(uid, listings->last().uids.contains(uid) ? withheld : unproved);
      if (!held) co_return held;
      continue;
    }
    decided_.add(uid);
    auto cleared = co_await context_.quarantine.clear({mailbox_, uidvalidity_, uid}, Quarantine::Stage::fetch);
    if (!cleared) co_return cleared;
  }
  co_return {};
}

/// Until a listing is complete, a few times; each after an EXAMINE, so that the count is of the same moment.
Task<Result<Enumeration>> FetchRun::list_again(UidSet ghosts) {
  Enumeration::Facts facts;
  facts.held = std::move(ghosts);
  facts.view_limit = source_.features().view_limit;
  Enumeration listings(std::move(facts));
  for (int i = 0; i < kListings; ++i) {
    auto opened = co_await source_.open(name_, std::nullopt, UidSet(), context_.wait);
    if (!opened) co_return fail(opened.error());
    if (opened->status.uidvalidity != uidvalidity_) {
      co_return fail(ErrorKind::transient, "the mailbox was made anew while its messages were fetched");
    }
    auto uids = co_await source_.uids(context_.wait);
    if (!uids) co_return fail(uids.error());
    listings.add({std::move(*uids), opened->status.messages.value_or(0), opened->status.uidnext});
    if (listings.proof() == Enumeration::Proof::complete) break;
  }
  co_return listings;
}

Task<Result<void>> FetchRun::quarantine(Uid uid, const Error& why) {
  ++quarantined_;
  decided_.add(uid);
  Error error = why;
  error.at(uid_place(uid)).remedy("it is asked for again later; a mail program may be able to open or move it");
  auto put =
      co_await context_.quarantine.put({mailbox_, uidvalidity_, uid}, Quarantine::Stage::fetch, TargetId{}, error);
  co_return put;
}

Task<Result<void>> FetchRun::clear_arrived() {
  const auto held = context_.quarantine.held(mailbox_, uidvalidity_, Quarantine::Stage::fetch);
  const UidSet arrived = held.aside.united(held.due).intersected(this->arrived());
  if (arrived.empty()) co_return {};
  // A record may be all that makes a quiet mailbox be looked at again: it stays until the message is durable.
  auto durable = co_await pipe_.drain();
  if (!durable) co_return durable;
  for (const UidSet& one : arrived.split(1)) {
    auto cleared = co_await context_.quarantine.clear({mailbox_, uidvalidity_, one.min()}, Quarantine::Stage::fetch);
    if (!cleared) co_return cleared;
  }
  co_return {};
}

}  // namespace postern::sync
