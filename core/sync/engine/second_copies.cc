#include "core/sync/engine/second_copies.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "core/base/log.h"
#include "core/io/sleep.h"
#include "core/sync/planner/quirk.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kMostCopies = 16;  // of one message, that are looked for

}  // namespace

Task<Result<SecondCopies::Found>> SecondCopies::bind_found() {
  Found found;
  auto loaded = co_await reconcile_.doubts().load();
  if (!loaded) co_return fail(loaded.error());
  auto unbound = co_await reconcile_.doubts().unbound();
  if (!unbound) co_return fail(unbound.error());
  if (unbound->entries.empty()) co_return found;
  auto seen = co_await reconcile_.find(unbound->entries, unbound->first, Reconcile::Fate::unknown,
                                       reconcile_.doubts().reported());
  if (!seen && seen.error().scope() == Scope::mailbox) {
    for (const Entry& entry : unbound->entries) found.unclear.add(entry.place.uid);
    mailbox_.context().problem(Error(seen.error()).at(mailbox_.name().display()));
    co_return found;
  }
  if (!seen) co_return fail(seen.error());
  std::vector<Binding> bindings;
  for (const Match& match : seen->matches) {
    const Entry& entry = unbound->entries[match.wanted];
    const Candidate& there = seen->candidates[match.candidate];
    const FlagSet wanted = replayable(entry.flags, mailbox_.flag_support());
    bindings.push_back(mailbox_.binding(entry.place, there.uid, agreed_on_adoption(wanted, there.flags)));
    found.bound.add(entry.place.uid);
  }
  mailbox_.context().tolerated(quirk::kAlteredAppend, seen->altered);
  mailbox_.totals().appended += bindings.size();
  auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return fail(bound.error());
  co_return found;
}

Task<Result<void>> SecondCopies::report() {
  if (reconcile_.doubts().empty()) co_return {};
  auto waited = co_await wait_until_settled();
  if (!waited) co_return waited;
  auto looked = co_await look();
  // What cannot be compared stays in doubt, and holds nothing else up.
  if (!looked && looked.error().scope() != Scope::mailbox) co_return looked;
  if (!looked) log::info(mailbox_.context().options.account + ": " + looked.error().to_string());
  auto ended = co_await reconcile_.doubts().end_those_over();
  co_return ended;
}

Task<Result<void>> SecondCopies::wait_until_settled() {
  Context& context = mailbox_.context();
  const auto rest = reconcile_.doubts().latest() + context.options.settle - context.scheduler.wall();
  if (rest <= rest.zero()) co_return {};
  // A wall clock that went back must not stretch the wait.
  const auto pause = std::min<std::chrono::milliseconds>(rest, context.options.settle);
  auto slept = co_await sleep(context.scheduler, pause, context.wait);
  co_return slept;
}

Task<Result<void>> SecondCopies::look() {
  auto opened = co_await mailbox_.open();
  if (!opened) co_return opened;
  auto bound = co_await reconcile_.doubts().bound();
  if (!bound) co_return fail(bound.error());
  // As often as there may be a further copy.
  std::vector<Entry> wanted;
  std::vector<const Doubts::Bound*> whose;
  std::uint32_t first = UINT32_MAX;
  for (const Doubts::Bound& one : *bound) {
    const std::uint64_t copies = std::min(copies_left(one.doubt), kMostCopies);
    if (copies == 0) continue;
    wanted.insert(wanted.end(), copies, one.entry);
    whose.insert(whose.end(), copies, &one);
    first = std::min(first, one.doubt.target_uidnext);
  }
  if (wanted.empty()) co_return {};
  auto seen = co_await reconcile_.find(wanted, first, Reconcile::Fate::unknown, reconcile_.doubts().reported());
  if (!seen) co_return fail(seen.error());
  UidSet originals;
  for (const Match& match : seen->matches) originals.add(whose[match.wanted]->uid);
  auto there = co_await still_there(originals);
  if (!there) co_return fail(there.error());
  std::map<Place, UidSet> copies;
  for (const Match& match : seen->matches) {
    const Doubts::Bound& of = *whose[match.wanted];
    const Uid uid = seen->candidates[match.candidate].uid;
    // Where the one that is bound has gone, somebody moved it away, and perhaps back.
    if (there->contains(of.uid)) copies[of.entry.place].add(uid);
  }
  auto reported = co_await reconcile_.doubts().report(copies);
  co_return reported;
}

Task<Result<UidSet>> SecondCopies::still_there(UidSet uids) {
  UidSet there;
  if (uids.empty()) co_return there;
  auto shown = co_await mailbox_.target().flags(std::move(uids), std::nullopt, mailbox_.context().wait);
  if (!shown) co_return fail(shown.error());
  for (const FlagReport& one : *shown) there.add(one.uid);
  co_return there;
}

}  // namespace postern::sync
